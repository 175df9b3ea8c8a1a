/// The pairs of lines as nearly all programs write them: words between blanks, and in some of them one separator of one
/// character behind the key, such as `loss=0.5 lr=0.1` and `loss: 0.5, lr: 0.1`. What such a line says needs no search:
/// it is read once from its beginning to its end.
struct PlainPairs: Sendable, Hashable {
  private let separator: UInt8
  /// Whether it is a separator only with a blank behind it.
  private let wantsBlank: Bool

  /// nil where the separator is not of that kind.
  init?(separator: String) {
    let bytes = Array(separator.utf8)
    guard let first = bytes.first, !LineLiterals.isBlank(first), bytes.dropFirst().allSatisfy(LineLiterals.isBlank)
    else { return nil }
    self.separator = first
    wantsBlank = bytes.count > 1
  }

  /// Finds the pairs of a line.
  ///
  /// - Parameter pairs: gets the pairs in the order of the line.
  /// - Returns: whether it is such a line. If it is not, some of its pairs may have been added.
  func find(in line: UnsafeRawBufferPointer, into pairs: inout [PairPattern.Pair]) -> Bool {
    var at = skipBlanks(line, from: 0)
    while at < line.count {
      let key = at
      at = skipWord(line, from: at)
      if at < line.count, isSeparator(line, at) {
        // Its key may be the word before, or it is a part of a value.
        guard at > key else { return false }
        let value = skipBlanks(line, from: at + 1)
        let end = skipWord(line, from: value)
        if end < line.count, isSeparator(line, end) { return false }
        if value < end {
          // `loss: 0.5, lr: 0.1`
          let isPart = end - value > 1 && PairPattern.endsPart(line[end - 1])
          pairs.append(PairPattern.Pair(key: key..<at, value: value..<(isPart ? end - 1 : end)))
        }
        at = end
      }
      at = skipBlanks(line, from: at)
    }
    return true
  }

  @inline(__always)
  private func isSeparator(_ line: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    line[at] == separator && (!wantsBlank || at + 1 < line.count && LineLiterals.isBlank(line[at + 1]))
  }

  /// Where the next blank or separator stands.
  @inline(__always)
  private func skipWord(_ line: UnsafeRawBufferPointer, from start: Int) -> Int {
    var at = start
    while at < line.count, !LineLiterals.isBlank(line[at]), !isSeparator(line, at) { at += 1 }
    return at
  }

  @inline(__always)
  private func skipBlanks(_ line: UnsafeRawBufferPointer, from start: Int) -> Int {
    var at = start
    while at < line.count, LineLiterals.isBlank(line[at]) { at += 1 }
    return at
  }
}
