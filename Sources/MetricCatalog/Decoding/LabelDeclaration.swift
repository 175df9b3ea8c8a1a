internal import Diagnostics
internal import MetricModel
internal import YAMLSyntax

/// A label as written in `labels:`.
struct LabelDeclaration {
  enum Values {
    case list([Text])
    case range(ClosedRange<Int>)
  }

  var name: Text
  var help: Key<Text> = .absent
  var values: Key<Values> = .absent
  var maxValues: Key<Int> = .absent
  var otherwise: Key<Text> = .absent
  var evict: Key<Bool> = .absent
  var named: Key<[(said: Text, value: Text)]> = .absent
  /// Something about it could not be read: nothing may be concluded from what is missing.
  var isBroken = false

  init(name: Text, _ value: Value) {
    self.name = name
    guard var reader = MappingReader(value, what: "label `\(name.value)`", owner: name.range) else {
      isBroken = true
      return
    }
    help = reader.key("help") { $0.text() }
    values = reader.key("values") { Self.values($0) }
    maxValues = reader.key("max_values") { $0.integer(in: 1...CatalogDeclaration.countMax) }
    otherwise = reader.key("otherwise") { $0.text() }
    evict = reader.key("evict") { $0.choice([("oldest", true)]) }
    named = reader.key("named") { $0.map("texts") { said, value in value.text().map { (said, $0) } } }
    let isMeant = reader.finish()
    isBroken = ["values", "max_values"].contains { isMeant($0) }
  }

  private static func values(_ value: Value) -> Values? {
    guard let scalar = value.node.scalar, !scalar.isNull else { return value.texts().map { .list($0) } }
    let text = scalar.text
    if let dots = text.range(of: ".."), let low = Int(text[..<dots.lower]), let high = Int(text[dots.upper...]) {
      if low <= high, high.subtractingReportingOverflow(low).partialValue >= 0 { return .range(low...high) }
      value.report.add(
        DecodingID.range,
        low <= high
          ? "the range `\(text)` is wider than 64 bits"
          : "the range `\(text)` is empty: its end is below its beginning",
        at: value.range
      )
      return nil
    }
    let help = "write a list of texts `[a, b]` or a range of integers `0..99`"
    value.report.add(DecodingID.range, "`\(text)` is neither a list nor a range", at: value.range, help: help)
    return nil
  }

  /// Whether a source may say this text, by the rule that holds at run time (`named` and `otherwise` included); nil:
  /// not known.
  func allows(_ text: String) -> Bool? {
    guard !isBroken, !named.isBroken, !values.isBroken, !otherwise.isBroken else { return nil }
    return Resolver.label(self).value(for: text) != nil
  }

  static func contains(_ values: Values, _ text: String) -> Bool {
    switch values {
    case .list(let list): list.contains { $0.value == text }
    case .range(let range): Int(text).map(range.contains) ?? false
    }
  }
}

extension String {
  /// The first place of `text`; without Foundation.
  fileprivate func range(of text: String) -> (lower: String.Index, upper: String.Index)? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(text) { return (index, self.index(index, offsetBy: text.count)) }
      index = self.index(after: index)
    }
    return nil
  }
}
