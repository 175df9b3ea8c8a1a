/// The kernel's list of CPU numbers: `0-3,8,10-11`. Pure.
enum CPUList {
  /// How many there are; nil: it is no such list.
  static func count(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var count = 0
    var scanner = ByteScanner(bytes)
    guard let list = scanner.word() else { return nil }
    for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let ends = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard ends.count <= 2, let low = ends.first.flatMap({ ByteScanner.integer($0) }),
        let high = ends.last.flatMap({ ByteScanner.integer($0) }), low <= high, high < Self.numberMax
      else { return nil }
      count += Int(high - low) + 1
      guard count <= Int(numberMax) else { return nil }
    }
    return count
  }

  /// Far more than Linux can have (8192), so that nothing overflows.
  private static let numberMax: UInt64 = 1 << 20
}
