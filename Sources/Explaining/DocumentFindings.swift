internal import LogFormats
internal import MetricCatalog
internal import PatternSyntax

/// What is said of JSON and YAML documents whose records or values lie elsewhere than the catalog says.
extension WatcherView {
  private var format: String { watcher.format.name }
  private var isInColumns: Bool { watcher.format.text("orient") == "columns" }

  /// Where the fields that `fields` names lie deeper in a document: in an array of objects, or in objects of arrays.
  func placeInDocument(of mappings: [FieldMapping]) -> String? {
    guard ["json", "jsonl", "yaml", "pydict"].contains(format) else { return nil }
    for field in sight.fields {
      let parts = field.split(separator: ".", omittingEmptySubsequences: false)
      guard let index = parts.firstIndex(where: Self.isIndex), parts.count > 1 else { continue }
      let array = parts[..<index].joined(separator: ".")
      let rest = parts[(index + 1)...].joined(separator: ".")
      if !rest.isEmpty, mappings.contains(where: { Self.matches($0, rest) }) {
        return inRecords(array, field)
      }
      guard rest.isEmpty else { continue }
      let names = parts[..<index]
      for start in names.indices
      where mappings.contains(where: { Self.matches($0, names[start...].joined(separator: ".")) }) {
        return inColumns(field, of: names[..<start].joined(separator: "."))
      }
    }
    return nil
  }

  private func inRecords(_ array: String, _ field: String) -> String {
    switch format {
    case "json": "did you mean `records: \(array)`?"
    case "jsonl": "if the file is one document, read it with `format: json` and `records: \(array)`"
    case "yaml": "did you mean `\(field)`? A YAML document is one record; `format: json` can read an array of records"
    default: "did you mean `\(field)`?"
    }
  }

  private func inColumns(_ field: String, of parent: String) -> String {
    let columns = "`orient: columns`" + (parent.isEmpty ? "" : " and `records: \(parent)`")
    return switch format {
    case "json": "its values lie in an array: write " + columns
    case "jsonl": "if the file is one document, read it with `format: json`, " + columns
    default: "its values lie in an array: name one, such as `\(field)`"
    }
  }

  private static func matches(_ mapping: FieldMapping, _ name: String) -> Bool {
    mapping.pattern.pattern.literalText.map { $0 == name } ?? (mapping.pattern.match(name) != nil)
  }

  private static func isIndex(_ part: some StringProtocol) -> Bool {
    !part.isEmpty && part.utf8.allSatisfy { $0 &- 48 <= 9 }
  }

  /// What to do about a value that holds others.
  func containerHelp(_ field: String) -> String {
    let inside = sight.fields.filter { $0.hasPrefix(field + ".") }
    guard let example = inside.first else { return "name one of the values in it, such as `\(field).0`" }
    guard Self.isIndex(example.dropFirst(field.utf8.count + 1)) else {
      return "name a value in it, such as `\(example)`"
    }
    switch format {
    case "json" where !isInColumns:
      return
        "if it grows by a value with each record, write `orient: columns`; else name one value, such as `\(example)`"
    case "jsonl":
      return "name one of its values, such as `\(example)`; if the file is one document, read it with `format: json` "
        + "and `orient: columns`"
    default: return "name one of its values, such as `\(example)`"
    }
  }

  /// What may be meant where a document has no records where they are looked for, as far as its beginning tells.
  func recordsHelp(_ beginning: String) -> String? {
    if format != "json" {
      return otherFormat(beginning) ?? "a \(format) document is one record: a mapping of names to values"
    }
    let path = watcher.format.text("records") ?? "."
    let keys = DocumentKeys(of: beginning).found
    if beginning.first == "[" {
      return path == "."
        ? "it is an array of records: leave `orient` out" : "it is an array itself: leave `records` out"
    }
    if path == "." {
      if !isInColumns {
        let array = keys.first { $0.holds == "[" }
        return array.map { "did you mean `records: \($0.path)`?" } ?? "it is one record: leave `records` out"
      }
      return "none of its values is an array, as `orient: columns` wants: leave it out; pandas writes arrays with "
        + "`to_json(orient=\"list\")`"
    }
    if let there = keys.first(where: { $0.path == path }) {
      if isInColumns {
        return there.holds == "[" ? "it is an array of records: leave `orient` out" : "none of its values is an array"
      }
      return there.holds == "{" ? "if its values are arrays, write `orient: columns`" : nil
    }
    let holding = keys.filter { isInColumns ? $0.holds == "{" : $0.holds == "[" }
    let last = path.split(separator: ".").last.map(String.init) ?? ""
    let near = NearestName.closest(to: last, among: holding.map(\.name))
    guard let meant = holding.first(where: { $0.name == near }) ?? (holding.count == 1 ? holding[0] : nil) else {
      return "name the array of records in `records`, or leave `records` out if the whole document is one record"
    }
    return "did you mean `records: \(meant.path)`?"
  }
}

/// The keys in the beginning of a JSON document, but for those in its arrays.
private struct DocumentKeys {
  struct Key {
    var path: String
    var name: String
    /// The first character of its value.
    var holds: Character?
  }

  private(set) var found: [Key] = []

  init(of text: String) {
    let text = Array(text)
    var at = 0
    // The names around; nil in an array.
    var around: [String?] = []
    var name: String?
    while at < text.count {
      switch text[at] {
      case "{":
        around.append(name ?? "")
        name = nil
      case "[":
        around.append(nil)
        name = nil
      case "}", "]":
        _ = around.popLast()
      case "\"":
        let end = Self.quote(text, from: at + 1)
        let string = String(text[(at + 1)..<end])
        at = end
        var next = Self.skipBlanks(text, from: end + 1)
        guard next < text.count, text[next] == ":", !around.contains(nil) else { break }
        next = Self.skipBlanks(text, from: next + 1)
        let path = (around.compactMap(\.self).filter { !$0.isEmpty } + [string]).joined(separator: ".")
        found.append(Key(path: path, name: string, holds: next < text.count ? text[next] : nil))
        name = string
        at = next - 1
      default: break
      }
      at += 1
    }
  }

  private static func quote(_ text: [Character], from start: Int) -> Int {
    var at = start
    while at < text.count, text[at] != "\"" { at += text[at] == "\\" ? 2 : 1 }
    return min(at, text.count)
  }

  private static func skipBlanks(_ text: [Character], from start: Int) -> Int {
    var at = start
    while at < text.count, text[at].isWhitespace { at += 1 }
    return at
  }
}
