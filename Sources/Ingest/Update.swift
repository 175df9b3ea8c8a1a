internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry

/// One compiled target: what a value of one field (or each record) does to one metric.
struct Update {
  /// The field and the target's place among its targets: the same when the log's fields come in another order.
  struct Feed: Hashable {
    var field: String?
    var target = 0
  }

  let feed: Feed
  let metric: Int
  let type: MetricType
  let from: Target.From
  /// The place among the tracked of the field that tells where its total begins again; -1: none.
  let restartsWith: Int
  private let scale: Double
  private let offset: Double
  private let isReciprocal: Bool
  /// Whether a plain number is its number, whatever the text.
  let takesPlainNumbers: Bool
  /// Whether it takes plain numbers as they are, but for scale and offset.
  let isPlain: Bool
  /// Whether it is a gauge that does.
  let isPlainGauge: Bool
  let labels: LabelPlan
  let pathLabels: PathLabels
  /// Whether its samples have exemplars; `RecordMapping.exemplarLabels(of:)` makes them.
  let hasExemplar: Bool
  /// Whether its labels hold a field of the record.
  let isPerRecord: Bool

  /// The series, once it was accepted, where the labels do not change from record to record.
  var series: Series?
  /// The newest value of a gauge whose series is known, until the batch is committed.
  var pending = 0.0
  var isPending = false
  /// When it was set among those that are pending: several fields may feed one series, and the last has the last word.
  var pendingOrder = 0
  /// Whether the field has shown a decimal comma that the catalog does not say.
  var hasDecimalComma = false
  /// Whether its gauge was ended for that; without a series it has shown nothing since.
  var hasEnded = false

  init(
    _ target: Target,
    from feed: Feed,
    descriptor: MetricDescriptor,
    texts: LabelTexts,
    takesPlainNumbers: Bool
  ) {
    self.feed = feed
    metric = target.metric
    type = descriptor.type
    from = target.from
    restartsWith = target.restartsWith.flatMap { texts.tracked[$0] } ?? -1
    scale = target.scale
    offset = target.offset
    isReciprocal = target.isReciprocal
    self.takesPlainNumbers = takesPlainNumbers
    isPlain = takesPlainNumbers && !isReciprocal
    isPlainGauge = isPlain && type == .gauge && from == .value
    labels = LabelPlan(target.labels.map(texts.parts))
    pathLabels = PathLabels(target.labels.indices.filter { target.labels[$0]?.isOfPath == true })
    hasExemplar = !target.exemplar.isEmpty
    if case .perRecord = labels { isPerRecord = true } else { isPerRecord = false }
  }

  /// Whether it takes values as numbers.
  var takesNumbers: Bool { type.isNumeric && !from.ignoresValue }

  /// Whether its numbers come in the metric's unit, and are the whole text.
  var isAsWritten: Bool { scale == 1 && isPlain }

  /// What the metric gets of a value that is no reciprocal.
  @inline(__always)
  func scaledPlainly(_ value: Double) -> Double { value * scale + offset }

  /// What the metric gets of a value; nil: nothing, since 0 has no reciprocal.
  func scaled(_ value: Double) -> Double? {
    guard isReciprocal else { return scaledPlainly(value) }
    return value == 0 ? nil : scale / value + offset
  }

  /// Whether a number sets what is shown, in one series, and does nothing else.
  var takesLatest: Bool { isPlainGauge && !isPerRecord }

  /// Whether a value sets what is shown, where the newest counts, and not what was counted, where each does.
  var showsNewest: Bool {
    switch type {
    case .gauge, .stateset, .info: true
    case .counter, .histogram, .summary: false
    }
  }
}

extension MetricCatalog.LabelText {
  /// Whether all of a log has the same.
  var isOfPath: Bool {
    parts.allSatisfy { part in
      switch part {
      case .literal, .pathCapture: true
      case .field, .fieldCapture: false
      }
    }
  }
}

/// How an update comes by its label values, in the metric's order.
enum LabelPlan {
  /// They follow from the catalog, the path and the field's name.
  case fixed([String])
  /// Some hold a field of the record.
  case perRecord([[Part]])

  enum Part {
    case text(String)
    /// The text of a tracked field.
    case tracked(Int)
  }

  init(_ labels: [[Part]]) {
    let texts = labels.compactMap(Self.settled)
    self = texts.count == labels.count ? .fixed(texts) : .perRecord(labels)
  }

  /// The text of a label that has no field of the record in it; nil: it has one.
  private static func settled(_ label: [Part]) -> String? {
    var text = ""
    for part in label {
      guard case .text(let piece) = part else { return nil }
      text += piece
    }
    return trimmed(text)
  }

  /// Label values of a record that was read before, as far as they follow from what this plan was made of.
  func values(inPlaceOf former: [String]) -> [String] {
    switch self {
    case .fixed(let values): values
    case .perRecord(let labels): zip(labels, former).map { Self.settled($0) ?? $1 }
    }
  }
}

/// What an update's label texts are made of.
struct LabelTexts {
  /// What the field's name was taken apart into.
  let field: [String: String]
  /// The same of the log's path.
  let path: [String: String]
  /// Places of fields among the tracked.
  let tracked: [String: Int]

  func parts(_ label: MetricCatalog.LabelText?) -> [LabelPlan.Part] {
    (label?.parts ?? []).map { part in
      switch part {
      case .literal(let text): .text(text)
      case .fieldCapture(let name): .text(field[name] ?? "")
      case .pathCapture(let name): .text(path[name] ?? "")
      case .field(let name): tracked[name].map(LabelPlan.Part.tracked) ?? .text("")
      }
    }
  }
}
