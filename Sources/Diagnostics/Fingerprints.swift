/// Names diagnostics from run to run, so that a service can tell an old one from a new one: by the rule, the file, and
/// what stands at the place. Lines above it may come and go, and messages may get better words.
struct Fingerprints {
  /// A line that is longer is machine-made: then only the place itself counts.
  private static let lineBytesMax = 1 << 10

  /// Equal ones in one file are told apart by their order.
  private var counts: [UInt64: Int] = [:]

  /// - Parameter path: the file's, from the top of the repository.
  /// - Returns: 16 hexadecimal digits, a colon, and the number among those that are equal, from 1.
  mutating func fingerprint(of diagnostic: Diagnostic, in source: SourceFile, path: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in [Array(diagnostic.id.utf8)[...], Array(path.utf8)[...]] + Self.texts(of: diagnostic.range, in: source) {
      // FNV-1a; a byte that UTF-8 never has parts the parts.
      for byte in part + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    let count = counts[hash, default: 0] + 1
    counts[hash] = count
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits + ":\(count)"
  }

  /// The line of the range's beginning without blanks around it, and the range itself.
  private static func texts(of range: SourceRange?, in source: SourceFile) -> [ArraySlice<UInt8>] {
    guard let range else { return [] }
    let start = min(range.start, source.bytes.count)
    let marked = source.bytes[start..<min(max(range.end, start), start + lineBytesMax, source.bytes.count)]
    let line = source.byteRange(ofLine: source.position(ofByte: start).line)
    guard line.count <= lineBytesMax else { return [marked] }
    let text = source.bytes[line]
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    guard let last = text.lastIndex(where: { !isBlank($0) }) else { return [marked] }
    return [text[...last].drop(while: isBlank), marked]
  }
}
