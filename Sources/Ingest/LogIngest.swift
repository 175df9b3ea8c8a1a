internal import Budgets
package import Clocks
package import LogFormats
package import MetricCatalog
package import MetricRegistry
package import Runs
package import Tailing

/// From files to series: makes a consumer for each log that the tailer finds, by the catalog's mapping.
///
/// Used on the tailer's thread only, but for `counters` and `limits`.
package final class LogIngest {
  /// What became of the records of each watcher, in the catalog's order.
  package let counters: [RecordCounters]
  /// What limits left unread of them, in the same order.
  package let limits: [LimitCounters]

  /// What was seen of the logs of each, in the same order.
  package let sights: [WatcherSight]

  package let catalog: Catalog
  /// Made when they are first asked for: who reads `once` saves nothing.
  private(set) lazy var prints = CatalogPrints(catalog)
  /// Whether some watcher feeds a metric, by its position.
  package let isFedByLogs: [Bool]
  /// Whether some watcher feeds it with exemplars.
  let hasExemplars: [Bool]
  let metricIndex: [String: Int]
  let plans: [WatcherPlan]
  private let registry: Registry
  private let warn: (String) -> Void
  private let documentsMax: Int
  private let scratch = BatchScratch()
  /// The processes that write events; by watcher.
  let processes: [EventProcesses?]
  /// The runs that logs tell of.
  package var runs: RunBoard { runFiles.board }
  /// Which logs each run has.
  package var runLogs: RunLogs { runFiles.logs }
  let runFiles: RunFiles
  /// Ends series whose logs have not changed for long.
  package let expiry: Expiry
  var feeders = Feeders()
  var saving = IngestSaving()
  /// Logs that another process read, and of which nothing is kept: they are read again from their beginnings.
  var readBefore: Set<LogName> = []
  /// What logs have set that another process read, until they are opened again.
  var shownBefore: [ObjectIdentifier: [Series]] = [:]
  var groupsBeforeForgetting = 64
  /// When to look for runs of which nothing is left, in nanoseconds of the monotonic clock; then each minute.
  private var nextForgetting = Int64.min
  private static let forgettingInterval: Int64 = 60_000_000_000
  private(set) var documentGroups: [DocumentGroupKey: DocumentGroup] = [:]

  struct DocumentGroupKey: Hashable {
    var watcher: Int
    var captures: [String: String]
  }

  struct LogName: Hashable {
    var watcher: Int
    var path: String

    init(_ file: LogFile) {
      watcher = file.watcher
      path = file.path
    }
  }

  /// - Parameters:
  ///   - formats: those that there are.
  ///   - documentsMax: different documents with the same captures that are told apart; nil: as many as a watcher has files.
  ///   - eventLimits: what is kept of processes that write events, by each watcher.
  ///   - warn: takes what people should know of a log, a line each.
  ///   - clock: what series age by.
  package init(
    catalog: Catalog,
    registry: Registry,
    formats: [FormatDescriptor] = LogFormats.all,
    documentsMax: Int? = nil,
    eventLimits: EventLimits = EventLimits(),
    warn: @escaping (String) -> Void = { _ in },
    clock: @escaping () -> Moment = { .now }
  ) {
    self.catalog = catalog
    self.registry = registry
    let fed = Retention.fed(by: catalog)
    isFedByLogs = catalog.metrics.indices.map { metric in fed.contains { $0[metric] } }
    let targets = catalog.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) }
    let withExemplars = Set(targets.lazy.filter { !$0.exemplar.isEmpty }.map(\.metric))
    hasExemplars = catalog.metrics.indices.map(withExemplars.contains)
    metricIndex = Dictionary(
      catalog.metrics.enumerated().map { ($1.name, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    expiry = Expiry(catalog: catalog, fed: fed, registry: registry, clock: clock)
    runFiles = RunFiles(RunBoard(labels: Self.runLabelLimits(catalog)), clock: clock)
    self.warn = warn
    self.documentsMax = documentsMax ?? DocumentStates.countMax
    let budget = MemoryBudget()
    plans = catalog.watchers.map { watcher in
      let format = formats.first { $0.name == watcher.format.name }
      return WatcherPlan(
        watcher,
        format: format,
        metrics: catalog.metrics,
        budget: budget,
        warn: warn
      )
    }
    let metricIndex = self.metricIndex
    processes = zip(plans, fed).map { plan, fed in
      guard case .events = plan.content else { return nil }
      return EventProcesses(
        plan: plan,
        isFed: fed,
        metricIndex: metricIndex,
        registry: registry,
        limits: eventLimits,
        clock: clock
      )
    }
    counters = plans.map(\.counters)
    limits = plans.map(\.limits)
    sights = plans.map(\.sight)
    StartingSeries(catalog: catalog, isFedByLogs: isFedByLogs).materialize(in: registry)
  }

  /// How many values the labels of runs may have.
  private static func runLabelLimits(_ catalog: Catalog) -> [String: RunBoard.LabelLimit] {
    let labels = catalog.watchers.compactMap(\.run).flatMap(\.labels).map(\.descriptor)
    let limits = labels.compactMap { label in
      label.maxValues.map { (label.name, RunBoard.LabelLimit(valuesMax: $0, evictsOldest: label.evictsOldest)) }
    }
    return Dictionary(limits) { first, _ in first }
  }

  /// The consumer of a log that was found.
  package func open(_ file: LogFile) -> any LogConsumer {
    let feeder = feeder(of: file)
    if let processes = processes[file.watcher] {
      return EventLog(processes: processes, feeder: feeder, expiry: expiry, file: file)
    }
    if let group = documentGroup(watcher: file.watcher, captures: file.captures, feeder) {
      return DocumentLog(group: group, feeder: feeder, expiry: expiry, file: file)
    }
    let mapping = makeMapping(file.watcher, captures: file.captures, feeder)
    mapping.isFirstReading = true
    mapping.isReadAgain = readBefore.remove(LogName(file)) != nil
    return lineLog(mapping, file, state: LogState())
  }

  /// Ends what has to end by now: series whose logs have not changed for long, and what silent processes show.
  ///
  /// - Returns: when to look again, in nanoseconds of the monotonic clock.
  package func sweep(_ moment: Moment) -> Int64 {
    if moment.monotonic >= nextForgetting {
      nextForgetting = moment.monotonic &+ Self.forgettingInterval
      runs.forget(at: moment.wall)
    }
    return processes.reduce(expiry.sweep(moment)) { min($0, $1?.sweep(moment) ?? .max) }
  }

  func feeder(of file: LogFile) -> Feeder {
    feeders.feeder(of: file, catalog.watchers[file.watcher])
  }

  func lineLog(_ mapping: RecordMapping, _ file: LogFile, state: LogState) -> LineLog {
    let (sayWhenWhole, makeParser) = recordFormat(of: file)
    return LineLog(
      mapping: mapping,
      scratch: scratch,
      state: state,
      expiry: expiry,
      file: file,
      saysWhenWhole: sayWhenWhole,
      isBinary: plans[file.watcher].isBinary,
      warn: warn
    ) {
      makeParser(Self.fieldTable(mapping))
    }
  }

  /// Whether records say themselves that they are whole, and what makes the parser of a log of lines or frames.
  func recordFormat(of file: LogFile) -> (sayWhenWhole: Bool, makeParser: (FieldTable) -> any RecordParser) {
    let format = catalog.watchers[file.watcher].format
    let lineBytesMax = catalog.limits.lineBytes
    func site(_ fields: FieldTable) -> LogSite {
      LogSite(format: format, path: file.path, lineBytesMax: lineBytesMax, fields: fields)
    }
    switch plans[file.watcher].content {
    case .lines(let sayWhenWhole, let parser): return (sayWhenWhole, { parser(site($0)) })
    case .frames(let parser): return (true, { parser(site($0)) })
    case .document, .events: preconditionFailure("\(format.name) logs are not read record by record")
    }
  }

  /// What documents with these captures share; nil: the watcher's logs are lines.
  func documentGroup(watcher: Int, captures: [String: String], _ feeder: Feeder) -> DocumentGroup? {
    guard let document = plans[watcher].document else { return nil }
    let key = DocumentGroupKey(watcher: watcher, captures: captures)
    if let group = documentGroups[key] { return group }
    let mapping = makeMapping(watcher, captures: captures, feeder)
    if documentGroups.count >= groupsBeforeForgetting { forgetGroups() }
    let group = DocumentGroup(
      watcher: watcher,
      mapping: mapping,
      scratch: scratch,
      document: document,
      parser: document.parser(catalog.watchers[watcher].format, Self.fieldTable(mapping)),
      statesMax: documentsMax
    ) { [weak self] file in
      self?.documentGroup(watcher: file.watcher, captures: file.captures, feeder)
    }
    documentGroups[key] = group
    return group
  }

  /// Forgets the groups whose logs have all been forgotten.
  func forgetGroups() {
    documentGroups = documentGroups.filter { $0.value.logCount > 0 }
    groupsBeforeForgetting = 2 * documentGroups.count + 64
  }

  func makeMapping(_ watcher: Int, captures: [String: String], _ feeder: Feeder) -> RecordMapping {
    RecordMapping(
      plan: plans[watcher],
      feeder: feeder,
      captures: captures,
      registry: registry,
      run: plans[watcher].run.map { RunFeed(plan: $0, files: runFiles, captures: captures, clock: expiry.clock) },
      clock: expiry.clock
    )
  }

  /// A parser outlives its log where others take over what it learned (`WatcherPlan.share`): it must hold neither the
  /// mapping nor, through it, the plan and the registry, or no reload would ever let go of them.
  ///
  /// - Parameter takesAll: whether the table has fields, too, that nobody wants, with their texts.
  static func fieldTable(_ mapping: RecordMapping, takesAll: Bool = false) -> FieldTable {
    let plan = mapping.plan
    return FieldTable(
      budget: plan.budget,
      wantsSome: !plan.watcher.fields.isEmpty || !plan.tracked.isEmpty || plan.run != nil,
      longNames: plan.longNames,
      decimalCommas: plan.watcher.decimal == ",",
      claim: { [weak plan] name in
        let claim = plan?.claim(onField: name) ?? .nobody
        return takesAll && claim == .nobody ? .pattern : claim
      },
      refused: { [weak plan] refusal in plan?.refuse(refusal) },
      resolve: { [weak mapping] name, slot in
        let use = mapping?.resolve(field: name, slot: slot) ?? []
        guard takesAll else { return use }
        return use.isEmpty ? [.number, .text, .onlyShown] : use.union([.number, .text])
      },
      forms: { [weak plan] name in plan?.forms(forField: name) ?? [] }
    )
  }
}
