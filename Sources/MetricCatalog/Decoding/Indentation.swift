internal import Diagnostics
internal import YAMLSyntax

extension Value {
  /// The same with entries that stand beside another one put below it, which is reported once for each.
  ///
  /// - Parameters:
  ///   - isOwner: whether entries may belong below a key of this name.
  ///   - belongs: whether an entry belongs below the one before it.
  func indented(below isOwner: (YAMLMapping.Entry) -> Bool, _ belongs: (YAMLMapping.Entry) -> Bool) -> Value {
    guard case .mapping(var mapping) = node.content, !mapping.isFlow else { return self }
    var entries: [YAMLMapping.Entry] = []
    var rest = mapping.entries[...]
    while let entry = rest.popFirst() {
      entries.append(entry)
      guard isOwner(entry) else { continue }
      let below = rest.prefix(while: belongs)
      guard let first = below.first, let last = below.last else { continue }
      report.add(
        DecodingID.indentation,
        "`\(first.key.text)` stands beside `\(entry.key.text)`, not below it",
        at: first.key.range,
        related: [Diagnostic.Related(range: entry.key.range, note: "`\(entry.key.text)` is without it like this")],
        help: "indent \(below.count == 1 ? "it" : "these lines") by two more blanks"
      )
      let range = SourceRange(first.key.range.start, max(first.key.range.end, last.value.range.end))
      let content = YAMLMapping(entries: entry.entries + below, isPartial: mapping.isPartial, isFlow: false)
      entries[entries.count - 1].value = YAMLNode(content: .mapping(content), range: range)
      rest = rest.dropFirst(below.count)
    }
    mapping.entries = entries
    let node = YAMLNode(content: .mapping(mapping), range: node.range)
    return Value(node, name: name, key: range, report: report)
  }

  /// The same for keys of which some hold a mapping: what is none of the keys belongs below such a one.
  func indented(below owners: Set<String>, otherThan keys: [String]) -> Value {
    func isEmptyOwner(_ entry: YAMLMapping.Entry) -> Bool {
      owners.contains(entry.key.text) && entry.value.range.isEmpty
    }
    return indented(below: isEmptyOwner) { entry in
      !keys.contains(entry.key.text) && Synonyms.meaning(of: entry.key.text, among: keys) == nil
        && Spelling.closest(to: entry.key.text, among: keys) == nil
    }
  }
}

extension YAMLMapping.Entry {
  /// What stands below it.
  var entries: [YAMLMapping.Entry] {
    if case .mapping(let mapping) = value.content { mapping.entries } else { [] }
  }
}
