/// Parses `NAME` and `NAME{label="value", …}`. It does not know which names exist.
struct TargetParser {
  private let text: Text
  private let bytes: [UInt8]
  private var index = 0

  /// What is wrong, and where in the text.
  private struct Mistake: Error {
    var message: String
    var range: Range<Int>
    var help: String?
  }

  /// The texts that are targets, as a regular expression of ECMA-262.
  static let expression: String = {
    let (blanks, word) = (#"[ \t]*"#, #"[^ \t{}=,"]+"#)
    let label = #"\#(word)\#(blanks)=\#(blanks)"([^"\\]|\\[\s\S])*"\#(blanks)"#
    let labels = #"\{\#(blanks)(\#(label)(,\#(blanks)\#(label))*(,\#(blanks))?)?\}\#(blanks)"#
    return "^\(word)\(blanks)(\(labels))?$"
  }()

  /// nil: it is none, which is reported.
  static func parse(_ text: Text, _ report: Report) -> TargetDeclaration? {
    var parser = TargetParser(text: text)
    do throws(Mistake) {
      return try parser.target()
    } catch {
      let help = error.help ?? "write `NAME` or `NAME{label=\"value\"}`"
      report.add(DecodingID.target, error.message, at: text.range(of: error.range), help: help)
      return nil
    }
  }

  private init(text: Text) {
    self.text = text
    bytes = Array(text.value.utf8)
  }

  private mutating func target() throws(Mistake) -> TargetDeclaration {
    let name = word()
    guard !name.value.isEmpty else { throw mistake("a metric's name is wanted here") }
    skipBlanks()
    var labels: [TargetDeclaration.Label] = []
    guard index < bytes.count else { return TargetDeclaration(metric: name, labels: labels) }
    let open = index
    guard take("{") else { throw mistake("`{` or the end is wanted here") }
    skipBlanks()
    while !take("}") {
      guard index < bytes.count else {
        throw Mistake(message: "this `{` has no `}`", range: open..<open + 1)
      }
      labels.append(try label())
      skipBlanks()
      if take(",") {
        skipBlanks()
      } else if index < bytes.count, bytes[index] != UInt8(ascii: "}") {
        throw mistake("`,` or `}` is wanted here")
      }
    }
    skipBlanks()
    guard index == bytes.count else {
      throw Mistake(message: "nothing can follow the `}`", range: index..<bytes.count)
    }
    return TargetDeclaration(metric: name, labels: labels)
  }

  private mutating func label() throws(Mistake) -> TargetDeclaration.Label {
    let name = word()
    guard !name.value.isEmpty else { throw mistake("a label's name is wanted here") }
    skipBlanks()
    guard take("=") else { throw mistake("`=` is wanted after the label `\(name.value)`") }
    skipBlanks()
    let value = try quoted(label: name.value)
    return TargetDeclaration.Label(name: name, text: PatternText(value, allowsAdjacentCaptures: true))
  }

  private mutating func quoted(label: String) throws(Mistake) -> Text {
    let open = index
    guard take("\"") else {
      throw mistake("the value of label `\(label)` wants double quotes", help: "write \(label)=\"value\"")
    }
    var value: [UInt8] = []
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
        index += 1
        value.append(bytes[index] == UInt8(ascii: "n") ? 0x0A : bytes[index])
      } else {
        value.append(bytes[index])
      }
      index += 1
    }
    guard take("\"") else {
      throw Mistake(message: "this text has no closing `\"`", range: open..<bytes.count)
    }
    let content = open + 1..<index - 1
    let isVerbatim = content.count == value.count
    let start = text.verbatimStart.flatMap { isVerbatim ? $0 + content.lowerBound : nil }
    let range = text.range(of: content.isEmpty ? open..<index : content)
    return Text(String(decoding: value, as: UTF8.self), range: range, verbatimStart: start)
  }

  /// A name: everything up to a blank or a character of the syntax. Whether it is a good one is for the rules.
  private mutating func word() -> Text {
    let start = index
    while index < bytes.count, !" \t{}=,\"".utf8.contains(bytes[index]) { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    return Text(word, range: text.range(of: start..<index), verbatimStart: text.verbatimStart.map { $0 + start })
  }

  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// At the character that stands where something else is wanted.
  private func mistake(_ message: String, help: String? = nil) -> Mistake {
    var end = min(index + 1, bytes.count)
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    return Mistake(message: message, range: min(index, bytes.count)..<end, help: help)
  }
}
