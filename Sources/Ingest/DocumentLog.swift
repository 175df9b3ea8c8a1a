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

  init(group: DocumentGroup) {
    self.group = group
  }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    if case .rested = ending {
      countHalf()
      return 0
    }
    if let applied = group.apply(bytes, to: state) {
      state = applied
      isHalf = false
    } else {
      isHalf = true
      if case .closed = ending { countHalf() }
    }
    return bytes.count
  }

  /// Nothing more comes for now, and it still is no whole document.
  private func countHalf() {
    if isHalf { group.countMalformed() }
    isHalf = false
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
  private var parser: JSONDocumentFormat
  private var states: [LogState] = []

  /// Logs that one group tells apart: beyond, the newest document is taken for the oldest log.
  private static let statesMax = 1024

  init(mapping: RecordMapping, scratch: BatchScratch, parser: JSONDocumentFormat) {
    self.mapping = mapping
    self.scratch = scratch
    self.parser = parser
  }

  /// Applies a document to the log that it was, else to the one that it is by its content, and returns that log. nil:
  /// it is no whole document, and nothing changes.
  func apply(_ bytes: UnsafeRawBufferPointer, to known: LogState?) -> LogState? {
    scratch.batch.removeAll()
    guard parser.parseDocument(bytes, into: &scratch.batch) else { return nil }
    var content = LogHistory()
    for record in scratch.batch.records { content.append(record.digest) }

    let state = known ?? logWith(content) ?? makeLog()
    state.restart()
    mapping.apply(scratch.batch, to: state)
    mapping.show(state.caughtUp(), of: state)
    if content.count > 0 { mapping.plan.counters.sawRecord(atNanoseconds: wallClockNanoseconds()) }
    return state
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

  private func makeLog() -> LogState {
    if states.count >= Self.statesMax { return states[0] }
    let state = LogState()
    states.append(state)
    return state
  }
}
