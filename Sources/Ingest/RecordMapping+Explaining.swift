internal import LogFormats
internal import MetricCatalog
package import MetricModel
internal import MetricRegistry

/// What became of one record, for people.
package struct RecordExplanation: Sendable {
  /// A field that the record had.
  package struct Field: Sendable {
    package var name: String
    /// As it was read; for a list or an object a word for that.
    package var text: String
    /// What the field feeds, in the order of the catalog; empty where nobody wants it.
    package var uses: [Use]
  }

  /// What one target made of the record.
  package struct Use: Sendable {
    package var metric: String
    package var type: MetricType
    package var labels: [Label]
    package var outcome: Outcome
  }

  package struct Label: Sendable {
    package var name: String
    package var value: String
  }

  package enum Outcome: Sendable {
    /// A gauge is set to it, a counter grows by it, a histogram or summary observes it.
    case number(Double)
    /// A stateset is in this state.
    case state(String)
    /// An info is shown.
    case info
    /// The first of its totals is there to be compared with.
    case firstTotal
    /// The total is not above the highest one so far.
    case notHigher
    /// The text is no number.
    case notANumber
    /// The registry refuses it: the label at fault, which is empty where it is none, and the reason.
    case refused(label: String, reason: String)
  }

  package var fields: [Field] = []
  /// What `each_record` feeds.
  package var eachRecord: [Use] = []
  /// The condition that leaves it out: the field, and its text; nil where the record lacks it.
  package var filtered: (field: String, text: String?)?
}

/// A target of a watcher, by its places in the catalog.
package struct TargetPlace: Hashable, Sendable {
  /// nil: it is one of `each_record`.
  package var field: Int?
  package var target: Int

  package init(field: Int?, target: Int) {
    self.field = field
    self.target = target
  }
}

extension RecordMapping {
  /// What records of a batch become, as the next ones of a new log. They are not applied.
  ///
  /// - Parameter shownMax: of how many records at its beginning and of how many at its end.
  func explain(
    _ batch: borrowing RecordBatch,
    _ contribution: Contribution,
    _ names: [String],
    shownMax: Int
  ) -> [RecordExplanation] {
    // They run on from record to record, and are then as they were.
    let totals = contribution.totals
    defer { contribution.totals = totals }
    let count = batch.records.count
    var explanations: [RecordExplanation] = []
    var place = 0
    forEach(batch) { _, fields, text in
      let record = Record(fields: fields, text: text, admission: .new)
      if place < shownMax || place >= count - shownMax {
        explanations.append(explain(record, contribution, names))
      } else if refusal(of: record) == nil {
        takeTotals(of: record, contribution)
      }
      place += 1
    }
    return explanations
  }

  /// Lets the totals run on over a record.
  private func takeTotals(of record: Record, _ contribution: Contribution) {
    for value in record.fields {
      for index in slots[Int(value.slot)].updates where updates[index].from.isOfTotals {
        if isNumber(index, value, record) { _ = quantity(of: index, value, record, contribution) }
      }
    }
  }

  private func explain(_ record: Record, _ contribution: Contribution, _ names: [String]) -> RecordExplanation {
    var explanation = RecordExplanation()
    if let (condition, value) = refusal(of: record) {
      explanation.filtered = (condition.field, value?.shown(in: record.text))
    }
    let isKept = explanation.filtered == nil
    for value in record.fields {
      let uses = isKept ? slots[Int(value.slot)].updates.compactMap { use($0, value, record, contribution) } : []
      let text = value.isContainer ? "…" : value.shown(in: record.text)
      explanation.fields.append(RecordExplanation.Field(name: names[Int(value.slot)], text: text, uses: uses))
    }
    if isKept {
      explanation.eachRecord = eachRecord.filter(isConcerned).compactMap { use($0, nil, record, contribution) }
    }
    return explanation
  }

