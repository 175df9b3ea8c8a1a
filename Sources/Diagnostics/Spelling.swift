/// Finds what someone probably meant to write, for a suggestion in a message.
public enum Spelling {
  /// Names longer than this are not compared: the cost grows with the product of two lengths.
  static let lengthMax = 64

  /// The candidate that is closest to a text.
  ///
  /// Insertions, deletions, replacements and swaps of neighbours are counted, without regard to the case of ASCII
  /// letters. A candidate is close if they are at most a third of the longer text's bytes, or one, and fewer than the
  /// bytes of the shorter text. Of equally close ones the first wins. Texts of more than 64 bytes are not compared.
  ///
  /// - Returns: the candidate; nil if none is close. `text` itself is never the answer.
  public static func closest(to text: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(text.utf8)
    guard !wanted.isEmpty, wanted.count <= lengthMax else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != text {
      let bytes = Array(candidate.utf8)
      let allowed = min(max(max(wanted.count, bytes.count) / 3, 1), (best?.distance ?? Int.max) - 1)
      guard !bytes.isEmpty, bytes.count <= lengthMax, abs(bytes.count - wanted.count) <= allowed else { continue }
      let distance = distance(lowercased(wanted), lowercased(bytes))
      if distance <= allowed, distance < min(wanted.count, bytes.count) { best = (candidate, distance) }
    }
    return best?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1]
      current.reserveCapacity(b.count + 1)
      for j in 0..<b.count {
        var cost = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[b.count]
  }

  private static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}
