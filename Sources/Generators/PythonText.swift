/// Texts as Python writes them.
enum PythonText {
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch (scalar, scalar.properties.generalCategory) {
      case ("\"", _): result += "\\\""
      case ("\\", _): result += "\\\\"
      case ("\n", _): result += "\\n"
      // None of these shows in an editor.
      case (_, .control), (_, .format), (_, .lineSeparator), (_, .paragraphSeparator):
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  static func tuple(_ items: [String]) -> String {
    "(\(items.joined(separator: ", "))\(items.count == 1 ? "," : ""))"
  }

  static func dictionary(_ items: [(key: String, value: String)]) -> String {
    "{\(items.map { "\(literal($0.key)): \(literal($0.value))" }.joined(separator: ", "))}"
  }
}

/// Gives what has a name in a catalog a name in Python: the same, or one with an underscore behind it where Python has
/// that word itself or something else has the name.
struct PythonNames {
  private var taken: Set<String>

  init(taken: Set<String>) {
    self.taken = taken
  }

  mutating func name(for wanted: String) -> String {
    // Names that begin with an underscore are the module's own.
    var name = (wanted.hasPrefix("_") ? "m" : "") + wanted.replacing(":", with: "_")
    while Self.keywords.contains(name) || !taken.insert(name).inserted { name += "_" }
    return name
  }

  /// Whether it can stand in a program as it is.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return !keywords.contains(text) && !text.hasPrefix("_") && !text.contains(":")
  }

  /// The names that a source defines at its outermost level.
  static func defined(in source: String) -> Set<String> {
    var names: Set<String> = []
    for line in source.split(separator: "\n") {
      guard let first = line.utf8.first, first != UInt8(ascii: " "), first != UInt8(ascii: "#") else { continue }
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      guard let word = words.first else { continue }
      names.insert(String(["def", "class", "async"].contains(word) ? words.dropFirst().first ?? word : word))
    }
    return names
  }

  static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
  ]

  /// What the module itself uses of Python's own functions and types.
  static let builtins: Set<String> = [
    "AttributeError", "BaseException", "Exception", "GeneratorExit", "ImportError", "IndexError", "KeyError", "OSError",
    "OverflowError", "RuntimeError", "StopAsyncIteration", "StopIteration", "TypeError", "ValueError", "abs", "bool",
    "callable", "classmethod", "dict", "float", "frozenset", "getattr", "globals", "hasattr", "id", "int", "isinstance",
    "issubclass", "iter", "len", "list", "map", "max", "min", "next", "object", "property", "range", "repr", "round",
    "set", "setattr", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "zip",
  ]
}
