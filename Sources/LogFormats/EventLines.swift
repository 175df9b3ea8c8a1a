package import StateStore

/// Cuts an events file into lines. A line without its end is none: what a writer that was killed left of it says nothing.
package struct EventLines {
  /// A longer line is left out, and counts as malformed.
  package static let lineBytesMax = 64 << 10

  private var cutter = LineCutter(lineBytesMax: lineBytesMax, lineEnd: LineCutter.newline)

  package init() {}

  /// Hands over line by line; nil for one that is none of the format.
  ///
  /// - Returns: how many bytes were taken.
  package mutating func read(_ bytes: UnsafeRawBufferPointer, _ body: (borrowing EventLine?) -> Void) -> Int {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
    let end = start + bytes.count
    var at = start
    while at < end {
      switch cutter.step(from: at, end: end, isClosed: false) {
      case .line(let lineEnd, let next):
        let text = ByteScan.trimmed(from: ByteScan.skippingMark(from: at, to: lineEnd), to: lineEnd)
        if text.start < text.end { body(EventLine(from: text.start, to: text.end)) }
        at = next
      case .tooLong(let next):
        body(nil)
        at = next
      case .skipped(let next):
        at = next
      case .unfinished:
        return at - start
      }
    }
    return at - start
  }

  package func encode(into encoder: inout StateEncoder) { encoder.encode(cutter.isInsideLongLine) }

  package mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    cutter.isInsideLongLine = try decoder.decode()
  }
}
