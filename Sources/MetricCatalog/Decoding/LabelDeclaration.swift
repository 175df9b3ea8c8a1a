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
  var allow: Key<[Text]> = .absent
  /// Something about it could not be read: nothing may be concluded from what is missing.
  var isBroken = false

  static let keys: [KeyDeclaration<Self, LabelDescriptor>] = [
    .init("help", \.help, .text, help: "text, for readers of the catalog").notDeciding { $0.help = nil },
    .init(
      "values",
      \.values,
      ValueForm(.either([.list(.text), .matching(#"^[+-]?[0-9]+\.\.[+-]?[0-9]+$"#)])) { values($0) },
      help: """
        the values that are allowed: a list of texts, or a range of integers `FROM..TO`, both included. In a range `7`, \
        `7.0` and `007` are the value `7`
        """
    ),
    .init(
      "max_values",
      \.maxValues,
      .integer(in: 1...CatalogDeclaration.countMax),
      help: "how many distinct values may exist at a time, counted over all metrics that have the label"
    ).notDeciding { $0.maxValues = nil },
    .init(
      "otherwise",
      \.otherwise,
      .text,
      help: "one of `values`, which replaces every text that is not allowed. Without it such a text is rejected"
    ),
    .init(
      "evict",
      \.evict,
      .choice([("oldest", true)]),
      help: """
        `oldest`: when `max_values` is reached, a new value takes the place of the oldest one, whose series end. The age \
        of a value is the time at which the log of its last record was written; a value that comes from a log's path is \
        as old as the last change of that log, whatever its records say. A new value that is older than all existing \
        ones gets no place. Without `evict` every new value is rejected
        """
    ).notDeciding { $0.evictsOldest = false },
    .init(
      "named",
      \.named,
      .map("texts", .text) { (said: $0, value: $1) },
      help: "text in the log ► one of `values`, which is shown instead"
    ),
    .init(
      "allow",
      \.allow,
      .waivers,
      help: "[warnings and notes that are not to be reported](#waivers) about this label"
    ).notDeciding { _ in },
  ]

  /// What a schema says of a label.
  static var shape: ValueShape { .named("label", .mapping(MappingShape(keys))) }

  init(name: Text, _ value: Value) {
    self.name = name
    guard var reader = MappingReader(value, what: "label `\(name.value)`", owner: name.range) else {
      isBroken = true
      return
    }
    for key in Self.keys { key.read(into: &self, &reader) }
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
