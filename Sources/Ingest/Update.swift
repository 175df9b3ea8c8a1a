internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry

/// One compiled target: what a value of one field (or each record) does to one metric.
struct Update {
  /// The field and the target's place among its targets: the same when the log's fields come in another order.
  struct Source: Hashable {
    var field: String?
    var target: Int
  }

  let source: Source
  let metric: Int
  let type: MetricType
  let from: Target.From
  let scale: Double
  let offset: Double
  let labels: LabelPlan
  /// Whether its samples have exemplars; `RecordMapping.exemplarPlan(of:)` makes them.
  let hasExemplar: Bool

  /// The series, once it was accepted, where the labels do not change from record to record.
  var series: Series?
  /// The newest value of a gauge whose series is known, until the batch is committed.
  var pending = 0.0
  var isPending = false
  /// When it was set among those that are pending: several fields may feed one series, and the last has the last word.
  var pendingOrder = 0

  init(_ target: Target, from source: Source, descriptor: MetricDescriptor, labels: LabelPlan) {
    self.source = source
    metric = target.metric
    type = descriptor.type
    from = target.from
    scale = target.scale
    offset = target.offset
    self.labels = labels
    hasExemplar = !target.exemplar.isEmpty
  }

  /// Whether a value sets what is shown, where the newest counts, and not what was counted, where each does.
  var showsNewest: Bool {
    switch type {
    case .gauge, .stateset, .info: true
    case .counter, .histogram, .summary: false
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

  init(
    _ labels: [MetricCatalog.LabelText?],
    fieldCaptures: [String: String],
    pathCaptures: [String: String],
    tracked: [String: Int]
  ) {
    let parts = labels.map { label in
      Self.parts(label, fieldCaptures: fieldCaptures, pathCaptures: pathCaptures, tracked: tracked)
    }
    var texts: [String] = []
    for label in parts {
      var text = ""
      for part in label {
        guard case .text(let piece) = part else {
          self = .perRecord(parts)
          return
        }
        text += piece
      }
      texts.append(trimmed(text))
    }
    self = .fixed(texts)
  }

  fileprivate static func parts(
    _ label: MetricCatalog.LabelText?,
    fieldCaptures: [String: String],
    pathCaptures: [String: String],
    tracked: [String: Int]
  ) -> [Part] {
    (label?.parts ?? []).map { part in
      switch part {
      case .literal(let text): .text(text)
      case .fieldCapture(let name): .text(fieldCaptures[name] ?? "")
      case .pathCapture(let name): .text(pathCaptures[name] ?? "")
      case .field(let name): tracked[name].map(Part.tracked) ?? .text("")
      }
    }
  }
}

/// How an update comes by the labels of its samples' exemplars.
struct ExemplarPlan {
  let labels: [(name: String, parts: [LabelPlan.Part])]

  init(
    _ labels: [Target.ExemplarLabel],
    fieldCaptures: [String: String],
    pathCaptures: [String: String],
    tracked: [String: Int]
  ) {
    self.labels = labels.map { label in
      let parts = LabelPlan.parts(
        label.text,
        fieldCaptures: fieldCaptures,
        pathCaptures: pathCaptures,
        tracked: tracked
      )
      return (label.name, parts)
    }
  }
}
