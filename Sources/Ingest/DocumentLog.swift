internal import LogFormats
internal import Tailing

/// A log that is one document, written whole again and again, perhaps each time into a new folder.
///
/// Documents of one watcher with equal captures are one log when one's records begin with the other's: a trainer's
/// state in `checkpoint-16/` and in `checkpoint-24/`.
final class DocumentLog: LogConsumer {
  let readsWholeDocuments = true

  private let group: DocumentGroup
  private var state: LogState?
  /// Whether the document was no whole one when it was last read: it may still be being written.
  private var isHalf = false
  /// Its bytes, where only time can tell whether it is whole.
  private var unended: [UInt8] = []

  init(group: DocumentGroup) {
    self.group = group
  }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    if case .rested = ending {
      if isHalf, !unended.isEmpty {
        isHalf = !unended.withUnsafeBytes { group.apply($0, isAtRest: true, to: &state) }
      }
      countHalf()
      return 0
    }
    let isClosed = if case .closed = ending { true } else { false }
    isHalf = !group.apply(bytes, isAtRest: isClosed, to: &state)
    unended = isHalf && bytes.count <= group.unendedBytesMax ? Array(bytes) : []
    if isClosed { countHalf() }
    return bytes.count
  }

  /// Nothing more comes for now, and it still is no whole document.
  private func countHalf() {
    if isHalf { group.countMalformed() }
    isHalf = false
    unended = []
  }

  func restart() {}

  func caughtUp(_ status: FileStatus) {}

  func vanished() {}
}

/// The documents of one watcher with equal captures: their fields have one mapping, and those that are one log by their
/// content have one state.
final class DocumentGroup {
  private let mapping: RecordMapping
  private let scratch: BatchScratch
  private var parser: any DocumentParser
  private var states: [LogState] = []

  /// Logs that one group tells apart: beyond, the newest document is taken for the oldest log.
  private static let statesMax = 1024

  init(mapping: RecordMapping, scratch: BatchScratch, parser: any DocumentParser) {
    self.mapping = mapping
    self.scratch = scratch
    self.parser = parser
  }

  /// How long a document may be that is kept until it rests.
  var unendedBytesMax: Int { type(of: parser).unendedBytesMax }

  /// Applies a document to the log that it was, else to the one that it is by its content. Returns whether it is a whole
  /// document; otherwise nothing changes.
  func apply(_ bytes: UnsafeRawBufferPointer, isAtRest: Bool, to known: inout LogState?) -> Bool {
    scratch.batch.removeAll()
    guard parser.parseDocument(bytes, isAtRest: isAtRest, into: &scratch.batch) else { return false }
    var content = LogHistory()
    for record in scratch.batch.records { content.append(record.digest) }
    // Without records it cannot be told which log it is.
    if content.count == 0, known == nil { return true }

    let state = log(with: content, known: known)
    if state !== known { state.documents += 1 }
    known = state
    state.restart()
    mapping.apply(scratch.batch, to: state)
    mapping.show(state.caughtUp(), of: state)
    if content.count > 0 { mapping.plan.counters.sawRecord(atNanoseconds: wallClockNanoseconds()) }
    return true
  }

  private func log(with content: LogHistory, known: LogState?) -> LogState {
    guard let known else { return logWith(content) ?? makeLog(LogState()) }
    let isShared = known.documents > 1
    if isShared, !content.isPrefix(of: known.history), !known.history.isPrefix(of: content) {
      // Documents that were one log go apart: each goes on from what they had together.
      known.documents -= 1
      return makeLog(LogState(history: known.history))
    }
    return known
  }

  func countMalformed() {
    mapping.plan.counters.add(1, .malformed)
  }

  private func logWith(_ content: LogHistory) -> LogState? {
    guard content.count > 0 else { return nil }
    return states.first { state in
      state.history.count > 0 && (content.isPrefix(of: state.history) || state.history.isPrefix(of: content))
    }
  }

  private func makeLog(_ state: LogState) -> LogState {
    if states.count >= Self.statesMax { return states[0] }
    states.append(state)
    return state
  }
}
