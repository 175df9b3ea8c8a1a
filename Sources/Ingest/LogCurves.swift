internal import Budgets
package import Curves
package import LogFormats
package import MetricCatalog
internal import MetricRegistry

/// The curves of one log: the values of the fields that feed metrics with numbers, or say how the run goes, over the
/// log's records. It parses the log as `LogIngest` does, and feeds nothing.
///
/// Used by one thread at a time.
package final class LogCurves {
  /// The values of one field; where a metric's labels come from the record, of one set of those.
  package struct Found {
    package let field: String
    /// Labels of the metric that come from the record, in the metric's order.
    package let labels: [(name: String, value: String)]
    /// The first metric that the field feeds with a number, by its position. Values are what that gets.
    package let metric: Int?
    package internal(set) var curve = Curve()
  }

  /// How many curves are kept of a log.
  package static let curvesMax = 500

  /// Of a field that is wanted.
  private struct Slot {
    var roles: RunPlan.Roles
    var stepRank: Int
    var epochRank: Int
    var tracked: Int
    /// Whether it has a curve.
    var isDrawn: Bool
    /// Its curve, where no record decides which; -1: that is not known yet.
    var curve = -1
    /// The place of what else is known of it.
    var source: Int
    /// Whether a plain number is what is drawn.
    var isPlain: Bool
  }

  /// What a field's curves are made of.
  private struct Source {
    var field: String
    /// What takes its value as a number, of the metric that the first is of.
    var updates: [Update]
    var forms: [NumberForm?]
    /// By the labels that come from the record.
    var curves: [String: Int] = [:]
    var hasDecimalComma = false
  }

  @exclusivity(unchecked) package private(set) var all: [Found] = []
  /// How many records were read, those included that conditions leave out.
  @exclusivity(unchecked) package private(set) var recordCount = 0
  /// Whether there was no room for some curves.
  @exclusivity(unchecked) package private(set) var leavesOut = false

  private let plan: WatcherPlan
  private let run: RunPlan
  private let captures: [String: String]
  @exclusivity(unchecked) private var slots: [Slot] = []
  @exclusivity(unchecked) private var sources: [Source] = []
  /// The value of each tracked field in the record at hand; -1: it has none.
  @exclusivity(unchecked) private var tracked: [Int]
  /// What the log has said last: a record need not repeat it.
  private var step = Double.nan
  private var epoch = Double.nan
  private var parser: (any RecordParser)?
  private var document: (any DocumentParser)?
  private var batch = RecordBatch()

  /// - Returns: nil if the format has no fields, or the watcher tells of no runs.
  init?(_ plan: WatcherPlan, path: String, captures: [String: String], lineBytesMax: Int) {
    guard let run = plan.run else { return nil }
    self.plan = plan
    self.run = run
    self.captures = captures
    tracked = Array(repeating: -1, count: plan.tracked.count)
    switch plan.content {
    case .lines(_, let parser), .frames(let parser):
      let format = plan.watcher.format
      self.parser = parser(LogSite(format: format, path: path, lineBytesMax: lineBytesMax, fields: fieldTable()))
    case .document(let document): self.document = document.parser(plan.watcher.format, fieldTable())
    case .events: return nil
    }
  }

  private func fieldTable() -> FieldTable {
    FieldTable(
      budget: plan.budget,
      longNames: plan.longNames,
      decimalCommas: plan.watcher.decimal == ",",
      claim: { [weak plan] name in plan?.claim(onField: name) ?? .nobody },
      resolve: { [weak self] name, slot in self?.resolve(name, slot) ?? [] },
      forms: { [weak plan] name in plan?.forms(forField: name) ?? [] }
    )
  }

  /// The largest document that is read; nil: the log is no document, which is read whole.
  package var documentBytesMax: Int? { plan.document?.bytesMax }

  /// What it takes of memory, about, in bytes.
  package var byteCount: Int {
    all.reduce(4096) { sum, found in
      // Labels are kept as they are, and to find their curve.
      let labels = found.labels.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
      return sum + found.curve.byteCount + 2 * labels + 512
    }
  }

  // MARK: Reading

  /// Reads a log of lines on.
  ///
  /// - Parameter isClosed: whether nothing follows.
  /// - Returns: how many bytes were taken; what is left is a line that has no end yet.
  package func read(_ bytes: UnsafeRawBufferPointer, isClosed: Bool = false) -> Int {
    var consumed = 0
    while consumed < bytes.count {
      batch.removeAll()
      let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
      let count = parser?.parse(rest, isClosed: isClosed, into: &batch) ?? rest.count
      take()
      if count == 0 { break }
      consumed += count
    }
    // There may be a hundred logs, which are read now and then.
    batch = RecordBatch()
    return consumed
  }

  /// Reads the beginning of a log of which only the end is wanted: what says how the end is to be read.
  package func learn(_ beginning: UnsafeRawBufferPointer) {
    batch.removeAll()
    _ = parser?.parse(beginning, isClosed: false, into: &batch)
  }

  /// Whether the log is frames, and no text.
  package var isBinary: Bool { plan.isBinary }

  /// Passes by the bytes that follow those that were taken.
  package func passBy(_ byteCount: Int) {
    batch.removeAll()
    parser?.skip(byteCount, into: &batch)
  }

  /// Reads a document.
  package func readDocument(_ bytes: UnsafeRawBufferPointer) {
    batch.removeAll()
    if document?.parseDocument(bytes, isAtRest: true, into: &batch) != nil { take() }
    batch = RecordBatch()
  }

  /// Whether a last line without its end may be read: it would be no other if it went on.
  package func mayEnd(atFileSize size: Int) -> Bool {
    guard case .lines(let saysWhenWhole, _) = plan.content else { return false }
    return saysWhenWhole || !TornTail.isLikely(atFileSize: size)
  }

  /// The curves with what a last line says that has no end yet; nothing of it stays.
  package func withEnd(_ bytes: UnsafeRawBufferPointer) -> [Found] {
    guard var copy = parser else { return all }
    let before = (all, recordCount, leavesOut, slots, sources, step, epoch)
    batch.removeAll()
    _ = copy.parse(bytes, isClosed: true, into: &batch)
    take()
    defer { (all, recordCount, leavesOut, slots, sources, step, epoch) = before }
    return all
  }

  // MARK: Fields

  private func resolve(_ name: String, _ place: Int) -> FieldUse {
    if place < slots.count { slots.removeSubrange(place...) }
    let mapped = plan.mapping(forField: name)
    let texts = LabelTexts(field: mapped?.captures ?? [:], path: captures, tracked: plan.tracked)
    let updates = (mapped?.targets ?? []).enumerated().map { number, target in
      Update(
        target,
        from: Update.Feed(field: name, target: number),
        descriptor: plan.metrics[target.metric],
        texts: texts,
        takesPlainNumbers: target.pattern == nil && plan.takesPlainNumbers
      )
    }
    let numeric = updates.filter(\.takesNumbers)
    let drawn = numeric.filter { $0.metric == numeric.first?.metric }
    let field = run.field(name, isCounted: !numeric.isEmpty)
    let roles = field?.roles ?? []
    let tracked = plan.tracked[name] ?? -1
    var use: FieldUse = roles.isEmpty ? [] : .number
    use.formUnion(plan.numberUse(updates))
    if numeric.contains(where: { !$0.takesPlainNumbers }) || roles.contains(.time) { use.insert([.number, .text]) }
    if tracked >= 0 || (plan.naValues != nil && !use.isEmpty) { use.insert([.number, .text]) }
    let targets = mapped?.targets ?? []
    slots.append(
      Slot(
        roles: roles,
        stepRank: field?.stepRank ?? .max,
        epochRank: field?.epochRank ?? .max,
        tracked: tracked,
        isDrawn: !numeric.isEmpty || !roles.isDisjoint(with: [.loss, .score]),
        source: sources.count,
        isPlain: drawn.first.map { $0.isAsWritten && $0.scaledPlainly(0) == 0 } ?? true
      )
    )
    sources.append(
      Source(field: name, updates: drawn, forms: drawn.map { plan.form(of: targets[$0.feed.target]) })
    )
    return use
  }

  // MARK: Records

  private typealias Values = UnsafeBufferPointer<RecordBatch.Value>

  private func take() {
    batch.values.withUnsafeBufferPointer { values in
      batch.text.withUnsafeBufferPointer { text in
        var start = 0
        for record in batch.records {
          recordCount += 1
          take(Values(rebasing: values[start..<record.valuesEnd]), text)
          start = record.valuesEnd
        }
      }
    }
  }

  private func take(_ fields: Values, _ text: UnsafeBufferPointer<UInt8>) {
    if !tracked.isEmpty {
      for place in tracked.indices { tracked[place] = -1 }
      for (index, value) in fields.enumerated() where slots[Int(value.slot)].tracked >= 0 && isSaid(value, text) {
        tracked[slots[Int(value.slot)].tracked] = index
      }
      for condition in plan.conditions {
        let index = tracked[condition.tracked]
        let value = index < 0 ? nil : fields[index]
        if !condition.holds(for: value.map { ($0.text(in: text), $0.ownNumber) }) { return }
      }
    }
    let place = place(of: fields, text)
    for value in fields where slots[Int(value.slot)].isDrawn && !value.isContainer && !value.isInArray {
      draw(value, fields, text, place)
    }
  }

  /// Whether a value says something, by the catalog's `na_values`.
  @inline(__always)
  private func isSaid(_ value: RecordBatch.Value, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let naValues = plan.naValues else { return true }
    return !naValues.contains(value.text(in: text), number: value.ownNumber)
  }

  private func place(of fields: Values, _ text: UnsafeBufferPointer<UInt8>) -> Curve.Place {
    var time = Double.nan
    var (stepRank, epochRank): (Int?, Int?)
    for value in fields {
      let slot = slots[Int(value.slot)]
      if slot.roles.isDisjoint(with: [.step, .epoch, .time]) || value.isContainer || !isSaid(value, text) { continue }
      let number = value.ownNumber
      if slot.roles.contains(.time), let read = TimeText.nanoseconds(value.text(in: text), number: number) {
        time = Double(read) / 1e9
      }
      guard let number, number.isFinite else { continue }
      if slot.roles.contains(.step), slot.stepRank <= stepRank ?? .max { (step, stepRank) = (number, slot.stepRank) }
      if slot.roles.contains(.epoch), slot.epochRank <= epochRank ?? .max {
        (epoch, epochRank) = (number, slot.epochRank)
      }
    }
    return Curve.Place(record: recordCount, step: step, epoch: epoch, time: time)
  }

  private func draw(
    _ value: RecordBatch.Value,
    _ fields: Values,
    _ text: UnsafeBufferPointer<UInt8>,
    _ place: Curve.Place
  ) {
    let slot = Int(value.slot)
    if slots[slot].isPlain, slots[slot].curve >= 0, value.isNumber, plan.naValues == nil {
      return all[slots[slot].curve].curve.append(value.number, at: place)
    }
    guard isSaid(value, text), let number = number(value, of: slots[slot].source, text),
      let curve = curve(of: slot, fields, text)
    else { return }
    all[curve].curve.append(number, at: place)
  }

  /// What is drawn of a value; nil: it is no number.
  private func number(
    _ value: RecordBatch.Value,
    of source: Int,
    _ text: UnsafeBufferPointer<UInt8>
  ) -> Double? {
    // A field without a metric is as the log says it.
    if sources[source].updates.isEmpty { return value.ownNumber }
    for (place, update) in sources[source].updates.enumerated() {
      if value.isNumber, update.takesPlainNumbers { return update.scaled(value.number) }
      guard let form = sources[source].forms[place] else { continue }
      let words = form.takesWords ? value.words(in: text) : value.text(in: text)
      let partsThousands = batch.partsThousands && !sources[source].hasDecimalComma
      switch form.read(UnsafeBufferPointer(rebasing: words), partsThousands: partsThousands) {
      case .number(let number):
        if let scaled = update.scaled(number) { return scaled }
      case .decimalComma: sources[source].hasDecimalComma = true
      case .none: break
      }
    }
    return nil
  }

  /// Where a value goes; nil: there is no room for one more curve.
  private func curve(of slot: Int, _ fields: Values, _ text: UnsafeBufferPointer<UInt8>) -> Int? {
    let source = slots[slot].source
    guard let update = sources[source].updates.first, case .perRecord(let parts) = update.labels else {
      if slots[slot].curve < 0 { slots[slot].curve = add(source, labels: []) ?? -1 }
      return slots[slot].curve < 0 ? nil : slots[slot].curve
    }
    var labels: [(name: String, value: String)] = []
    var key = ""
    for (label, parts) in zip(plan.metrics[update.metric].labels, parts) where parts.contains(where: \.isOfRecord) {
      let value = self.text(of: parts, fields, text)
      if value.utf8.count > Registry.labelValueBytesMax { return nil }
      labels.append((label.name, value))
      // Its length goes before each text, so that no text can stand for two.
      key += "\(value.utf8.count):\(value)"
    }
    if let known = sources[source].curves[key] { return known }
    guard let curve = add(source, labels: labels) else { return nil }
    sources[source].curves[key] = curve
    return curve
  }

  private func add(_ source: Int, labels: [(name: String, value: String)]) -> Int? {
    guard all.count < Self.curvesMax else {
      leavesOut = true
      return nil
    }
    all.append(Found(field: sources[source].field, labels: labels, metric: sources[source].updates.first?.metric))
    return all.count - 1
  }

  private func text(of parts: [LabelPlan.Part], _ fields: Values, _ text: UnsafeBufferPointer<UInt8>) -> String {
    var said = ""
    for part in parts {
      switch part {
      case .text(let literal): said += literal
      case .tracked(let place):
        guard tracked[place] >= 0 else { return "" }
        said += String(decoding: fields[tracked[place]].text(in: text), as: UTF8.self)
      }
    }
    return trimmed(said)
  }
}

