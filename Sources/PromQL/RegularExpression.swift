/// Looks at a regular expression of a matcher as RE2 would: whether it is one, and whether it matches the empty text.
///
/// It knows no tables of Unicode: a class such as `\p{Greek}` is taken whatever its name is. The text is gone through
/// once, and groups are kept on a stack of their own, so that no text is too deep.
/// <https://github.com/google/re2/wiki/Syntax>
struct RegularExpression {
  /// What is wrong with an expression.
  struct Fault: Error {
    /// Such as `a group is not closed`.
    var message: String
  }

  /// A part of an expression.
  struct Piece {
    var matchesEmpty: Bool
    /// How often the part most often repeated is repeated.
    var repetitions: Int = 1
  }

  /// An open group, or the whole: the alternatives before, and the one being read.
  struct Level {
    var alternativeMatchesEmpty = false
    var matchesEmpty = true
    var repetitions = 1
    var last: Piece?
    /// Whether the last piece ends with `*`, `+`, `?` or `{…}`.
    var isRepeated = false

    mutating func flush() {
      if let last {
        matchesEmpty = matchesEmpty && last.matchesEmpty
        repetitions = max(repetitions, last.repetitions)
      }
      last = nil
      isRepeated = false
    }

    mutating func add(_ piece: Piece) {
      flush()
      last = piece
    }

    mutating func endAlternative() {
      flush()
      alternativeMatchesEmpty = alternativeMatchesEmpty || matchesEmpty
      matchesEmpty = true
    }

    mutating func finish() -> Piece {
      endAlternative()
      return Piece(matchesEmpty: alternativeMatchesEmpty, repetitions: repetitions)
    }
  }

  /// The most groups in each other, as in Go.
  static let depthMax = 1000
  /// The most repetitions, also of one repetition in another, as in RE2.
  private static let repetitionsMax = 1000

  let bytes: [UInt8]
  /// The next byte to look at.
  var at = 0
  /// The open groups, the innermost last; the first is the whole.
  var levels = [Level()]

  /// Whether the expression matches the empty text.
  static func matchesEmpty(_ bytes: [UInt8]) throws(Fault) -> Bool {
    var expression = RegularExpression(bytes)
    return try expression.read()
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func read() throws(Fault) -> Bool {
    guard StringText.invalidUTF8(bytes[...]) == nil else { throw Fault(message: "it is no UTF-8") }
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "("): try open()
      case UInt8(ascii: ")"):
        guard levels.count > 1, var level = levels.popLast() else { throw Fault(message: "`)` closes no group") }
        let piece = level.finish()
        levels[levels.count - 1].add(piece)
      case UInt8(ascii: "|"): levels[levels.count - 1].endAlternative()
      case UInt8(ascii: "*"): try repeated("*", minimum: 0, most: 0)
      case UInt8(ascii: "+"): try repeated("+", minimum: 1, most: 0)
      case UInt8(ascii: "?"): try repeated("?", minimum: 0, most: 0)
      case UInt8(ascii: "{"):
        if let (minimum, maximum) = bounds() {
          guard minimum <= Self.repetitionsMax, (maximum ?? 0) <= Self.repetitionsMax else {
            throw Fault(message: "it repeats something more than \(Self.repetitionsMax) times")
          }
          guard maximum.map({ $0 >= minimum }) ?? true else {
            throw Fault(message: "the second number in `{…}` is smaller than the first")
          }
          try repeated("{…}", minimum: minimum, most: maximum ?? minimum)
        } else {
          add(matchesEmpty: false)
        }
      case UInt8(ascii: "["):
        try skipClass()
        add(matchesEmpty: false)
      case UInt8(ascii: "^"), UInt8(ascii: "$"): add(matchesEmpty: true)
      case UInt8(ascii: "\\"): try escape()
      // The bytes of one character are one piece, so that what follows repeats them all.
      case 0x80..<0xc0: break
      default: add(matchesEmpty: false)
      }
    }
    guard levels.count == 1 else { throw Fault(message: "`)` is missing at the end of a group") }
    return levels[0].finish().matchesEmpty
  }

  mutating func add(matchesEmpty: Bool) {
    levels[levels.count - 1].add(Piece(matchesEmpty: matchesEmpty))
  }

  private mutating func repeated(_ sign: String, minimum: Int, most: Int) throws(Fault) {
    let top = levels.count - 1
    guard var piece = levels[top].last else { throw Fault(message: "there is nothing that `\(sign)` could repeat") }
    guard !levels[top].isRepeated else { throw Fault(message: "`\(sign)` repeats a repetition") }
    // `?` behind it only says that the shortest text is taken.
    if at < bytes.count, bytes[at] == UInt8(ascii: "?") { at += 1 }
    if minimum == 0 { piece.matchesEmpty = true }
    piece.repetitions *= max(1, most)
    guard piece.repetitions <= Self.repetitionsMax else {
      throw Fault(message: "it repeats something more than \(Self.repetitionsMax) times")
    }
    levels[top].last = piece
    levels[top].isRepeated = true
  }

  /// The numbers of `{2}`, `{2,}` or `{2,5}` behind its brace; nil if it is something else, whose brace is a character.
  private mutating func bounds() -> (Int, Int?)? {
    var index = at
    func number() -> Int? {
      let digits = bytes[index...].prefix(while: \.isDigit)
      guard !digits.isEmpty, digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
      index = digits.endIndex
      // More digits than these are too many anyway.
      return Int(String(decoding: digits.prefix(8), as: UTF8.self))
    }
    guard let minimum = number(), index < bytes.count else { return nil }
    var maximum: Int? = minimum
    if bytes[index] == UInt8(ascii: ",") {
      index += 1
      maximum = nil
      if index < bytes.count, bytes[index] != UInt8(ascii: "}") {
        guard let second = number() else { return nil }
        maximum = second
      }
    }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "}") else { return nil }
    at = index + 1
    return (minimum, maximum)
  }
}
