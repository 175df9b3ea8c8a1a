internal import Diagnostics
internal import LogFormats
internal import PatternSyntax
internal import YAMLSyntax

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
  var format: Key<FormatDescriptor> = .absent
  var labels: Key<[TargetDeclaration.Label]> = .absent
  var conditions: Key<[ConditionText]> = .absent
  var eachRecord: Key<[TargetDeclaration]> = .absent
  var fields: Key<[Field]> = .absent
  var expireAfter: Key<Duration> = .absent
  /// The keys that only some formats have.
  private(set) var formatKeys: [FormatKey] = []
  /// Some of its targets could not be read, which has been reported: it may feed more than is known.
  var hasLostTargets = false

  /// - Parameter formats: those that there are.
  init(name: Text, _ value: Value, _ formats: [FormatDescriptor]) {
    self.name = name
    if name.value.isEmpty { value.report.add(DecodingID.type, "a watcher's name cannot be empty", at: name.range) }
    guard var reader = MappingReader(value, what: "watcher `\(name.value)`", owner: name.range) else { return }
    files = reader.key("files", isRequired: true) { Self.patterns($0) }
    exclude = reader.key("exclude") { Self.patterns($0) }
    ignoreOlder = reader.key("ignore_older") { $0.duration() }
    format = reader.key("format", isRequired: true) { $0.choice(formats.map { ($0.name, $0) }) }
    labels = reader.key("labels") { TargetDeclaration.labels($0) }
    conditions = reader.key("where") { $0.map("conditions") { Self.condition($0, $1) } }
    let reported = value.report.reportedCount
    eachRecord = reader.key("each_record") { TargetDeclaration.targets($0) }
    fields = reader.key("fields") { Self.fields($0) }
    hasLostTargets = value.report.reportedCount > reported
    expireAfter = reader.key("expire_after") { $0.duration() }
    formatKeys = FormatKey.read(&reader, format.value, formats)
    let isMeant = reader.finish()
    labels.doubt(isMeant("labels"))
    fields.doubt(isMeant("fields"))
    eachRecord.doubt(isMeant("each_record"))
    for index in formatKeys.indices { formatKeys[index].key.doubt(isMeant(formatKeys[index].name)) }
  }

  private static func patterns(_ value: Value) -> [PatternText]? {
    value.textOrTexts()?.map { PatternText($0) }
  }

  /// Field pattern ► target or list.
  static func fields(_ value: Value) -> [Field]? {
    value.map("targets") { name, value in
      TargetDeclaration.targets(value).map { Field(pattern: PatternText(name), targets: $0) }
    }
  }

  private static func condition(_ field: Text, _ value: Value) -> ConditionText? {
    if value.isSequence {
      return value.texts().map { ConditionText(field: field, test: .oneOf($0.map(\.value))) }
    }
    return value.text().map { text in
      switch text.value {
      case "present": ConditionText(field: field, test: .present)
      case "absent": ConditionText(field: field, test: .absent)
      default: ConditionText(field: field, test: .oneOf([text.value]))
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
