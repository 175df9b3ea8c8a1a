internal import Diagnostics
internal import Exposition

/// A JSON text that is written as bytes: for documents of many numbers, of which no values are made first.
struct JSONBytes {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func write(_ value: JSON) { bytes.append(contentsOf: value.line.utf8) }

  /// An array; what is not finite is null.
  mutating func write(_ numbers: [Double]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: FloatText.bytesMax) { room in
      guard let start = room.baseAddress else { return }
      bytes.append(UInt8(ascii: "["))
      for (place, number) in numbers.enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        guard number.isFinite else {
          bytes.append(contentsOf: "null".utf8)
          continue
        }
        var cursor = start
        FloatText.write(number, at: &cursor)
        bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: cursor - start))
      }
      bytes.append(UInt8(ascii: "]"))
    }
  }
}
