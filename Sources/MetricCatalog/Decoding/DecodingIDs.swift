/// What the decoding of nodes itself reports: shapes and kinds of values, before any rule looks at what they mean.
enum DecodingID {
  static let unknownKey = RuleID("key/unknown", "a key that does not exist there")
  static let missingKey = RuleID("key/missing", "a required key is missing")
  static let type = RuleID(
    "value/type",
    "a value of the wrong kind: a text where a number is wanted, a map where a text is"
  )
  static let choice = RuleID("value/choice", "a word that is not one of those that are possible there")
  static let bounds = RuleID("value/bounds", "a number or duration that is too small or too large")
  static let duration = RuleID("value/duration", "not a duration such as `500ms 15s 5m 2h 14d`")
  static let range = RuleID("label/range", "not a range of integers such as `0..99`")
  static let version = RuleID("catalog/version", "a version of the catalog's language that is not 1")
  static let target = RuleID("target/syntax", "a target that is not `NAME` or `NAME{label=\"value\"}`")
  static let collector = RuleID("collector/unknown", "a collector that does not exist")

  static let more = RuleID("catalog/more", .warning, "more than 1,000 errors or warnings; the rest is not shown")

  static let all = [unknownKey, missingKey, type, choice, bounds, duration, range, version, target, collector, more]
}

/// What reading the file and its YAML reports.
enum FileID {
  static let missing = RuleID("file/missing", "there is no such file")
  static let kind = RuleID("file/kind", "a directory, a pipe or a device where a file is wanted")
  static let unreadable = RuleID("file/unreadable", "the file cannot be read")
  static let empty = RuleID("file/empty", "the file is empty")

  static let all = [
    missing, kind, unreadable, empty,
    RuleID("yaml/syntax", "the file is not YAML; nothing else is reported then"),
    RuleID("yaml/encoding", "the file is not UTF-8; nothing else is reported then"),
    RuleID("yaml/control-character", "a control character in the file; nothing else is reported then"),
    RuleID("yaml/size", "the file is larger than 1 MiB; nothing else is reported then"),
    RuleID("yaml/depth", "more than 64 levels inside each other; nothing else is reported then"),
    RuleID("yaml/nodes", "aliases make more than 100,000 keys and values; nothing else is reported then"),
    RuleID("yaml/documents", "a second document in the file; nothing else is reported then"),
    RuleID("yaml/alias", "an alias without its anchor; nothing else is reported then"),
    RuleID("yaml/duplicate-key", "a key twice in one mapping"),
    RuleID("yaml/tag", "a tag such as `!!binary`"),
    RuleID("yaml/merge-key", "a merge key `<<`"),
    RuleID("yaml/key", "a key that is not a text"),
  ]
}
