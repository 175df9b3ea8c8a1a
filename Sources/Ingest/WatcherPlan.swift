internal import Budgets
internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import PatternSyntax

/// What of a watcher is the same for all its logs: its mapping, its conditions, and the record's fields they look at.
final class WatcherPlan {
  let watcher: Watcher
  /// What its logs are, by their format.
  let content: FormatDescriptor.Content
  let metrics: [MetricDescriptor]
  let counters = RecordCounters()
  let limits = LimitCounters()
  let sight = WatcherSight()
  /// What all logs of all watchers share.
  let budget: MemoryBudget
  /// Takes a line for people.
  let warn: (String) -> Void

  /// The fields that conditions and label texts look at, by name; the number is their place among the tracked.
  let tracked: [String: Int]
  let conditions: [CompiledCondition]
  /// What means that nothing was measured; nil: only what means that in every log.
  let naValues: CompiledValues?
  /// The labels that evict and that a log's path settles, each with one metric that has it.
  let evictingPathLabels: [(metric: Int, label: Int, text: MetricCatalog.LabelText)]

  /// What its records say of runs; nil: nothing.
  let run: RunPlan?
  /// The targets of counters whose labels follow from the path of a log alone, or from nothing.
  let settledCounters: [Target]

  /// Whether all its plain numbers are numbers, whatever the marks in others.
  let takesPlainNumbers: Bool
  /// How captures are read as numbers, as far as parsers have asked.
  var formsByField: [String: [NumberForm]] = [:]

  /// Parsers that learned other fields than each other, of which logs with the same fields take them over.
  private var models: [any RecordParser] = []
  /// The newest models: more kinds of logs in one watcher keep their fields themselves.
  private static let modelsMax = 8

  private let exact: [String: Int]
  private let patterns: [Int]

  init(
    _ watcher: Watcher,
    format: FormatDescriptor?,
    metrics: [MetricDescriptor],
    budget: MemoryBudget,
    warn: @escaping (String) -> Void
  ) {
    self.watcher = watcher
    content = format?.content ?? .events
    self.metrics = metrics
    self.budget = budget
    self.warn = warn

    var tracked: [String: Int] = [:]
    func track(_ field: String) -> Int {
      if let place = tracked[field] { return place }
      tracked[field] = tracked.count
      return tracked.count - 1
    }
    conditions = watcher.conditions.map { CompiledCondition($0, tracked: track($0.field)) }
    takesPlainNumbers = watcher.thousands != "."
    naValues = watcher.naValues.isEmpty ? nil : CompiledValues(watcher.naValues)
    let targets = watcher.eachRecord + watcher.fields.flatMap(\.targets)
    let texts = targets.flatMap { $0.labels.compactMap { $0 } + $0.exemplar.map(\.text) }
    for part in texts.flatMap(\.parts) {
      if case .field(let name) = part { _ = track(name) }
    }
    for field in targets.compactMap(\.restartsWith) { _ = track(field) }
    let isOfDocuments = if case .document = content { true } else { false }
    run = RunPlan(
      watcher,
      isOfDocuments: isOfDocuments,
      isConsole: format?.isConsole ?? false,
      words: format?.runWords ?? RunWords(),
      track: track
    )
    self.tracked = tracked
    var evicting: [(metric: Int, label: Int, text: MetricCatalog.LabelText)] = []
    for target in targets {
      for (label, text) in target.labels.enumerated() {
        let declared = metrics[target.metric].labels[label]
        guard declared.evictsOldest, let text, text.isOfPath,
          !evicting.contains(where: { $0.text == text && metrics[$0.metric].labels[$0.label] == declared })
        else { continue }
        evicting.append((target.metric, label, text))
      }
    }
    evictingPathLabels = evicting
    var counters: [Target] = []
    for target in targets where metrics[target.metric].type == .counter && !target.labels.isEmpty {
      let isSettled = target.labels.allSatisfy { $0?.isOfPath == true }
      guard isSettled, !counters.contains(where: { ($0.metric, $0.labels) == (target.metric, target.labels) }) else {
        continue
      }
      counters.append(target)
    }
    settledCounters = counters

    var exact: [String: Int] = [:]
    var patterns: [Int] = []
    for (index, mapping) in watcher.fields.enumerated() {
      if let name = mapping.pattern.pattern.literalText {
        exact[name] = index
      } else {
        patterns.append(index)
      }
    }
    self.exact = exact
    self.patterns = patterns
  }

