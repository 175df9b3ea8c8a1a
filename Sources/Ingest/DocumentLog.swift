internal import Budgets
internal import Clocks
internal import LogFormats
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// A log that is one document, written whole again and again, perhaps each time into a new folder.
///
/// Documents of one watcher with equal captures are one log when one's records begin with the other's: a trainer's
/// state in `checkpoint-16/` and in `checkpoint-24/`.
final class DocumentLog: LogConsumer {
  let readsWholeDocuments = true

  private var group: DocumentGroup {
    didSet {
      oldValue.logCount -= 1
      group.logCount += 1
    }
  }
  private var feeder: Feeder
  private let expiry: Expiry
  private var isFirstReading = true
  private var state: LogState?
  private var isGone = false {
    didSet {
      if isGone != oldValue { state?.goneDocuments += isGone ? 1 : -1 }
    }
  }
  /// Whether the document was no whole one when it was last read: it may still be being written.
  private var isHalf = false
  /// How it begins then, for people.
  private var beginning = ""
  /// Its bytes, where only time can tell whether it is whole.
  private var unended: [UInt8] = []
  private(set) var encodingVersion = 0
  private var member: RunMember?
  private let waiting: MemoryShare

  init(group: DocumentGroup, feeder: Feeder, expiry: Expiry, file: LogFile) {
    self.group = group
    self.feeder = feeder
    self.expiry = expiry
    waiting = MemoryShare(of: group.budget)
    group.logCount += 1
    member = RunMember(of: group.run, file)
  }

  deinit {
    group.logCount -= 1
    if isGone { state?.goneDocuments -= 1 }
    if let state { group.release(state) }
  }

  var documentBytesMax: Int { group.documentBytesMax }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    encodingVersion += 1
    if case .rested = ending {
      if isHalf, !unended.isEmpty {
        isHalf = !unended.withUnsafeBytes { apply($0, isAtRest: true) }
      }
      countHalf()
      return 0
    }
    isGone = false
    let isClosed = if case .closed = ending { true } else { false }
    isHalf = !apply(bytes, isAtRest: isClosed)
    beginning = isHalf ? BadLine.beginning(of: bytes) : ""
    unended = isHalf && bytes.count <= group.unendedBytesMax ? Array(bytes) : []
    if isHalf, !waiting.hold(unended.count) {
      // There is no room to wait until it rests: what there is, is the document.
      isHalf = !apply(bytes, isAtRest: true)
      unended = []
    }
    if isClosed { countHalf() }
    return bytes.count
  }

  private func apply(_ bytes: UnsafeRawBufferPointer, isAtRest: Bool) -> Bool {
    let isWhole = group.apply(
      bytes,
      of: feeder,
      isFirstReading: isFirstReading,
      isAtRest: isAtRest,
      at: expiry.clock,
      to: &state
    )
    if isWhole { isFirstReading = false }
    return isWhole
  }

  /// Nothing more comes for now, and it still is no whole document.
  private func countHalf() {
    if isHalf {
      group.countMalformed(feeder.name, BadLine(.isNotWhole(group.format), text: beginning))
    }
    isHalf = false
    unended = []
    _ = waiting.hold(0)
  }

  func handle(_ event: LogEvent) {
    encodingVersion += 1
    switch event {
    case .willRead(let status):
      member?.willRead(status)
      feeder.saw(status, expiry)
    case .refused: group.countMalformed(feeder.name, BadLine(.tooLong, text: ""))
    case .moved(let file):
      isGone = false
      move(to: file)
    case .vanished:
      isGone = true
      member?.set(false)
      if let state { group.vanished(state) }
    case .restarted, .passedBy, .caughtUp, .restVanished, .succeeds: break
    }
  }

  var isOver: Bool { expiry.isOver(feeder, watcher: group.watcher) }

  private func move(to file: LogFile) {
    guard let other = group.sibling(file), other !== group else {
      member?.move(to: file)
      return
    }
    state?.forgetShown(by: feeder)
    state = state.map { group.give($0, to: other) }
    group = other
    member = RunMember(of: other.run, file)
    // Series of the old name are the document's no more: its further changes do not make them newer.
    feeder = feeder.copy(name: file.path)
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(true)
    encoder.encode(SavedTimes(of: feeder))
    encoder.encode(state?.savedPlace ?? 0)
    encoder.encode(isHalf)
    encoder.encode(unended)
    encoder.encode(isGone)
  }

  /// - Parameters:
  ///   - keepsRecords: whether what is a record of it is what it was.
  ///   - shown: the gauges and statesets that it set last.
  func restore(
    from decoder: inout StateDecoder,
    keepsRecords: Bool,
    shown: [Series]
  ) throws(StateDecoder.Failure) -> ReopenedLog {
    // Version 2 had its index there; -1: none.
    let place = try decoder.uint64() &+ (decoder.version < 3 ? 1 : 0)
    isHalf = try decoder.bool()
    unended = try decoder.byteArray()
    _ = waiting.hold(unended.count)
    let wasGone = decoder.version >= 3 ? try decoder.bool() : false
    guard place > 0 else { return keepsRecords ? .goesOn(self) : .readAgain(self) }
    // A state that nothing was kept of is found anew by the document's content.
    guard let restored = group.restoredStates[place] else { return .readAgain(self) }
    state = restored.state
    for series in shown { restored.state.shows(series, by: feeder) }
    isFirstReading = false
    if !restored.isReadAgain { group.sight.isPartial = true }
    restored.state.documents += 1
    restored.state.readUpTo = max(restored.state.readUpTo, feeder.modified)
    isGone = wasGone
    member?.set(!wasGone)
    return restored.isReadAgain ? .readAgain(self) : .goesOn(self)
  }
}

