internal import Clocks
internal import LogFormats
internal import MetricCatalog
internal import MetricRegistry
internal import Runs
internal import StateStore
internal import Tailing

/// Saving what is known of logs beyond their files, and going on with it.
extension LogIngest {
  func watcherName(_ watcher: Int) -> String { catalog.watchers[watcher].name }

  func retention(of saved: CatalogPrints.Saved, hasSameLogs: (Int) -> Bool) -> Retention {
    Retention(catalog, prints: prints, saved: saved, hasSameLogs: hasSameLogs)
  }

  /// Encodes what became of records, and the logs that consist of documents: what has changed since the last time, or
  /// all.
  func encode(into changes: inout StateChanges) {
    for (watcher, counters) in counters.enumerated() {
      let saved = SavedCounters(watcher: catalog.watchers[watcher].name, counters)
      guard changes.isWhole || saving.counters[watcher] != saved else { continue }
      saving.counters[watcher] = saved
      changes.set(.watcher, UInt64(watcher)) { $0.encode(saved) }
    }
    encodeDocuments(into: &changes)
    runs.encode(into: &changes)
    for processes in processes { processes?.encode(into: &changes, nextPlace: { saving.nextPlace() }) }
  }

  private func encodeDocuments(into changes: inout StateChanges) {
    forgetGroups()
    var met: [UInt64: SavedDocuments.Places] = [:]
    for (key, group) in documentGroups {
      if group.savedPlace == 0 { group.savedPlace = saving.nextPlace() }
      group.encode(into: &changes, nextPlace: { saving.nextPlace() })
      met[group.savedPlace] = group.saved
      guard changes.isWhole || saving.groups[group.savedPlace] != group.saved else { continue }
      let saved = SavedDocuments(
        watcher: catalog.watchers[key.watcher].name,
        captures: key.captures,
        places: group.saved
      )
      changes.set(.documentGroup, group.savedPlace) { $0.encode(saved) }
    }
    if !changes.isWhole, met != saving.groups {
      for group in Set(saving.groups.keys).subtracting(met.keys) { changes.remove(.documentGroup, group) }
      let documents = Set(met.values.map(\.all).joined())
      for document in Set(saving.groups.values.map(\.all).joined()).subtracting(documents) {
        changes.remove(.document, document)
      }
    }
    saving.groups = met
  }

  /// - Parameter series: what became of the saved series, by their places.
  func restore(_ saved: SavedIngest, _ retention: Retention, series: [UInt64: Series], savedAt: Moment) {
    for (watcher, processes) in processes.enumerated() where retention.watchers[watcher] {
      let lacks = zip(retention.fed[watcher], retention.metrics).map { $0 && !$1 }
      processes?.restore(saved.events, lacks: lacks, series: series, savedAt: savedAt)
    }
    let declared = catalog.watchers.compactMap(\.run).map { (keys: RunKeys($0), run: $0) }
    runs.restore(saved.runs) { key, health in
      let own = declared.filter { $0.keys.have(labels: key.names) }.map(\.run)
      health.keepFiles(
        finished: own.contains { !$0.finishedFiles.isEmpty },
        failed: own.contains { !$0.failedFiles.isEmpty },
        checkpoints: own.contains { !$0.checkpoints.isEmpty }
      )
      return !own.isEmpty
    }
    for saved in saved.counters {
      guard let watcher = watcherIndex(saved.watcher), retention.watchers[watcher] else { continue }
      saved.add(to: counters[watcher])
    }
    // Their logs come later: until then no group has one, and none is to be forgotten.
    groupsBeforeForgetting = 2 * saved.documents.count + 64
    for saved in saved.documents {
      guard let watcher = watcherIndex(saved.watcher),
        let group = documentGroup(
          watcher: watcher,
          captures: saved.captures,
          Feeder(name: "", watcher: saved.watcher)
        )
      else { continue }
      group.restore(saved.documents) { contributions, mapping in
        retention.keep(contributions, of: watcher, named: metricIndex, mapping: mapping)
      }
    }
  }