extension LabelPlan.Part {
  fileprivate var isOfRecord: Bool { if case .tracked = self { true } else { false } }
}

/// What the logs of a catalog have in common when curves are read of them. Used by one thread at a time.
package final class CurvePlans {
  private let catalog: Catalog
  private let formats: [FormatDescriptor]
  private var plans: [Int: WatcherPlan] = [:]
  private let budget = MemoryBudget()

  package init(_ catalog: Catalog, formats: [FormatDescriptor] = LogFormats.all) {
    self.catalog = catalog
    self.formats = formats
  }

  /// What is to read a log's curves.
  ///
  /// - Returns: nil if logs of the watcher have none.
  ///
  /// - Parameter path: the log's path.
  package func curves(watcher: Int, path: String, captures: [String: String]) -> LogCurves? {
    LogCurves(plan(watcher), path: path, captures: captures, lineBytesMax: catalog.limits.lineBytes)
  }

  private func plan(_ place: Int) -> WatcherPlan {
    if let known = plans[place] { return known }
    let watcher = catalog.watchers[place]
    let format = formats.first { $0.name == watcher.format.name }
    let plan = WatcherPlan(
      watcher,
      format: format,
      metrics: catalog.metrics,
      budget: budget,
      warn: { _ in }
    )
    plans[place] = plan
    return plan
  }
}
