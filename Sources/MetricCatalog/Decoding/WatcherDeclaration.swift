internal import Diagnostics
internal import LogFormats
internal import PatternSyntax

/// A watcher as written in `watchers:`.
struct WatcherDeclaration {
  struct Field {
    var pattern: PatternText
    var targets: [TargetDeclaration]
  }

  struct ConditionText {
    var field: Text
    var test: Condition.Test
  }

  var name: Text
  var files: Key<[PatternText]> = .absent
  var exclude: Key<[PatternText]> = .absent
  var ignoreOlder: Key<Duration> = .absent
  var links: Key<Watcher.Links> = .absent
  var format: Key<FormatDescriptor> = .absent
  var labels: Key<[TargetDeclaration.Label]> = .absent
  var conditions: Key<[ConditionText]> = .absent
  var naValues: Key<[Text]> = .absent
  var decimal: Key<Text> = .absent
  var thousands: Key<Text> = .absent
  var eachRecord: Key<[TargetDeclaration]> = .absent
  var fields: Key<[Field]> = .absent
  var run: Key<RunDeclaration> = .absent
  var expireAfter: Key<Duration> = .absent
  var allow: Key<[Text]> = .absent
  /// The keys that only some formats have.
  private(set) var formatKeys: [FormatKey] = []
  /// Some of its targets could not be read, which has been reported: it may feed more than is known.
  var hasLostTargets = false

  /// The keys that watchers of all formats have.
  static func keys(_ formats: [FormatDescriptor]) -> [KeyDeclaration<Self, Watcher>] {
    [
      .init(
        "files",
        \.files,
        .patterns,
        isRequired: true,
        help: "path pattern, or a list of them: which files are logs"
      ),
      .init("exclude", \.exclude, .patterns, help: "path pattern, or a list of them: which files are not"),
      .init(
        "ignore_older",
        \.ignoreOlder,
        .duration,
        help: "duration: a file that has not changed for this long when it is first seen is left alone"
      ).notDeciding { $0.ignoreOlder = nil },
      .init(
        "links",
        \.links,
        .choice(Watcher.Links.allCases.map { (name: $0.rawValue, value: $0) }),
        help: """
          which symbolic links are followed: `owner` (the default), those whose owner also owns what they lead to, and those \
          of root and of the exporter's user; `follow`, all of them ([why](security.md#links))
          """
      ).notDeciding { $0.links = .owner },
      .init(
        "format",
        \.format,
        .choice(formats.map { ($0.name, $0) }),
        isRequired: true,
        help: "one of the [formats](#formats)"
      ),
      .init(
        "labels",
        \.labels,
        TargetDeclaration.labels,
        help: "label ► text: label values for every target of the watcher"
      ),
      .init(
        "where",
        \.conditions,
        conditions,
        help: """
          field ► `present`, `absent`, a value, or a list of values. Only records for which all of these hold are used
          """
      ),
      .init(
        "na_values",
        \.naValues,
        .textOrTexts,
        help: """
          a value, or a list of them, that means that nothing was measured, such as `[nan, "-"]`. It is as if the value \
          were not there, so a gauge keeps what it shows. An empty text, `NA`, `None` and `null` mean that in any case
          """
      ),
      .init(
        "decimal",
        \.decimal,
        mark([",", "."]),
        help: "the mark before decimals in the logs' numbers: `\",\"` for `0,97`, or `\".\"` ([below](#numbers))"
      ),
      .init(
        "thousands",
        \.thousands,
        mark([",", ".", " ", "'", "_"]),
        help:
          "the mark between thousands in the logs' numbers: `\",\"` `\".\"` `\" \"` `\"'\"` `\"_\"` ([below](#numbers))"
      ),
      .init(
        "each_record",
        \.eachRecord,
        TargetDeclaration.targets,
        help: """
          target, or a list of them, fed once by every record. A counter grows by 1; an info is shown; a gauge with \
          `from: time` shows when the newest record was written; other types cannot be fed this way
          """
      ),
      .init("fields", \.fields, fields, help: "field pattern ► target, or a list of them"),
      .init(
        "run",
        \.run,
        RunDeclaration.form,
        help: "what the logs say of training runs, such as the epoch and the planned epochs, [below](#runs)"
      ).notDeciding { $0.run = nil },
      .init(
        "expire_after",
        \.expireAfter,
        .duration,
        help: "how long after a log's last change those series end that this log fed last. Default: never"
      ).notDeciding { $0.expireAfter = nil },
      .init(
        "allow",
        \.allow,
        .waivers,
        help: "[warnings and notes that are not to be reported](#waivers) about this watcher and its targets"
      ).notDeciding { _ in },
    ]
  }

  /// The keys that a watcher of some format can have.
  static func allKeyNames(_ formats: [FormatDescriptor]) -> [String] {
    keys(formats).map(\.name) + formats.flatMap { $0.keys.map(\.name) }
  }

