/// What a fuzzer feeds: bytes go in, and whatever they are, nothing traps, hangs or breaks a promise. The fuzzer and the
/// test that replays the corpora enter here alike.
///
/// A further target is one file, one line here, and a folder in `Fuzz/Corpus`.
package struct FuzzTarget: Sendable, CustomStringConvertible {
  package static let all: [FuzzTarget] = [
    .accept, .address, .catalog, .document, .events, .frames, .log, .nvml, .pattern, .proc, .promql, .request,
    .request2, .state, .webConfig,
  ]

  package let name: String
  package let run: @Sendable ([UInt8]) -> Void
  package var description: String { name }

  init(_ name: String, run: @escaping @Sendable ([UInt8]) -> Void) {
    (self.name, self.run) = (name, run)
  }
}

extension [UInt8] {
  /// What stands before the first byte of this value, and what stands behind it.
  func parted(by separator: UInt8) -> (head: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
    guard let place = firstIndex(of: separator) else { return (self[...], []) }
    return (self[..<place], self[(place + 1)...])
  }
}

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
}
