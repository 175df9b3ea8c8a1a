package import LogFormats
internal import MetricCatalog
internal import MetricRegistry
package import Tailing

/// One log, read to be explained: as it is read else, but piece by piece, and with all fields that it has.
///
/// Used on one thread, with a `LogIngest` that nothing else reads with.
package final class LogDissection {
  /// What a piece of a log was.
  package struct Piece: Sendable {
    /// How many bytes of it were taken.
    package var consumed = 0
    package var records = 0
    /// What became of its records; empty where that was not asked for.
    package var explanations: [RecordExplanation] = []
    /// Lines that were no records.
    package var malformed: BadLine?
    package var unmatched: BadLine?

    package init() {}
  }

  /// What targets it has fed so far.
  package private(set) var fed: Set<TargetPlace> = []
  /// By their places in the mapping.
  private var fedUpdates: Set<Int> = []

  private let plan: WatcherPlan
  private let mapping: RecordMapping
  private let state = LogState()
  private var batch = RecordBatch()
  /// nil: the log is a document.
  private var parser: (any RecordParser)?
  private var document: (any DocumentParser)?
  private let feeder: Feeder

  /// - Parameter takesAllFields: whether fields that nobody wants are told of, too. Those that are wanted are read alone
  ///   otherwise, which is faster.
  /// - Returns: nil if the format has no fields.
  package init?(_ file: LogFile, _ ingest: LogIngest, takesAllFields: Bool = true) {
    plan = ingest.plans[file.watcher]
    feeder = ingest.feeder(of: file)
    let mapping = ingest.makeMapping(file.watcher, captures: file.captures, feeder)
    self.mapping = mapping
    let fields = LogIngest.fieldTable(mapping, takesAll: takesAllFields)
    switch plan.content {
    case .lines, .frames: parser = ingest.recordFormat(of: file).makeParser(fields)
    case .document(let document): self.document = document.parser(plan.watcher.format, fields)
    case .events: return nil
    }
  }

  /// The largest document that is read; nil: the log is no document, which is read whole.
  package var documentBytesMax: Int? { plan.document?.bytesMax }

  /// Counts a document that is too large to be read.
  package func refuseDocument() -> BadLine { count(BadLine(.tooLong, text: "")) }

  private func count(_ document: BadLine) -> BadLine {
    plan.sight.note(malformed: document, of: feeder.name)
    plan.counters.add(1, .malformed)
    return document
  }

  /// Reads on.
  ///
  /// - Parameters:
  ///   - bytes: what follows the bytes that were taken; a document whole.
  ///   - isClosed: whether nothing follows them.
  ///   - shownMax: of how many records, at the beginning and at the end, it is wanted what becomes of them.
  package func read(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, shownMax: Int) -> Piece {
    batch.removeAll()
    var piece = Piece()
    if document != nil {
      let content = document?.parseDocument(bytes, isAtRest: true, into: &batch) ?? .half
      piece.consumed = bytes.count
      if content == .half || content == .nothing {
        let reason = content == .nothing ? BadLine.Reason.noRecords : .isNotWhole(plan.watcher.format.name)
        piece.malformed = count(BadLine(reason, text: BadLine.beginning(of: bytes)))
        return piece
      }
    } else {
      piece.consumed = parser?.parse(bytes, isClosed: isClosed, into: &batch) ?? bytes.count
    }
    piece.records = batch.records.count
    (piece.malformed, piece.unmatched) = (batch.firstMalformed, batch.firstUnmatched)
    let names = document?.fields.names ?? parser?.fields.names ?? []
    if shownMax > 0 {
      piece.explanations = mapping.explain(batch, state.contributions[0], names, shownMax: shownMax)
    }
    mapping.noteFed(by: batch, &fed, &fedUpdates)
    mapping.apply(batch, to: state)
    mapping.caughtUp(state)
    return piece
  }

  /// What pieces are, without taking them. Of frames a read ends behind one record.
  ///
  /// - Parameter body: gets a function that tells how many bytes of a piece would be taken, how many records that are, and
  ///   whether a line of it is none.
  package func tryOut(
    _ body: (_ read: (UnsafeRawBufferPointer, _ isClosed: Bool) -> (consumed: Int, records: Int, isBad: Bool)) -> Void
  ) {
    guard var copy = parser else { return }
    mapping.withoutLearning {
      body { bytes, isClosed in
        batch.removeAll()
        if isBinary { batch.recordLimit = 1 }
        defer { batch.recordLimit = RecordBatch.recordsMax }
        let consumed = copy.parse(bytes, isClosed: isClosed, into: &batch)
        return (consumed, batch.records.count, batch.malformed + batch.unmatched > 0)
      }
    }
  }

  /// Whether the log is frames, and no text.
  package var isBinary: Bool { plan.isBinary }

  /// The names of all fields that were met.
  package var fieldNames: [String] { document?.fields.names ?? parser?.fields.names ?? [] }
}