  /// Lets a parser keep the fields it learned in one piece with those of other logs.
  func share(_ parser: inout any RecordParser) {
    for model in models.reversed() where parser.share(with: model) { return }
    if models.count >= Self.modelsMax { models.removeFirst() }
    models.append(parser)
  }

  /// Whether its logs are frames, and no text.
  var isBinary: Bool {
    if case .frames = content { true } else { false }
  }

  /// How its logs are read, if they are documents.
  var document: FormatDescriptor.Document? {
    if case .document(let document) = content { document } else { nil }
  }

  /// The names of several words that the catalog has in full.
  var longNames: Set<String> {
    let named = Set(exact.keys).union(tracked.keys).union(run?.fieldNames ?? [])
    return named.filter { name in name.utf8.contains(UInt8(ascii: " ")) }
  }

  /// Whether the catalog names a field in full.
  func takesByName(_ name: String) -> Bool {
    exact[name] != nil || tracked[name] != nil || run?.takes(name) == true
  }

  /// The longest field name that patterns are tried on, in bytes: what is longer is no column of a training log.
  private static let fieldNameBytesMax = 1024

  /// Where a field goes, with what its name's captures took: the target with its exact name, else the first pattern
  /// that matches and whose captures are allowed values, else (so that it is counted as rejected) the first that matches.
  func mapping(forField name: String) -> (targets: [Target], captures: [String: String])? {
    place(forField: name).map { (watcher.fields[$0.place].targets, $0.captures) }
  }

  /// The same by its place among the watcher's fields.
  func place(forField name: String) -> (place: Int, captures: [String: String])? {
    if let index = exact[name] { return (index, [:]) }
    guard name.utf8.count <= Self.fieldNameBytesMax else { return nil }
    var byShape: (place: Int, captures: [String: String])?
    for index in patterns {
      let mapping = watcher.fields[index]
      guard let taken = mapping.pattern.match(name) else { continue }
      let names = mapping.pattern.pattern.captureNames
      let captures = Dictionary(zip(names, taken), uniquingKeysWith: { first, _ in first })
      if allows(captures, in: mapping.targets) { return (index, captures) }
      if byShape == nil { byShape = (index, captures) }
    }
    return byShape
  }

  private func allows(_ captures: [String: String], in targets: [Target]) -> Bool {
    targets.allSatisfy { target in
      zip(target.labels, metrics[target.metric].labels).allSatisfy { text, label in
        guard let part = text?.parts.first, text?.parts.count == 1, case .fieldCapture(let name) = part,
          let taken = captures[name]
        else { return true }
        return label.value(for: trimmed(taken)) != nil
      }
    }
  }
}

/// One condition of `where:`.
struct CompiledCondition {
  let field: String
  let tracked: Int
  let test: Condition.Test
  private let values: CompiledValues

  init(_ condition: Condition, tracked: Int) {
    field = condition.field
    self.tracked = tracked
    test = condition.test
    if case .oneOf(let values) = condition.test {
      self.values = CompiledValues(values)
    } else {
      values = CompiledValues([])
    }
  }

  /// Whether it holds for a record whose field has this text and number; nil: the record does not have the field.
  func holds(for value: (text: Slice<UnsafeBufferPointer<UInt8>>, number: Double?)?) -> Bool {
    switch test {
    case .present: value != nil
    case .absent: value == nil
    case .oneOf: value.map { values.contains($0.text, number: $0.number) } ?? false
    }
  }
}

/// Values that the catalog names, with their numbers parsed.
struct CompiledValues {
  private let texts: [[UInt8]]
  private let numbers: [Double]

  init(_ values: [String]) {
    texts = values.map { Array(trimmed($0).utf8) }
    numbers = values.compactMap(Self.number)
  }

  /// Whether a value is one of them: as a number, or as a text.
  func contains(_ text: Slice<UnsafeBufferPointer<UInt8>>, number: Double?) -> Bool {
    if let number, numbers.contains(where: { $0 == number || ($0.isNaN && number.isNaN) }) { return true }
    return texts.contains { $0.elementsEqual(text) }
  }

  /// As logs have it, so that `nan`, `NaN` and `NAN` are one value.
  private static func number(_ text: String) -> Double? {
    var text = trimmed(text)
    return text.withUTF8 { NumberParser.parse(UnsafeRawBufferPointer($0)) }
  }
}
