/// A place in the bytes of a record, and where these end. What scans a piece moves it behind that.
struct ByteCursor {
  var at: BytePointer
  let end: BytePointer

  @inline(__always)
  init(_ start: BytePointer, end: BytePointer) {
    at = start
    self.end = end
  }

  @inline(__always)
  var isAtEnd: Bool { at >= end }

  /// Whether it stands at this byte.
  @inline(__always)
  func isAt(_ byte: UInt8) -> Bool { at < end && at.pointee == byte }

  /// Moves behind this byte, if it stands at it.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard isAt(byte) else { return false }
    at += 1
    return true
  }

  /// Moves to the first byte for which this does not hold.
  @inline(__always)
  mutating func skip(while holds: (UInt8) -> Bool) {
    while at < end, holds(at.pointee) { at += 1 }
  }

  /// Moves behind blanks, TABs and line ends.
  @inline(__always)
  mutating func skipBlanks() {
    while at < end, at.pointee <= 0x20 {
      switch at.pointee {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }
}