  /// What an update makes of a record.
  private func use(
    _ index: Int,
    _ value: RecordBatch.Value?,
    _ record: Record,
    _ contribution: Contribution
  ) -> RecordExplanation.Use? {
    let descriptor = plan.metrics[updates[index].metric]
    let labels = labelValues(of: updates[index], record)
    var outcome = RecordExplanation.Outcome.info
    if descriptor.type.isNumeric {
      if let value, !updates[index].from.ignoresValue, !isNumber(index, value, record) {
        guard isMeantAsNumber(value, of: index, record) else { return nil }
        outcome = .notANumber
      } else if let number = quantity(of: index, value, record, contribution) {
        outcome = .number(number)
        if !updates[index].showsNewest {
          let reason = descriptor.type == .counter ? number.whyNotCounted : number.whyNotObserved
          if let reason { outcome = .refused(label: "", reason: reason.rawValue) }
        }
      } else {
        outcome = updates[index].from == .highest ? .notHigher : .firstTotal
      }
    } else if descriptor.type == .stateset, let value {
      let state = String(decoding: value.text(in: record.text), as: UTF8.self)
      outcome =
        descriptor.states.contains(state)
        ? .state(state)
        : .refused(label: descriptor.name, reason: Rejection.Reason.labelValue.rawValue)
    }
    switch outcome {
    case .number, .state, .info: if let refusal = refusal(of: index, labels) { outcome = refusal }
    case .firstTotal, .notHigher, .notANumber, .refused: break
    }
    return RecordExplanation.Use(
      metric: descriptor.name,
      type: descriptor.type,
      labels: zip(descriptor.labels, labels).map { RecordExplanation.Label(name: $0.name, value: $1) },
      outcome: outcome
    )
  }

  /// Why the registry refuses labels; nil: it takes them.
  private func refusal(of index: Int, _ labels: [String]) -> RecordExplanation.Outcome? {
    let before = Dictionary(registry.rejections().map { ($0.rejection, $0.count) }) { first, _ in first }
    var labels = labels
    if updates[index].type == .info {
      // An info keeps what a record does not say of it.
      labels = Self.newest(labels, nil)
    }
    if series(of: updates[index], labelValues: labels) != nil { return nil }
    let added = registry.rejections().first { $0.count > before[$0.rejection] ?? 0 }
    return .refused(label: added?.rejection.label ?? "", reason: added?.rejection.reason.rawValue ?? "refused")
  }

  // MARK: What is fed

  /// Takes note of the targets that records of a batch feed.
  ///
  /// - Parameter done: the updates of which that is known.
  func noteFed(by batch: borrowing RecordBatch, _ fed: inout Set<TargetPlace>, _ done: inout Set<Int>) {
    if done.count == updates.count { return }
    forEach(batch) { _, fields, text in
      let record = Record(fields: fields, text: text, admission: .new)
      if done.count == updates.count || refusal(of: record) != nil { return }
      for value in fields {
        for index in slots[Int(value.slot)].updates where !done.contains(index) {
          let wantsNumber = updates[index].type.isNumeric && !updates[index].from.ignoresValue
          if !wantsNumber || isNumber(index, value, record) { note(index, record, &fed, &done) }
        }
      }
      for index in eachRecord where !done.contains(index) && isConcerned(index) { note(index, record, &fed, &done) }
    }
  }

  private func note(_ index: Int, _ record: Record, _ fed: inout Set<TargetPlace>, _ done: inout Set<Int>) {
    let labels = labelValues(of: updates[index], record)
    guard registry.meaning(metric: updates[index].metric, labelValues: labels, countsRefusal: false) != nil else {
      return
    }
    done.insert(index)
    let feed = updates[index].feed
    fed.insert(TargetPlace(field: feed.field.flatMap { plan.place(forField: $0)?.place }, target: feed.target))
  }
}

extension Target.From {
  /// Whether values are compared with those before.
  fileprivate var isOfTotals: Bool {
    switch self {
    case .runningTotal, .highest, .difference: true
    case .value, .count, .time: false
    }
  }
}
