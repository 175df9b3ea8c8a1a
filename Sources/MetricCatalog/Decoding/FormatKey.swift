internal import Diagnostics
internal import LogFormats
internal import PatternSyntax
internal import YAMLSyntax

/// A key that only some formats have, as written at a watcher.
struct FormatKey {
  enum Value {
    case text(Text)
    case fieldNames([Text])
    case pattern(PatternText)
    case lines([Line])
    case gauges([(name: Text, word: String)])
    case duration(Duration)
  }

  struct Line {
    var pattern: PatternText
    var set: [(field: Text, text: Text)]
  }

  /// The format that it is read as a key of: the watcher's, where that has it.
  let owner: String
  /// All formats that have a key of this name.
  let owners: [String]
  let descriptor: FormatDescriptor.Key
  var key: Key<Value>

  var name: String { descriptor.name }

  /// The patterns in it.
  var patterns: [PatternText] {
    switch key.value {
    case .pattern(let pattern): [pattern]
    case .lines(let lines): lines.map(\.pattern)
    case .text, .fieldNames, .gauges, .duration, nil: []
    }
  }

  /// Reads the keys of all formats, so that one of another format can be told. If it is known to be of another, what it
  /// says is left alone.
  static func read(
    _ reader: inout MappingReader,
    _ format: FormatDescriptor?,
    _ formats: [FormatDescriptor]
  ) -> [FormatKey] {
    var keys: [FormatKey] = []
    for owner in [format].compactMap({ $0 }) + formats {
      for descriptor in owner.keys where !keys.contains(where: { $0.name == descriptor.name }) {
        let isForeign = format.map { $0.name != owner.name } ?? false
        let key = reader.key(descriptor.name) { isForeign ? nil : value($0, descriptor.form) }
        let owners = formats.filter { $0.keys.contains { $0.name == descriptor.name } }.map(\.name)
        keys.append(FormatKey(owner: owner.name, owners: owners, descriptor: descriptor, key: key))
      }
    }
    return keys
  }

  private static func value(_ value: MetricCatalog.Value, _ form: FormatDescriptor.Key.Form) -> Value? {
    switch form {
    case .text: value.text().map { .text($0) }
    case .fieldNames:
      value.isMapping
        ? value.wrong("a list of texts", help: "which metric a field feeds is said under `fields`")
        : value.texts().map { .fieldNames($0) }
    case .pattern: value.text().map { .pattern(PatternText($0)) }
    case .linePatterns:
      (value.isSequence ? value.list("line patterns") { line($0) } : line(value).map { [$0] }).map { .lines($0) }
    case .gauges(let words):
      value.map("gauges") { name, value in value.choice(words.map { ($0, $0) }).map { (name: name, word: $0) } }
        .map { .gauges($0) }
    case .duration: value.duration().map { .duration($0) }
    }
  }

  private static func line(_ value: MetricCatalog.Value) -> Line? {
    guard case .mapping(let mapping) = value.node.content,
      mapping.entries.contains(where: { $0.key.text == "line" || $0.key.text == "set" })
    else {
      return value.text().map { Line(pattern: PatternText($0), set: []) }
    }
    guard var reader = MappingReader(value, what: value.name) else { return nil }
    let pattern = reader.key("line", isRequired: true) { $0.text().map { PatternText($0) } }
    let set = reader.key("set") { value in
      value.map("texts") { field, value in value.text().map { (field: field, text: $0) } }
    }
    reader.finish()
    return pattern.value.map { Line(pattern: $0, set: set.value ?? []) }
  }
}

extension WatcherDeclaration {
  /// The keys that its own format has.
  var ownKeys: [FormatKey] { formatKeys.filter { $0.owner == format.value?.name } }

  /// Which of the keys of which exactly one has to be given are given.
  var chosenKeys: [FormatKey] {
    let choice = format.value?.choice?.keys ?? []
    return ownKeys.filter { choice.contains($0.name) && $0.key.isGiven }
  }

  /// The fields that its records can have, where the catalog says so, and what gives them; nil: the log decides.
  var recordFields: (names: [String], source: String)? {
    if chosenKeys.count > 1 { return nil }
    for own in ownKeys {
      switch own.key.value {
      case .fieldNames(let names):
        return (names.map(\.value), "entry of `\(own.name)`")
      case .lines(let lines):
        let patterns = lines.compactMap(\.pattern.pattern)
        guard patterns.count == lines.count else { return nil }
        let fields = patterns.flatMap(\.captureNames) + lines.flatMap { $0.set.map(\.field.value) }
        return (fields, "pattern of `\(own.name)`")
      case .text, .pattern, .gauges, .duration, nil: continue
      }
    }
    return nil
  }
}
