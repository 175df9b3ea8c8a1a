internal import Diagnostics
internal import YAMLSyntax

/// A value on its way to a declaration: asked for as what it should be, it reports what it is not.
struct Value {
  let node: YAMLNode
  /// How messages call it: the key in backticks, or "an entry of" it.
  let name: String
  /// Where to point: the value, or its key where nothing is written.
  let range: SourceRange
  let report: Report

  init(_ node: YAMLNode, name: String, key: SourceRange, report: Report) {
    self.node = node
    self.name = name
    self.range = node.range.isEmpty ? key : node.range
    self.report = report
  }

  /// The scalar's own text, whatever it looks like; not nothing.
  func text() -> Text? {
    guard let scalar = node.scalar, !(scalar.style == .plain && scalar.text.isEmpty) else { return wrong("a text") }
    // An escape can write what the file itself cannot hold, and the system cuts paths there.
    guard !scalar.text.utf8.contains(0) else { return wrong("a text without U+0000") }
    return Text(scalar)
  }

  /// nil also where one entry is no text: what the list says is not known then.
  func texts() -> [Text]? {
    if let text = node.scalar, !text.isNull, !text.text.contains(" ") {
      return wrong("a list of texts", help: "write `[\(text.text)]`")
    }
    return complete(list("texts") { $0.text() })
  }

  func textOrTexts() -> [Text]? {
    if case .sequence = node.content { return texts() }
    return text().map { [$0] }
  }

  func number() -> Number? {
    guard let number = node.scalar?.double else { return wrong("a number") }
    return Number(value: number, range: range)
  }

  func scale() -> Scale? {
    if let number = node.scalar?.double { return Scale(value: number, range: range) }
    guard let text = node.scalar?.text else { return wrong("a number") }
    if text == "reciprocal" { return Scale(value: 1, isReciprocal: true, range: range) }
    let divided = "/value"
    guard text.hasSuffix(divided), let first = text.utf8.first, first &- 48 <= 9,
      let number = Double(text.dropLast(divided.count))
    else { return wrong("a number, `reciprocal`, or such as `1000/value`") }
    return Scale(value: number, isReciprocal: true, range: range)
  }

  func numbers() -> [Number]? {
    complete(list("numbers") { $0.number() })
  }

  private func complete<T>(_ list: [T]?) -> [T]? {
    guard case .sequence(let items) = node.content else { return nil }
    return list?.count == items.count ? list : nil
  }

  func integer(in bounds: ClosedRange<Int>) -> Int? {
    guard let scalar = node.scalar, let number = scalar.double, number == number.rounded() else {
      return wrong("a whole number")
    }
    guard let integer = scalar.int ?? Int(exactly: number), bounds.contains(integer) else {
      report.add(
        DecodingID.bounds,
        "\(name) has to be \(bounds.lowerBound) or more, and at most \(bounds.upperBound)",
        at: range
      )
      return nil
    }
    return integer
  }

  func boolean() -> Bool? {
    node.scalar?.bool ?? wrong("`true` or `false`")
  }

  /// Above 0; the bound keeps sums of durations far from overflow.
  func duration() -> Duration? {
    guard let text = text() else { return nil }
    guard let duration = DurationText.parse(text.value) else {
      let help = "write a number and its unit: `500ms 15s 5m 2h 14d`"
      report.add(DecodingID.duration, "`\(text.value)` is not a duration", at: text.range, help: help)
      return nil
    }
    guard duration > .zero, duration <= DurationText.longest else {
      report.add(DecodingID.bounds, "\(name) has to be above 0 and at most 3650d", at: text.range)
      return nil
    }
    return duration
  }

  func choice<T>(_ choices: [(name: String, value: T)]) -> T? {
    guard let text = text() else { return nil }
    if let choice = choices.first(where: { $0.name == text.value }) { return choice.value }
    let names = choices.map(\.name)
    report.add(
      DecodingID.choice,
      "\(name) cannot be `\(text.value)`",
      at: text.range,
      help: Synonyms.meaning(of: text.value, among: names).map { "that is called `\($0)` here" }
        ?? report.suggestion(for: text.value, among: names) ?? "it can be "
        + names.map { "`\($0)`" }.joined(separator: " ")
    )
    return nil
  }

  /// The entries that could be decoded; nil only where it is no list.
  func list<T>(_ what: String, _ body: (Value) -> T?) -> [T]? {
    guard case .sequence(let items) = node.content else { return wrong("a list of \(what)") }
    return items.compactMap { body(Value($0, name: "an entry of \(name)", key: range, report: report)) }
  }

  /// The entries that could be decoded, in order; nil only where it is no mapping.
  func map<T>(_ what: String, _ body: (Text, Value) -> T?) -> [T]? {
    mapping(of: what)?.entries.compactMap { entry in
      let key = Text(entry.key)
      return body(key, Value(entry.value, name: "`\(key.value)`", key: entry.key.range, report: report))
    }
  }

  func mapping(of what: String) -> YAMLMapping? {
    guard case .mapping(let mapping) = node.content else {
      return wrong("a mapping", help: listHelp ?? "write keys and values below it, or inside { }")
    }
    return mapping
  }

  /// For a list where names should stand as keys.
  private var listHelp: String? {
    guard case .sequence(let items) = node.content, let first = items.first else { return nil }
    switch first.content {
    case .mapping(let mapping):
      guard let name = mapping.entries.first(where: { $0.key.text == "name" })?.value.scalar else {
        return "remove the `- `: these are keys, not entries of a list"
      }
      return "write the name as a key, `\(name.text):`, and the rest below it, instead of `- name: \(name.text)`"
    case .scalar(let scalar): return "write `\(scalar.text): …`, instead of an entry of a list"
    case .sequence: return nil
    }
  }

  var isNull: Bool { node.scalar?.isNull ?? false }

  var isMapping: Bool {
    if case .mapping = node.content { true } else { false }
  }

  var isSequence: Bool {
    if case .sequence = node.content { true } else { false }
  }

  /// Reports that something else is wanted here.
  func wrong<T>(_ wanted: String, help: String? = nil) -> T? {
    let found =
      switch node.content {
      case .mapping: "a mapping"
      case .sequence: "a list"
      case .scalar(let scalar) where scalar.isNull: "nothing"
      case .scalar(let scalar) where scalar.double != nil: "`\(scalar.text)`"
      case .scalar(let scalar): "the text `\(scalar.text)`"
      }
    report.add(
      DecodingID.type,
      "\(name) wants \(wanted), not \(found)",
      at: range,
      help: commentHelp ?? help ?? quotesHelp(wanted)
    )
    return nil
  }

  private var looksLikeBraces: Bool {
    if case .mapping(let mapping) = node.content { mapping.isFlow } else { false }
  }

  /// For a value of which nothing is left because it begins with a `#`.
  private var commentHelp: String? {
    guard isNull, node.range.isEmpty else { return nil }
    let rest = report.source.bytes[range.end...].prefix { $0 != 0x0A && $0 != 0x0D }
    guard rest.drop(while: { ": \t".utf8.contains($0) }).first == UInt8(ascii: "#") else { return nil }
    return "`#` begins a comment: put the text in quotes"
  }

  private func quotesHelp(_ wanted: String) -> String? {
    if looksLikeBraces, wanted == "a text" { return "text with braces wants quotes: \"{name}\"" }
    if let scalar = node.scalar, scalar.style == .quoted, wanted.contains("number") {
      return "write it without quotes"
    }
    return nil
  }
}