  /// What a schema says of a watcher: its format decides which further keys it has.
  static func shape(_ formats: [FormatDescriptor]) -> ValueShape {
    let common = keys(formats).map(\.shaped)
    var own: [MappingShape.Key] = []
    for format in formats {
      for key in format.keys {
        let form = FormatKey.form(key.form)
        if let place = own.firstIndex(where: { $0.name == key.name }) {
          own[place].shape = .either([own[place].shape, form.shape])
          own[place].help += ". With the format `\(format.name)`: \(key.help)"
        } else {
          own.append(
            MappingShape.Key(
              name: key.name,
              shape: form.shape,
              byDefault: key.byDefault.flatMap(json),
              help: "for the format `\(format.name)`: \(key.help)"
            )
          )
        }
      }
    }
    var shape = MappingShape(keys: common + own)
    shape.variants = formats.map { format in
      let foreign = own.map(\.name).filter { name in !format.keys.contains { $0.name == name } }
      let targets = if case .events = format.content { FormatKeysRule.keysOfTargets } else { [String]() }
      return MappingShape.Variant(
        key: "format",
        word: format.name,
        without: foreign + targets,
        choice: format.choice?.keys ?? []
      )
    }
    shape.needs = formats.flatMap(\.keys).compactMap { key in key.needs.map { (key.name, $0) } }
    return .named("watcher", .mapping(shape))
  }

  /// nil: it is nothing that one would write.
  private static func json(_ option: LogFormat.Option) -> JSON? {
    switch option {
    case .text(let text): .string(text)
    case .fieldNames(let names): .array(names.map { .string($0) })
    case .duration(let duration): .string(DurationText.text(duration))
    case .pattern, .lines, .words: nil
    }
  }

  /// - Parameter formats: those that there are.
  init(name: Text, _ value: Value, _ formats: [FormatDescriptor]) {
    self.name = name
    if name.value.isEmpty { value.report.add(DecodingID.type, "a watcher's name cannot be empty", at: name.range) }
    let value = RunDeclaration.indented(
      in: value.indented(below: ["labels", "where", "fields"], otherThan: Self.allKeyNames(formats))
    )
    guard var reader = MappingReader(value, what: "watcher `\(name.value)`", owner: name.range) else { return }
    for key in Self.keys(formats) {
      let reported = value.report.reportedCount
      key.read(into: &self, &reader)
      let feeds = key.name == "each_record" || key.name == "fields"
      if feeds, value.report.reportedCount > reported { hasLostTargets = true }
    }
    formatKeys = FormatKey.read(&reader, format.value, formats)
    let isMeant = reader.finish()
    labels.doubt(isMeant("labels"))
    fields.doubt(isMeant("fields"))
    eachRecord.doubt(isMeant("each_record"))
    run.doubt(isMeant("run"))
    for index in formatKeys.indices { formatKeys[index].key.doubt(isMeant(formatKeys[index].name)) }
  }

  private static func mark(_ marks: [String]) -> ValueForm<Text> {
    ValueForm<Text>(.choice(marks)) { value in
      guard let mark = value.choice(marks.map { (name: $0, value: $0) }) else { return nil }
      return Text(mark, range: value.range, verbatimStart: nil)
    }
  }

  /// Field pattern ► target or list.
  static let fields = ValueForm<[Field]>.map("targets", TargetDeclaration.targets) {
    Field(pattern: PatternText($0), targets: $1)
  }

  /// Field ► what is asked of it.
  static let conditions = ValueForm<[ConditionText]>.map("conditions", condition) {
    ConditionText(field: $0, test: $1)
  }

  private static let condition = ValueForm<Condition.Test>(.either([.text, .list(.text)])) { value in
    if value.isSequence { return value.texts().map { .oneOf($0.map(\.value)) } }
    return value.text().map { text in
      switch text.value {
      case "present": .present
      case "absent": .absent
      default: .oneOf([text.value])
      }
    }
  }

  /// The captures that every one of `files` has; nil: not known, since one of them could not be read.
  var pathCaptures: Set<String>? {
    guard let patterns = pathPatterns, let first = patterns.first else { return nil }
    return patterns.dropFirst().reduce(Set(first.captureNames)) { $0.intersection($1.captureNames) }
  }

  /// The captures that a text of `labels:` may name: of every path, or of any field's name; nil: not known.
  var labelCaptures: Set<String>? {
    guard let pathCaptures, !fields.isBroken else { return nil }
    let patterns = (fields.value ?? []).map(\.pattern.pattern)
    guard patterns.allSatisfy({ $0 != nil }) else { return nil }
    return pathCaptures.union(patterns.flatMap { $0?.captureNames ?? [] })
  }

  /// nil: one of them could not be read, or there are none.
  var pathPatterns: [Pattern]? {
    guard let files = files.value, !files.isEmpty else { return nil }
    let patterns = files.compactMap(\.pattern)
    return patterns.count == files.count ? patterns : nil
  }
}
