internal import Budgets
internal import Clocks
internal import LogFormats
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// A log of lines or frames: hands what the tailer reads to its parser, and the parser's records to the mapping.
final class LineLog: LogConsumer {
  let readsWholeDocuments = false
  var budget: MemoryBudget? { mapping.plan.budget }

  private let mapping: RecordMapping
  private let scratch: BatchScratch
  /// Whether a line that was read whole says itself that it is: no beginning of it could be read.
  private let saysWhenWhole: Bool
  /// Whether it is a log of frames, of which half a one says nothing.
  let takesZeroBytes: Bool
  private let makeParser: () -> any RecordParser
  private var parser: any RecordParser
  private var state: LogState
  private let expiry: Expiry
  private let file: LogFile
  private let warn: (String) -> Void
  private var member: RunMember?
  private var hasWarned = false
  private var version = 0
  /// What the parser had learned when it last was made to share it with other logs.
  private var sharedCount = 0

  /// - Parameters:
  ///   - file: names the log in a warning.
  ///   - warn: takes one line for people, at most once a log.
  init(
    mapping: RecordMapping,
    scratch: BatchScratch,
    state: LogState,
    expiry: Expiry,
    file: LogFile,
    saysWhenWhole: Bool,
    isBinary: Bool,
    warn: @escaping (String) -> Void,
    makeParser: @escaping () -> any RecordParser
  ) {
    self.mapping = mapping
    self.scratch = scratch
    self.state = state
    self.expiry = expiry
    self.file = file
    self.saysWhenWhole = saysWhenWhole
    takesZeroBytes = isBinary
    self.warn = warn
    self.makeParser = makeParser
    member = RunMember(of: mapping.run, file)
    parser = makeParser()
  }

  deinit { mapping.takeBack() }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    version += 1
    var isAtRest = false
    var isTorn = false
    if case .rested(let fileSize) = ending {
      isAtRest = true
      isTorn = !saysWhenWhole && TornTail.isLikely(atFileSize: fileSize)
    }
    let isClosed = ending == .closed
    var consumed = 0
    var traceback = nextTraceback(in: bytes, from: 0)
    while consumed < bytes.count {
      scratch.batch.removeAll()
      if traceback == consumed {
        // What stands before it has been applied.
        if !state.isComparing { mapping.run?.sawTraceback(written: mapping.feeder.modified) }
        traceback = nextTraceback(in: bytes, from: consumed + 1)
        if traceback == consumed + 1 { traceback = nil }
      }
      let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed..<(traceback ?? bytes.count)])
      if isAtRest { parser.rested(on: rest) }
      mapping.announce(&scratch.batch, of: state, byteCount: rest.count)
      let count = parser.parse(rest, isClosed: isClosed && traceback == nil, into: &scratch.batch)
      if let foreign = scratch.batch.foreign { warnOnce(of: foreign) }
      mapping.leaveOutReplaced(from: &scratch.batch)
      mapping.apply(scratch.batch, to: state)
      if !scratch.batch.records.isEmpty { mapping.plan.counters.sawRecord(atNanoseconds: Int(expiry.clock().wall)) }
      consumed += count
      if count == 0 {
        if traceback == nil { break }
        traceback = nil
      }
    }
    // What was shown for the time being is certain now, or is not what stands there any more.
    mapping.takeBack()
    if isAtRest, !isTorn, !takesZeroBytes { showProvisionally(UnsafeRawBufferPointer(rebasing: bytes[consumed...])) }
    return consumed
  }

  private func nextTraceback(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    mapping.run?.plan.watchesTracebacks == true ? Traceback.lineStart(in: bytes, from: start) : nil
  }

  private func warnOnce(of foreign: ForeignContent) {
    if !hasWarned {
      let reason = foreign.format.map { ": `format: \($0)` reads it" } ?? ", and logs are read as UTF-8 text"
      warn("\(file.path): this is \(foreign.name)\(reason); the file is left alone")
    }
    hasWarned = true
  }

  /// The last line has no end yet: a copy of the parser reads it, and is forgotten.
  private func showProvisionally(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    mapping.withoutLearning {
      var copy = parser
      scratch.batch.removeAll()
      _ = copy.parse(bytes, isClosed: true, into: &scratch.batch)
      mapping.show(scratch.batch, of: state)
    }
  }

  func handle(_ event: LogEvent) {
    version += 1
    switch event {
    case .willRead(let status):
      member?.willRead(status)
      mapping.feeder.saw(status, expiry)
    case .restarted: restart()
    case .passedBy(let bytes): passHole(bytes)
    case .caughtUp: caughtUp()
    case .vanished:
      member?.set(false)
      mapping.takeBack()
    case .restVanished: mapping.takeBack()
    case .moved(let file):
      mapping.moved(state, to: file)
      member?.move(to: file)
    case .succeeds(let log): succeed(log)
    case .refused: break
    }
  }

  private func restart() {
    mapping.takeBack()
    state.restart()
    mapping.restart()
    parser = makeParser()
  }

  private func passHole(_ byteCount: Int) {
    scratch.batch.removeAll()
    parser.skip(byteCount, into: &scratch.batch)
    mapping.apply(scratch.batch, to: state)
  }

  private func caughtUp() {
    if parser.learnedCount != sharedCount {
      mapping.plan.share(&parser)
      sharedCount = parser.learnedCount
    }
    mapping.caughtUp(state)
    scratch.batch.shrink()
    mapping.isFirstReading = false
    mapping.isReadAgain = false
  }

  var isOver: Bool { expiry.isOver(mapping.feeder, watcher: file.watcher) }

  private func succeed(_ log: any LogConsumer) {
    guard let log = log as? LineLog else { return }
    state = log.state.parted(isReadOn: true)
    mapping.isFirstReading = false
    restart()
  }

  var encodingVersion: Int { version << 16 &+ state.shownInfos }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(false)
    encoder.encode(SavedTimes(of: mapping.feeder))
    parser.encode(into: &encoder)
    state.encode(into: &encoder, mapping: mapping)
    encoder.encode(mapping.decimalCommas)
    encoder.encode(member?.isPresent ?? true)
  }

  /// Another process followed it.
  ///
  /// - Parameter hasFile: whether its file was there.
  func resumed(hasFile: Bool) { member?.set(hasFile) }

  /// Parses on from where another process stood.
  func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    mapping.plan.sight.isPartial = true
    try parser.resume(from: &decoder)
  }
}

/// Writers with a buffer of their own write it out when it is full, wherever that is in a line.
enum TornTail {
  /// Of stdio: 4,096 bytes or a multiple; of libstdc++'s streams.
  private static let bufferSizes = [4_096, 8_191]

  /// Whether a last line without its end is probably the beginning of a longer one.
  static func isLikely(atFileSize size: Int) -> Bool {
    bufferSizes.contains { size % $0 == 0 }
  }
}

/// The one batch that all logs of a tailer fill in turn.
final class BatchScratch {
  var batch = RecordBatch()
}

extension Feeder {
  /// Takes note of the state of the log's file.
  func saw(_ status: FileStatus, _ expiry: Expiry) {
    saw(modified: status.modified, size: status.size, wasFollowed: !expiry.isStarting, now: expiry.clock())
  }
}
