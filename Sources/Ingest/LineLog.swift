internal import LogFormats
internal import Tailing

/// A log of lines: hands what the tailer reads to its parser, and the parser's records to the mapping.
final class LineLog: LogConsumer {
  let readsWholeDocuments = false

  private let mapping: RecordMapping
  private let scratch: BatchScratch
  private let makeParser: () -> any RecordParser
  private var parser: any RecordParser
  private let state = LogState()
  /// How many fields the parser knew when it last was made to share them with other logs.
  private var sharedFieldsCount = 0

  init(mapping: RecordMapping, scratch: BatchScratch, makeParser: @escaping () -> any RecordParser) {
    self.mapping = mapping
    self.scratch = scratch
    self.makeParser = makeParser
    parser = makeParser()
  }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    if case .rested = ending {
      showProvisionally(bytes)
      return 0
    }
    let isClosed = if case .closed = ending { true } else { false }
    var consumed = 0
    while consumed < bytes.count {
      scratch.batch.removeAll()
      let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
      let count = parser.parse(rest, isClosed: isClosed, into: &scratch.batch)
      mapping.apply(scratch.batch, to: state)
      if !scratch.batch.records.isEmpty { mapping.plan.counters.sawRecord(atNanoseconds: wallClockNanoseconds()) }
      if count == 0 { break }
      consumed += count
    }
    return consumed
  }

  /// The last line has no end yet: a copy of the parser reads it, and is forgotten.
  private func showProvisionally(_ bytes: UnsafeRawBufferPointer) {
    var copy = parser
    scratch.batch.removeAll()
    _ = copy.parse(bytes, isClosed: true, into: &scratch.batch)
    mapping.show(scratch.batch, of: state)
  }

  func restart() {
    parser = makeParser()
    state.restart()
  }

  func caughtUp(_ status: FileStatus) {
    let count = parser.fields.names.count
    if count != sharedFieldsCount {
      mapping.plan.share(&parser)
      sharedFieldsCount = count
    }
    mapping.show(state.caughtUp(), of: state)
  }

  func vanished() {}
}

/// The one batch that all logs of a tailer fill in turn.
final class BatchScratch {
  var batch = RecordBatch()
}