/// The documents of one watcher with equal captures: their fields have one mapping, and those that are one log by their
/// content have one state.
final class DocumentGroup {
  let watcher: Int
  /// How many logs belong to it. Without any it is of no use: its runs are gone, and their series have ended.
  var logCount = 0
  private let mapping: RecordMapping
  private let scratch: BatchScratch
  private let document: FormatDescriptor.Document
  private var parser: any DocumentParser
  private var states = DocumentStates()
  private let statesMax: Int
  /// The group of the same watcher that a file belongs to.
  let sibling: (LogFile) -> DocumentGroup?
  /// As they were saved, by their places then, as far as something was kept.
  private(set) var restoredStates: [UInt64: Retention.Kept] = [:]
  /// Its place among all groups that were saved; 0: it was not.
  var savedPlace: UInt64 = 0
  /// The documents that it had then.
  var saved = SavedDocuments.Places()

  init(
    watcher: Int,
    mapping: RecordMapping,
    scratch: BatchScratch,
    document: FormatDescriptor.Document,
    parser: any DocumentParser,
    statesMax: Int,
    sibling: @escaping (LogFile) -> DocumentGroup?
  ) {
    self.watcher = watcher
    self.sibling = sibling
    self.mapping = mapping
    self.scratch = scratch
    self.document = document
    self.parser = parser
    self.statesMax = statesMax
  }

  var budget: MemoryBudget { mapping.plan.budget }
  var sight: WatcherSight { mapping.plan.sight }
  /// The run that its documents belong to.
  var run: RunFeed? { mapping.run }
  var format: String { mapping.plan.watcher.format.name }

  /// The largest document that is read.
  var documentBytesMax: Int { document.bytesMax }

  /// How long a document may be that is kept until it rests.
  var unendedBytesMax: Int { document.unendedBytesMax }

  /// Applies a document to the log that it was, else to the one that it is by its content. Returns whether it is a whole
  /// document. Where it is none, or has no records where they should be, nothing changes.
  func apply(
    _ bytes: UnsafeRawBufferPointer,
    of feeder: Feeder,
    isFirstReading: Bool,
    isAtRest: Bool,
    at clock: () -> Moment,
    to known: inout LogState?
  ) -> Bool {
    mapping.feeder = feeder
    mapping.isFirstReading = isFirstReading
    scratch.batch.removeAll()
    defer { scratch.batch.shrink() }
    parser.columns = known?.columns ?? DocumentColumns()
    let kind = parser.parseDocument(bytes, isAtRest: isAtRest, into: &scratch.batch)
    switch kind {
    case .half: return false
    case .nothing:
      countMalformed(feeder.name, BadLine(.noRecords, text: BadLine.beginning(of: bytes)))
      return true
    case .record, .records: break
    }
    var content = LogHistory()
    for record in scratch.batch.records { content.append(record.digest) }
    // Without records it cannot be told which log it is.
    if content.count == 0, known == nil {
      mapping.plan.counters.add(scratch.batch.malformed, .malformed)
      sight.note(scratch.batch, of: feeder.name)
      return true
    }

    let first = scratch.batch.records.first?.digest
    guard let state = log(with: content, first: first, known: known) else {
      mapping.plan.hit(.documents)
      return true
    }
    if state !== known { state.documents += 1 }
    known = state
    state.restart(carriesTotals: kind == .record)
    mapping.forgetDecimalCommas()
    mapping.apply(scratch.batch, to: state)
    mapping.caughtUp(state)
    // While it has fewer records than it had, it is what it was.
    if state.history.count == scratch.batch.records.count { state.columns = parser.columns }
    if let first {
      states.put(state, onShelfOf: first)
      mapping.plan.counters.sawRecord(atNanoseconds: Int(clock().wall))
    }
    return true
  }

