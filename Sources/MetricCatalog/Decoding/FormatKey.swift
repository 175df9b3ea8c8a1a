internal import Diagnostics
internal import LogFormats
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
        let key = reader.key(descriptor.name) { isForeign ? nil : form(descriptor.form).decode($0) }
        let owners = formats.filter { $0.keys.contains { $0.name == descriptor.name } }.map(\.name)
        keys.append(FormatKey(owner: owner.name, owners: owners, descriptor: descriptor, key: key))
      }
    }
    return keys
  }

  /// How the value of a key is written.
  static func form(_ form: FormatDescriptor.Key.Form) -> ValueForm<Value> {
    switch form {
    case .text: ValueForm<Text>.text.map { .text($0) }
    case .fieldNames: names.map { .fieldNames($0) }
    case .pattern: ValueForm<PatternText>.pattern.map { .pattern($0) }
    case .linePatterns: ValueForm<[Line]>.oneOrMore("line patterns", line).map { .lines($0) }
    case .gauges(let words):
      ValueForm<[(name: Text, word: String)]>.map("gauges", .choice(words.map { ($0, $0) })) { (name: $0, word: $1) }
        .map { .gauges($0) }
    case .duration: ValueForm<Duration>.duration.map { .duration($0) }
    }
  }

  private static let names = ValueForm<[Text]>(ValueForm<[Text]>.texts.shape) { value in
    value.isMapping
      ? value.wrong("a list of texts", help: "which metric a field feeds is said under `fields`") : value.texts()
  }

  /// A line in its long form.
  private struct LongLine {
    var pattern: Key<PatternText> = .absent
    var set: Key<[(field: Text, text: Text)]> = .absent

    static let keys: [KeyDeclaration<Self, Void>] = [
      .init("line", \.pattern, .pattern, isRequired: true, help: "the line pattern"),
      .init("set", \.set, .map("texts", .text) { (field: $0, text: $1) }, help: "field ► text: fields that it adds"),
    ]
  }

  private static let line = ValueForm<Line>(.either([.text, .mapping(MappingShape(LongLine.keys))])) { value in
    guard case .mapping(let mapping) = value.node.content,
      mapping.entries.contains(where: { entry in LongLine.keys.contains { $0.name == entry.key.text } })
    else {
      return value.text().map { Line(pattern: PatternText($0), set: []) }
    }
    return ValueForm.mapping(value.name, LongLine.keys, into: LongLine()).decode(value).flatMap { long in
      long.pattern.value.map { Line(pattern: $0, set: long.set.value ?? []) }
    }
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
