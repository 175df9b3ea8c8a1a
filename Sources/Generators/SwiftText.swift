/// Texts as Swift writes them.
enum SwiftText {
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where isInvisible(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  static func list(_ items: [String]) -> String { "[\(items.joined(separator: ", "))]" }

  /// A documentation comment of one line, whatever the text has.
  static func comment(_ text: String) -> String {
    let line = String(String.UnicodeScalarView(text.unicodeScalars.map { isInvisible($0) ? " " : $0 }))
    return "/// \(line.split(separator: " ").joined(separator: " "))\n"
  }

  /// What a reader does not see, and what ends a line or turns its direction.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

/// Gives what has a name in a catalog a name in Swift, each of its scope another one.
struct SwiftNames {
  private var taken: Set<String>

  /// - Parameter taken: what the names must not be.
  init(taken: Set<String>) { self.taken = taken }

  /// Names in the order of what they are for. Whoever has a name alone gets it; of several that would get one, all but the
  /// first have `suffix` behind it, or a number.
  ///
  /// - Parameter suffix: what is put behind a name that something else has.
  mutating func names(for wanted: [String], suffix: String = "") -> [String] {
    var counts: [String: Int] = [:]
    for name in wanted { counts[name, default: 0] += 1 }
    var names = wanted.map { counts[$0] == 1 && taken.insert($0).inserted ? $0 : nil }
    for position in wanted.indices where names[position] == nil {
      var name = wanted[position]
      if taken.contains(name) { name += suffix }
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(wanted[position])\(suffix)_\(number)"
        number += 1
      }
      names[position] = name
    }
    return names.compactMap { $0 }
  }

  /// `images_processed_total` is `imagesProcessedTotal`, `0.5` is `_0_5`, `GET` is `get`, and `-1` is `minus1`.
  static func lowerCamelCase(_ text: String) -> String {
    let words = words(text)
    guard let first = words.first else { return "value" }
    let isCapital = first == first.uppercased()
    let start = isCapital ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
    return joined([start] + words.dropFirst().map(capitalized))
  }

  /// `images_processed_total` is `ImagesProcessedTotal`.
  static func upperCamelCase(_ text: String) -> String {
    let words = words(text)
    return words.isEmpty ? "Value" : joined(words.map(capitalized))
  }

  /// A name where a program has to write it so that it is no keyword.
  static func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

  private static func capitalized(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }

  private static func words(_ text: String) -> [String] {
    let words = text.split { character in
      !character.unicodeScalars.allSatisfy { $0.isASCII ? $0.properties.isAlphabetic || isDigit($0) : isLetter($0) }
    }
    let isNegative = text.hasPrefix("-") && (text.dropFirst().unicodeScalars.first.map(isDigit) ?? false)
    return (isNegative ? ["minus"] : []) + words.map(String.init)
  }

  /// No digit follows one of another word without a sign between them, and none comes first.
  private static func joined(_ words: [String]) -> String {
    words.reduce("") { name, word in
      guard let first = word.unicodeScalars.first, isDigit(first) else { return name + word }
      return name + (name.unicodeScalars.last.map(isDigit) ?? true ? "_" : "") + word
    }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter: true
    default: false
    }
  }

  /// Words that are names between backticks. `self` and `init` are none even there, where they stand behind a dot.
  static let keywords: Set<String> = [
    "Any", "Self", "actor", "as", "associatedtype", "async", "await", "borrowing", "break", "case", "catch", "class",
    "consuming", "continue", "default", "defer", "deinit", "do", "else", "enum", "extension", "fallthrough", "false",
    "fileprivate", "for", "func", "guard", "if", "import", "in", "inout", "internal", "is", "let", "nil", "open",
    "operator", "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "static", "struct",
    "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]
}
