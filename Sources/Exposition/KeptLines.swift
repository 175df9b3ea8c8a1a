/// How long a line of a page (or message) is.
struct LineLength: Equatable {
  /// Up to its value: what never changes.
  var head: UInt16
  /// The value, and what may follow it.
  var rest: UInt16

  /// Of one that a series has not now.
  static let notExposed = LineLength(head: 0, rest: 0)
}

/// The lengths of a page's lines (or messages), as they are written.
struct LineLengths {
  private var all: [LineLength] = []
  private var areKept = true

  mutating func begin(capacity: Int) {
    all.removeAll(keepingCapacity: true)
    all.reserveCapacity(capacity)
    areKept = true
  }

  @inline(__always)
  mutating func append(head: Int, rest: Int) {
    guard let head = UInt16(exactly: head), let rest = UInt16(exactly: rest) else {
      areKept = false
      return
    }
    all.append(LineLength(head: head, rest: rest))
  }

  mutating func appendNotExposed() { all.append(.notExposed) }

  /// Without the room that growing left; none where one is longer than 64 KiB.
  var kept: [LineLength] {
    guard areKept else { return [] }
    return [LineLength](unsafeUninitializedCapacity: all.count) { buffer, count in
      count = buffer.initialize(fromContentsOf: all)
    }
  }
}

/// Walks the lines (or messages) that a page had when it was rendered last.
struct KeptLines {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let lengths: UnsafeBufferPointer<LineLength>
  private var line = 0
  private var start = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ lengths: UnsafeBufferPointer<LineLength>) {
    (self.bytes, self.lengths) = (bytes, lengths)
  }

  /// What stands before the value of the next line; nil: it was not there.
  @inline(__always)
  mutating func nextHead() -> UnsafeBufferPointer<UInt8>? {
    guard line < lengths.count else { return nil }
    let length = lengths[line]
    line += 1
    guard length != .notExposed else { return nil }
    let head = UnsafeBufferPointer(rebasing: bytes[start..<start + Int(length.head)])
    start += Int(length.head) + Int(length.rest)
    return head
  }
}
