public import LogFormats
public import PatternSyntax

/// A watcher: which files are logs, how they are read, and which of their fields feed which metrics. It is an entry of
/// `watchers:`.
public struct Watcher: Sendable {
  /// The name, which the exporter's own metrics show as the label `watcher`.
  public var name: String
  /// The patterns of the logs' paths, with the meaning of `PathPattern`. Relative ones are relative to the catalog's
  /// folder. At least one.
  public var files: [Pattern]
  /// The patterns of paths that are not logs, although `files` match them.
  public var exclude: [Pattern]
  /// A file that has not changed for longer than this when it is first seen is left alone until it changes:
  /// `ignore_older:`. With nil every file is read.
  public var ignoreOlder: Duration?
  /// Which symbolic links below the fixed part of a pattern are followed: `links:`.
  public var links: Links
  /// How the files are read.
  public var format: LogFormat
  /// What has to hold for a record to count: `where:`. With several, all have to hold.
  public var conditions: [Condition]
  /// Values that mean that nothing was measured: `na_values:`. They are compared as those of `Condition.Test.oneOf`.
  public var naValues: [String]
  /// The mark that begins decimals in the numbers of its logs, `,` or `.`: `decimal:`. With nil and without `thousands`,
  /// a point does, and commas may part thousands.
  public var decimal: String?
  /// The mark that parts thousands in them: `thousands:`.
  public var thousands: String?
  /// What every record feeds once that the conditions keep: `each_record:`.
  public var eachRecord: [Target]
  /// Which field feeds which metrics: `fields:`. An exact name goes before patterns. Of several patterns that match,
  /// the first counts whose captures are allowed label values.
  public var fields: [FieldMapping]
  /// What its logs say of training runs: `run:`. With nil they say nothing of any.
  public var run: Run?
  /// How long after a log's last change the series end that it fed last: `expire_after:`. A metric's own
  /// `expireAfter` goes first. With nil they never end.
  public var expireAfter: Duration?

  /// Creates a watcher from its properties; `name`, `files` and `format` are required.
  public init(
    name: String,
    files: [Pattern],
    exclude: [Pattern] = [],
    ignoreOlder: Duration? = nil,
    links: Links = .owner,
    format: LogFormat,
    conditions: [Condition] = [],
    naValues: [String] = [],
    decimal: String? = nil,
    thousands: String? = nil,
    eachRecord: [Target] = [],
    fields: [FieldMapping] = [],
    run: Run? = nil,
    expireAfter: Duration? = nil
  ) {
    self.name = name
    self.files = files
    self.exclude = exclude
    self.ignoreOlder = ignoreOlder
    self.links = links
    self.format = format
    self.conditions = conditions
    self.naValues = naValues
    self.decimal = decimal
    self.thousands = thousands
    self.eachRecord = eachRecord
    self.fields = fields
    self.run = run
    self.expireAfter = expireAfter
  }
}

extension Watcher {
  /// Which symbolic links are followed. Whoever may make a link in a folder of logs could else show what the exporter may
  /// read, and they may not.
  public enum Links: String, Sendable, Hashable, CaseIterable {
    /// Those whose owner also owns what they lead to, and those of root and of the user that the exporter runs as.
    case owner
    /// All of them.
    case follow
  }

  /// Whether its files say themselves which metrics they feed.
  package var readsEvents: Bool { LogFormats.isOfEvents(format) }
}

/// A condition that a record has to meet: a line of `where:`.
public struct Condition: Sendable, Hashable {
  /// What a condition asks of a field.
  public enum Test: Sendable, Hashable {
    /// The record has the field.
    case present
    /// The record does not have the field.
    case absent
    /// The record has the field, and its value is one of these. Values are compared as numbers where both are numbers,
    /// so that `1.0` is `1` and `nan` is `NaN`, and else as texts without the blanks around them.
    case oneOf([String])
  }

  /// The field's dotted name.
  public var field: String
  /// What is asked of it.
  public var test: Test

  /// Creates a condition from its properties.
  public init(field: String, test: Test) {
    self.field = field
    self.test = test
  }
}

/// Which metrics a field or reading feeds: a line of `fields:` or `readings:`.
public struct FieldMapping: Sendable {
  /// What the whole name of the field or reading has to match.
  public var pattern: FieldPattern
  /// The metrics that it feeds, in order.
  public var targets: [Target]

  /// Creates a mapping from its properties.
  public init(pattern: FieldPattern, targets: [Target]) {
    self.pattern = pattern
    self.targets = targets
  }
}