  /// The consumer of a log that another process followed.
  func reopen(
    _ file: LogFile,
    from decoder: inout StateDecoder,
    _ retention: Retention,
    savedAt: Moment
  ) throws(StateDecoder.Failure) -> ReopenedLog {
    let isDocument: Bool = try decoder.decode()
    guard isDocument == (plans[file.watcher].document != nil) else { return .forgotten }
    let feeder = feeder(of: file)
    let times = try decoder.decode(SavedTimes.self).asOf(expiry.clock(), savedAt: savedAt)
    feeder.restore(modified: times.modified, lastChange: times.lastChange)
    if let processes = processes[file.watcher] {
      // What there is of it is found like a new file.
      guard retention.watchers[file.watcher] else { return .forgotten }
      let log = EventLog(processes: processes, feeder: feeder, expiry: expiry, file: file)
      if processes.isReadAgain { return .readAgain(log) }
      try log.resume(from: &decoder)
      return .goesOn(log)
    }
    if isDocument {
      guard let group = documentGroup(watcher: file.watcher, captures: file.captures, feeder) else { return .forgotten }
      let log = DocumentLog(group: group, feeder: feeder, expiry: expiry, file: file)
      let shown = shownBefore[ObjectIdentifier(feeder)] ?? []
      return try log.restore(from: &decoder, keepsRecords: retention.watchers[file.watcher], shown: shown)
    }
    guard retention.watchers[file.watcher] else {
      // What follows may be of another format, and nothing of it would be kept.
      readBefore.insert(LogName(file))
      return .forgotten
    }
    var checkpoint = decoder
    // Only a parser knows where its checkpoint ends; this one learns nothing for the mapping.
    var parser = recordFormat(of: file).makeParser(FieldTable(claim: { _ in .nobody }, resolve: { _, _ in [] }))
    try parser.resume(from: &decoder)
    let contributions: [Contribution.Saved] = try decoder.decode()
    let decimalCommas: [Update.Feed] = decoder.version >= 5 ? try decoder.decode() : []
    let hasFile = decoder.version >= 6 ? try decoder.bool() : true
    let mapping = makeMapping(file.watcher, captures: file.captures, feeder)
    guard let kept = retention.keep(contributions, of: file.watcher, named: metricIndex, mapping: mapping) else {
      readBefore.insert(LogName(file))
      return .forgotten
    }
    mapping.isFirstReading = true
    kept.state.readUpTo = feeder.modified
    for series in shownBefore[ObjectIdentifier(feeder)] ?? [] { kept.state.shows(series, by: feeder) }
    let log = lineLog(mapping, file, state: kept.state)
    log.resumed(hasFile: hasFile)
    if kept.isReadAgain { return .readAgain(log) }
    try log.resume(from: &checkpoint)
    mapping.restore(decimalCommas: decimalCommas)
    return .goesOn(log)
  }

  private func watcherIndex(_ name: String) -> Int? {
    catalog.watchers.firstIndex { $0.name == name }
  }
}

/// What of an ingest was saved.
struct IngestSaving {
  var counters: [Int: SavedCounters] = [:]
  /// The documents of each group, all by their places.
  var groups: [UInt64: SavedDocuments.Places] = [:]
  var feeders = Feeders.Table()
  /// Whether a whole was encoded, which changes can follow.
  var hasWhole = false
  private var lastPlace: UInt64 = 0

  mutating func nextPlace() -> UInt64 {
    lastPlace += 1
    return lastPlace
  }
}

/// What of an ingest was saved, taken apart.
struct SavedIngest {
  private(set) var counters: [SavedCounters]
  private(set) var events = SavedEvents()
  private(set) var runs = SavedRuns()
  private(set) var documents: [(watcher: String, captures: [String: String], documents: [Document])] = []

  struct Document {
    var place: UInt64
    var contributions: [Contribution.Saved]
    /// The place of the one that parted from it last; 0: none did.
    var heir: UInt64 = 0
    var columns = DocumentColumns()
  }

  init(_ image: StateImage) throws(StateDecoder.Failure) {
    counters = []
    events = try SavedEvents(image)
    runs = try SavedRuns(image)
    for watcher in image.owners(of: .watcher) {
      var decoder = try image.decoder(.watcher, watcher)
      counters.append(try decoder.decode())
    }
    for group in image.owners(of: .documentGroup) {
      var decoder = try image.decoder(.documentGroup, group)
      let saved: SavedDocuments = try decoder.decode()
      var states: [Document] = []
      for (index, place) in saved.places.all.enumerated() {
        var decoder = try image.decoder(.document, place)
        let heir = saved.places.heirs.indices.contains(index) ? saved.places.heirs[index] : 0
        var document = Document(place: place, contributions: try decoder.decode(), heir: heir)
        if decoder.version >= 5 { document.columns = try decoder.decode() }
        states.append(document)
      }
      documents.append((saved.watcher, saved.captures, states))
    }
  }

  /// As version 2 had it: documents by their index.
  init(fromVersion2 decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    counters = try decoder.decode()
    for _ in 0..<(try decoder.count(bytesEach: 1)) {
      let watcher: String = try decoder.decode()
      let captures: [String: String] = try decoder.decode()
      let states: [[Contribution.Saved]] = try decoder.decode()
      documents.append(
        (watcher, captures, states.enumerated().map { Document(place: UInt64($0 + 1), contributions: $1) })
      )
    }
  }
}

/// What became of a watcher's records.
struct SavedCounters: StateRecord, Equatable {
  private(set) var watcher = ""
  /// By outcome, in the order of the cases.
  private var counts: [Int] = []
  private var lastRecord = 0

  static let fields = [StateField(\Self.watcher), StateField(\.counts), StateField(\.lastRecord)]

  init() {}

  init(watcher: String, _ counters: RecordCounters) {
    self.watcher = watcher
    counts = RecordOutcome.allCases.map(counters.count)
    lastRecord = counters.lastRecordNanoseconds
  }

  func add(to counters: RecordCounters) {
    for (outcome, count) in zip(RecordOutcome.allCases, counts) where count < 1 << 48 {
      counters.add(count, outcome)
    }
    if lastRecord > 0 { counters.sawRecord(atNanoseconds: lastRecord) }
  }
}

/// The documents of a watcher with equal captures.
struct SavedDocuments: StateRecord {
  struct Places: Equatable {
    var all: [UInt64] = []
    /// Of each the one that parted from it last; 0: none did.
    var heirs: [UInt64] = []
  }

  var watcher = ""
  var captures: [String: String] = [:]
  var places = Places()

  static let fields = [
    StateField(\Self.watcher), StateField(\.captures), StateField(\.places.all), StateField(\.places.heirs, since: 4),
  ]
}
