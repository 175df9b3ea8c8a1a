internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import PatternSyntax

/// What of a catalog decides about values, as bytes to compare: where a metric's print is the same, what was counted for
/// it under another catalog still holds.
///
/// The bytes are made of all that the catalog's types hold (`Meaning`), but for what is taken out of them here by
/// name: help texts, limits, expiry, and what only the exposition shows. So a property that is new to them cannot be
/// forgotten: the tests find it by reflection.
final class CatalogPrints {
  struct WatcherPrint: Hashable {
    /// How its logs become records.
    var records: [UInt8] = []
    /// Which files are its logs.
    var files: [UInt8] = []
  }

  /// By metric name.
  let metrics: [String: [UInt8]]
  /// By watcher name.
  let watchers: [String: WatcherPrint]
  /// Only states of version 2 are held against theirs.
  private lazy var version2 = Version2(catalog)
  private let catalog: Catalog

  init(_ catalog: Catalog) {
    self.catalog = catalog
    metrics = Dictionary(
      catalog.metrics.indices.map { (catalog.metrics[$0].name, MetricMeaning($0, in: catalog).meaningBytes) },
      uniquingKeysWith: { first, _ in first }
    )
    watchers = Dictionary(
      catalog.watchers.map { watcher in
        let files = FilesMeaning(files: watcher.files, exclude: watcher.exclude)
        let print = WatcherPrint(
          records: RecordsMeaning(watcher, in: catalog).meaningBytes,
          files: files.meaningBytes
        )
        return (watcher.name, print)
      },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// Those of the catalog that a state was saved under.
  struct Saved {
    var metrics: [String: [UInt8]]
    var watchers: [String: WatcherPrint]
    /// Of the state's form.
    var version: UInt32
  }

  /// Whether all that decides about a metric's values is as it was.
  func hasSame(metric name: String, as saved: Saved) -> Bool {
    guard let print = saved.metrics[name] else { return false }
    return print == (saved.version < 3 ? version2.metrics[name] : metrics[name])
  }

  /// Whether a watcher's records are what they were.
  func hasSame(watcher name: String, as saved: Saved) -> Bool {
    guard let print = saved.watchers[name] else { return false }
    return print.records == (saved.version < 3 ? version2.records[name] : watchers[name]?.records)
  }
}

// MARK: - Meanings

/// What decides about a metric's values: what it is, and all that feeds it.
struct MetricMeaning: MeaningOfProperties {
  var metric: MetricDescriptor
  var feeds: [Feed]
  var readings: [Reading]
  var events: [Events]

  var meanings: KeyValuePairs<String, any Meaning> {
    ["metric": metric, "feeds": feeds, "readings": readings, "events": events]
  }

  /// A target of a watcher.
  struct Feed: MeaningOfProperties {
    var watcher: String
    var records: RecordsMeaning
    /// nil: each record feeds it.
    var field: String?
    /// Among the field's targets.
    var place: Int
    var target: Target
    /// Whether the field's text may be a duration, which depends on all that it feeds.
    var takesDurations: Bool
    /// Where the field's name is a pattern: all that decides which fields other patterns leave to it.
    var rivals: [Rival]

    var meanings: KeyValuePairs<String, any Meaning> {
      [
        "watcher": watcher, "records": records, "field": field, "place": place, "target": target,
        "takesDurations": takesDurations, "rivals": rivals,
      ]
    }
  }

  /// A field pattern, and what its captures have to be for it to take a field. One without captures takes its field in
  /// any case: what that feeds decides nothing for others.
  struct Rival: MeaningOfProperties {
    var field: String
    var captures: [TakenLabel]

    var meanings: KeyValuePairs<String, any Meaning> { ["field": field, "captures": captures] }
  }

  /// A pattern takes a field where all that it feeds allows what its captures took.
  struct TakenLabel: MeaningOfProperties {
    var text: LabelText?
    var label: LabelDescriptor

    var meanings: KeyValuePairs<String, any Meaning> { ["text": text, "label": label] }
  }

  /// A watcher of events that feeds it.
  struct Events: MeaningOfProperties {
    var watcher: String
    /// What a gauge shows of several processes.
    var across: String?

    var meanings: KeyValuePairs<String, any Meaning> { ["watcher": watcher, "across": across] }
  }

  /// A target of a collector.
  struct Reading: MeaningOfProperties {
    var collector: String
    var options: [String: Catalog.Collector.Option]
    var reading: String
    var place: Int
    var target: Target

    var meanings: KeyValuePairs<String, any Meaning> {
      ["collector": collector, "options": options, "reading": reading, "place": place, "target": target]
    }
  }

  init(_ index: Int, in catalog: Catalog) {
    metric = catalog.metrics[index].decisive
    feeds = catalog.watchers.flatMap { watcher in
      let records = RecordsMeaning(watcher, in: catalog)
      let fields = watcher.fields.map { (pattern: $0.pattern.pattern, targets: $0.targets) }
      let rivals = fields.map { field in
        Rival(
          field: field.pattern.source,
          captures: field.targets.flatMap { target in
            zip(target.labels, catalog.metrics[target.metric].labels)
              .filter { $0.0?.isFieldCapture == true }
              .map { TakenLabel(text: $0, label: $1.decisive) }
          }
        )
      }
      func feeds(_ targets: [Target], field: String?, isPattern: Bool) -> [Feed] {
        let takesDurations = targets.allSatisfy { $0.scale == 1 && catalog.metrics[$0.metric].isInSeconds }
        return targets.enumerated().filter { $0.element.metric == index }.map { place, target in
          Feed(
            watcher: watcher.name,
            records: records,
            field: field,
            place: place,
            target: target.decisive,
            takesDurations: takesDurations,
            rivals: isPattern ? rivals : []
          )
        }
      }
      return feeds(watcher.eachRecord, field: nil, isPattern: false)
        + fields.flatMap { feeds($0.targets, field: $0.pattern.source, isPattern: $0.pattern.literalText == nil) }
    }
    readings = catalog.collectors.flatMap { collector in
      collector.readings.flatMap { reading in
        reading.targets.enumerated().filter { $0.element.metric == index }.map { place, target in
          Reading(
            collector: collector.name,
            options: collector.options,
            reading: reading.pattern.pattern.source,
            place: place,
            target: target.decisive
          )
        }
      }
    }
    // They feed all that nothing else does.
    let watchers = feeds.isEmpty && readings.isEmpty ? catalog.watchers : []
    events = watchers.filter { LogFormats.isOfEvents($0.format) }.map { watcher in
      Events(watcher: watcher.name, across: watcher.format.words("across")?[catalog.metrics[index].name])
    }
  }
}

/// How a watcher's logs become records.
struct RecordsMeaning: MeaningOfProperties {
  var lineBytesMax: Int
  var format: FormatMeaning
  var conditions: [Condition]
  var naValues: [String]
  var decimal: String?
  var thousands: String?

  var meanings: KeyValuePairs<String, any Meaning> {
    [
      "lineBytesMax": lineBytesMax, "format": format, "conditions": conditions, "naValues": naValues,
      "decimal": decimal, "thousands": thousands,
    ]
  }

  init(_ watcher: Watcher, in catalog: Catalog) {
    lineBytesMax = catalog.limits.lineBytes
    // Its options are about gauges, of which `Events` says it.
    format = FormatMeaning(LogFormats.isOfEvents(watcher.format) ? LogFormat(watcher.format.name) : watcher.format)
    conditions = watcher.conditions
    naValues = watcher.naValues
    decimal = watcher.decimal
    thousands = watcher.thousands
  }
}

/// A format with its options. Those that there were first keep the words by which they stand in states.
enum FormatMeaning: MeaningOfCases {
  case csv(separator: UInt8?, columns: [String]?, comment: String?)
  case jsonLines
  case json(records: String?)
  case text(Text)
  case pythonDictionary
  case yaml
  case other(LogFormat)

  var meaning: (name: String, values: [any Meaning]) {
    switch self {
    case .csv(let separator, let columns, let comment): ("csv", [separator, columns, comment])
    case .jsonLines: ("jsonLines", [])
    case .json(let records): ("json", [records])
    case .text(let text): ("text", [text])
    case .pythonDictionary: ("pythonDictionary", [])
    case .yaml: ("yaml", [])
    case .other(let format): ("other", [format])
    }
  }

  enum Text: MeaningOfCases {
    case lines([LogFormat.LineRule])
    case pairs(pair: Pattern, between: String)

    var meaning: (name: String, values: [any Meaning]) {
      switch self {
      case .lines(let rules): ("lines", [rules])
      case .pairs(let pair, let between): ("pairs", [pair, between])
      }
    }
  }

  init(_ format: LogFormat) {
    self =
      switch format.name {
      case "csv" where format.text("separator") == "blanks": .other(format)
      case "csv":
        .csv(
          separator: format.text("separator")?.utf8.first,
          columns: format.fieldNames("columns"),
          comment: format.text("comment")
        )
      case "jsonl": .jsonLines
      case "json" where format.text("orient") == "columns": .other(format)
      case "json": .json(records: format.text("records"))
      case "text":
        if let pair = format.pattern("pairs") {
          .text(.pairs(pair: pair, between: format.text("between") ?? " "))
        } else {
          .text(.lines(format.lines("lines") ?? []))
        }
      case "pydict": .pythonDictionary
      case "yaml": .yaml
      default: .other(format)
      }
  }
}

struct FilesMeaning: MeaningOfProperties {
  var files: [Pattern]
  var exclude: [Pattern]

  var meanings: KeyValuePairs<String, any Meaning> { ["files": files, "exclude": exclude] }
}

// MARK: - What does not decide

extension Target {
  /// The metric's place is none of its meaning.
  fileprivate var decisive: Target {
    var decisive = self
    decisive.metric = 0
    decisive.exemplar = []
    return decisive
  }
}

extension LabelText {
  /// Whether it is what one capture of the field's name took, and nothing else (`WatcherPlan.mapping(forField:)`).
  fileprivate var isFieldCapture: Bool {
    guard parts.count == 1, case .fieldCapture = parts[0] else { return false }
    return true
  }
}
