internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry
internal import PatternSyntax

/// From a field's text to the number that a target takes of it, where the parser read none, or the target has its own way.
extension RecordMapping {
  /// What a value is to an update, scaled; nil: no number, which is counted for a record that counts.
  func number(of index: Int, _ value: RecordBatch.Value, _ record: Record, _ contribution: Contribution) -> Double? {
    let reading = reading(of: index, value, record)
    if case .number(let read) = reading, let number = updates[index].scaled(read) { return number }
    guard isMeantAsNumber(value, of: index, record) else { return nil }
    if record.admission.counts {
      refuse(.notANumber, of: index) {
        value.isContainer ? WatcherSight.NotANumber.container : value.shown(in: record.text)
      }
      plan.sight.noteNotANumber(
        updates[index].feed.field ?? "",
        text: value.isContainer ? WatcherSight.NotANumber.container : value.shown(in: record.text),
        of: feeder.name
      )
    }
    if reading == .decimalComma {
      // What is shown for the time being may yet go on to be something else.
      if record.admission != .provisional { updates[index].hasDecimalComma = true }
      if updates[index].showsNewest { endGauge(index, record, contribution) }
    }
    return nil
  }

  /// Whether an update takes a number of a value.
  func isNumber(_ index: Int, _ value: RecordBatch.Value, _ record: Record) -> Bool {
    guard case .number(let read) = reading(of: index, value, record) else { return false }
    return updates[index].scaled(read) != nil
  }

  private func reading(of index: Int, _ value: RecordBatch.Value, _ record: Record) -> NumberForm.Reading {
    if value.isNumber, updates[index].takesPlainNumbers { return .number(value.number) }
    guard !value.isContainer, let form = form(of: index) else { return .none }
    let text = form.takesWords ? value.words(in: record.text) : value.text(in: record.text)
    let partsThousands = partsThousands && !updates[index].hasDecimalComma
    return form.read(UnsafeBufferPointer(rebasing: text), partsThousands: partsThousands)
  }

  /// The log has said a newer value, which is a number that the catalog's marks do not let us read: what it said before, such
  /// as a 0 or thousands that were none, is not shown in its place.
  private func endGauge(_ index: Int, _ record: Record, _ contribution: Contribution) {
    let metric = updates[index].metric
    let labels = labelValues(of: updates[index], record)
    switch record.admission {
    case .provisional:
      return
    case .new:
      if case .fixed = updates[index].labels {
        if updates[index].hasEnded, updates[index].series == nil { return }
        updates[index].hasEnded = true
        updates[index].series = nil
      }
      if updates[index].isPending {
        updates[index].isPending = false
        pendingUpdates.removeAll { $0 == index }
      }
      guard let series = registry.provisionalSeries(metric: metric, labelValues: labels) else { return }
      if series.isProvisional || series.feeder === feeder { registry.drop(series) }
    case .known, .differing:
      guard let values = registry.meaning(metric: metric, labelValues: labels, countsRefusal: false) else { return }
      contribution.staged.unstage(metric: metric, values: values)
    }
  }

  /// Whether another target of the field reads the text for the same metric: the field has values of several forms then,
  /// such as `1.4it/s` and `1.2s/it`.
  func isReadByAnother(_ value: RecordBatch.Value, of index: Int, _ record: Record) -> Bool {
    guard let field = updates[index].feed.field else { return false }
    return updates(of: field).contains { other in
      guard other != index, updates[other].metric == updates[index].metric, !updates[other].from.ignoresValue else {
        return false
      }
      return isNumber(other, value, record)
    }
  }

  /// Whether a value that is no number should be one to an update. An array or object of a name that just fits a pattern is
  /// what holds the fields that are meant.
  func isMeantAsNumber(_ value: RecordBatch.Value, of index: Int, _ record: Record) -> Bool {
    if value.isContainer { return updates[index].feed.field.map(plan.takesByName) ?? false }
    return !isReadByAnother(value, of: index, record)
  }

  private func form(of index: Int) -> NumberForm? {
    if let known = forms[index] { return known }
    guard let (target, _) = target(of: updates[index].feed) else { return nil }
    let form = plan.form(of: target)
    forms[index] = form
    return form
  }

  /// The updates whose field has shown a decimal comma that the catalog does not say: commas part no thousands there.
  var decimalCommas: [Update.Feed] { updates.lazy.filter(\.hasDecimalComma).map(\.feed) }

  /// Goes on with those of another process.
  func restore(decimalCommas: [Update.Feed]) {
    for feed in decimalCommas {
      if let index = index(of: feed) { updates[index].hasDecimalComma = true }
    }
  }

  /// What follows is another document, or the same from its beginning.
  func forgetDecimalCommas() {
    for index in updates.indices where updates[index].hasDecimalComma || updates[index].hasEnded {
      (updates[index].hasDecimalComma, updates[index].hasEnded) = (false, false)
    }
  }

}

extension WatcherPlan {
  /// What a field's text is read for that is no plain number. Durations are read by the parser where all that takes its
  /// value as a number is in seconds: what is scaled comes in another unit.
  func numberUse(_ updates: some Sequence<Update>) -> FieldUse {
    let numeric = updates.filter(\.takesNumbers)
    if numeric.isEmpty { return [] }
    let isDuration = numeric.allSatisfy { $0.isAsWritten && metrics[$0.metric].isIn("seconds") }
    return isDuration ? [.words, .duration] : .words
  }

  /// How a target reads a field's text.
  func form(of target: Target) -> NumberForm {
    NumberForm(
      unit: metrics[target.metric].unitName,
      scale: target.isReciprocal ? .nan : target.scale,
      pattern: target.pattern.map(FieldPattern.init),
      marks: marks
    )
  }

  /// How those read a field's text that take its value as a number.
  func forms(forField name: String) -> [NumberForm] {
    if let known = formsByField[name] { return known }
    let targets = mapping(forField: name)?.targets ?? []
    let forms = targets.filter { metrics[$0.metric].type.isNumeric && !$0.from.ignoresValue }.map(form)
    formsByField[name] = forms
    return forms
  }

  var marks: NumberForm.Marks { NumberForm.Marks(decimal: watcher.decimal, thousands: watcher.thousands) }
}