  /// nil: it is another log, and there is no room for one more.
  private func log(with content: LogHistory, first: UInt64?, known: LogState?) -> LogState? {
    guard let known else {
      return first.flatMap { states.find(content, first: $0) }
        ?? makeLog(LogState())
    }
    let isShared = known.documents > 1
    if isShared, !content.isPrefix(of: known.history), !known.history.isPrefix(of: content) {
      // Documents that were one log go apart: each goes on from what they had together.
      let isLast = known.documents - known.goneDocuments <= 1
      guard let parted = makeLog(known.parted(takesShown: isLast)) else { return nil }
      known.forgetShown(by: mapping.feeder)
      known.heir = parted
      known.documents -= 1
      return parted
    }
    return known
  }

  private func makeLog(_ state: @autoclosure () -> LogState) -> LogState? {
    guard states.all.count < statesMax else { return nil }
    let state = state()
    states.add(state)
    return state
  }

  /// A document is gone. Where it was the last of its log, what the log's infos say goes to the one that parted from it: that
  /// may have been read before it was known that the others are gone.
  fileprivate func vanished(_ state: LogState) {
    guard state.documents == state.goneDocuments else { return }
    var heir = state.heir
    for _ in states.all.indices {
      // It may have got another name, or be gone itself after a further one parted from it.
      guard let next = heir, states.place(of: next) != nil else { return }
      if next.documents > next.goneDocuments { return mapping.giveInfos(of: state, to: next) }
      heir = next.heir
    }
  }

  /// A document is followed no more; the log that it was ends with the last one.
  fileprivate func release(_ state: LogState) {
    state.documents -= 1
    if state.documents <= 0 { states.remove(state) }
  }

  // MARK: Saving

  /// Encodes the documents that have changed since the last time, or all.
  ///
  /// - Parameter nextPlace: makes a place for a document that was not saved yet.
  func encode(into changes: inout StateChanges, nextPlace: () -> UInt64) {
    for state in states.all {
      let version = state.restarts << 16 &+ state.shownInfos
      if !changes.isWhole, state.savedVersion == version { continue }
      if state.savedPlace == 0 { state.savedPlace = nextPlace() }
      state.savedVersion = version
      changes.set(.document, state.savedPlace) { encoder in
        state.encode(into: &encoder, mapping: mapping)
        encoder.encode(state.columns)
      }
    }
    saved = SavedDocuments.Places(
      all: states.all.map(\.savedPlace),
      heirs: states.all.map { state in state.heir.map { states.place(of: $0) == nil ? 0 : $0.savedPlace } ?? 0 }
    )
  }

  /// - Parameter saved: in the order of their places.
  func restore(_ saved: [SavedIngest.Document], keep: ([Contribution.Saved], RecordMapping) -> Retention.Kept?) {
    states = DocumentStates()
    for one in saved {
      guard let kept = keep(one.contributions, mapping) else { continue }
      kept.state.columns = one.columns
      restoredStates[one.place] = kept
      states.add(kept.state)
    }
    for one in saved { restoredStates[one.place]?.state.heir = restoredStates[one.heir]?.state }
  }

  /// All documents that were saved have found theirs: a state that nothing else holds can go.
  func restored() { restoredStates = [:] }

  /// A document of this group got a name that belongs to another: its log goes along, unless others are the same log.
  fileprivate func give(_ state: LogState, to other: DocumentGroup) -> LogState {
    var given = state
    if state.documents > 1 {
      state.documents -= 1
      given = state.parted()
      given.documents = 1
    } else {
      states.remove(state)
    }
    // The other's updates have other places. What waits to be shown is said anew by the next document.
    for contribution in given.contributions {
      contribution.staged.removeAll()
      contribution.totals = RunningTotals(contribution.totals.saved(feed: mapping.feed(of:)))
    }
    other.states.add(given)
    return given
  }

  func countMalformed(_ file: String, _ document: BadLine) {
    mapping.plan.counters.add(1, .malformed)
    sight.note(malformed: document, of: file)
  }
}
