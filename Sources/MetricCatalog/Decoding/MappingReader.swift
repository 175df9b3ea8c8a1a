internal import Diagnostics
internal import YAMLSyntax

/// Takes a mapping apart key by key, and reports what nobody asked for. It knows no key's meaning.
struct MappingReader {
  let report: Report
  /// What the mapping is, for messages: ``metric `loss` ``.
  let what: String
  /// Where a missing key is reported: the name of the thing.
  let owner: SourceRange
  private let mapping: YAMLMapping
  private let places: [String: Int]
  private var asked: [String] = []
  private var missing: [String] = []

  /// nil: it is no mapping, which is reported.
  init?(_ value: Value, what: String, owner: SourceRange? = nil) {
    guard let mapping = value.mapping(of: what) else { return nil }
    self.init(mapping, what: what, owner: owner ?? value.range, report: value.report)
  }

  init(_ mapping: YAMLMapping, what: String, owner: SourceRange, report: Report) {
    self.report = report
    self.what = what
    self.owner = owner
    self.mapping = mapping
    places = Dictionary(
      mapping.entries.enumerated().map { ($1.key.text, $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// Decodes the value of a key with `body`, which reports what is wrong with it.
  mutating func key<T>(_ name: String, isRequired: Bool = false, _ body: (Value) -> T?) -> Key<T> {
    asked.append(name)
    guard let place = places[name] else {
      if isRequired { missing.append(name) }
      return .absent
    }
    let entry = mapping.entries[place]
    let value = Value(entry.value, name: "`\(name)`", key: entry.key.range, report: report)
    return Key(name: entry.key.range, range: value.range, value: body(value))
  }

  /// Reports the keys that were not asked for, and those that are missing.
  ///
  /// - Returns: whether a key that is not given may have been meant by one that was refused.
  @discardableResult
  func finish(help: [String: String] = [:]) -> (_ name: String) -> Bool {
    let known = Set(asked)
    var meant: Set<String> = []
    for entry in mapping.entries where !known.contains(entry.key.text) {
      let name = entry.key.text
      let listed = asked.map { "`\($0)`" }.joined(separator: " ")
      let synonym = Synonyms.meaning(of: name, among: asked)
      if let close = synonym ?? Spelling.closest(to: name, among: asked) { meant.insert(close) }
      report.add(
        DecodingID.unknownKey,
        "\(what) has no key `\(name)`",
        at: entry.key.range,
        help: help[name] ?? synonym.map { "that is called `\($0)` here" } ?? report.suggestion(for: name, among: asked)
          ?? (mapping.isFlow && entry.value.range.isEmpty ? "inside `{ }` a text with `,` wants quotes" : nil)
          ?? "the keys here are \(listed)"
      )
    }
    for name in missing where !meant.contains(name) && !mapping.isPartial {
      report.add(DecodingID.missingKey, "\(what) has no `\(name)`", at: owner)
    }
    let isPartial = mapping.isPartial
    return { isPartial || meant.contains($0) }
  }
}
