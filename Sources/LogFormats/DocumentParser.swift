package import StateStore

/// How the bytes of one whole document become records. It holds what it learned of the fields, never bytes.
package protocol DocumentParser {
  /// The fields met so far.
  var fields: FieldTable { get }

  /// Parses a document. Unless it has records the batch is as before.
  ///
  /// - Parameter isAtRest: this is all that will come for now.
  mutating func parseDocument(
    _ bytes: UnsafeRawBufferPointer,
    isAtRest: Bool,
    into batch: inout RecordBatch
  ) -> DocumentContent

  /// What is known of the columns of the document that is parsed next, and then of the one that was parsed last.
  var columns: DocumentColumns { get set }
}

extension DocumentParser {
  package var columns: DocumentColumns {
    get { DocumentColumns() }
    set {}
  }
}

/// How far the columns of a document reached when it was read last, if its records lie side by side in arrays. An array may
/// be shorter than others, and grow later: then records get a further field that were there before. They stay the same
/// records, so that field is not in their digests, and its values are new although the records are known.
package struct DocumentColumns: Sendable, Hashable {
  package struct Column: Sendable, Hashable {
    /// How many elements are in the digests of their records; nil: all, since none has come late.
    package var inDigest: Int?
    /// How many elements it had.
    package var count = 0

    package init(inDigest: Int? = nil, count: Int = 0) {
      self.inDigest = inDigest
      self.count = count
    }
  }

  /// By the dotted name. A document with more columns than that is no training log, and is not followed like this.
  package var all: [String: Column] = [:]
  private static let columnsMax = 256
  private static let nameBytesMax = 128

  package init(_ all: [String: Column] = [:]) { self.all = all }

  /// What was known of a column. One that was not there has come late as a whole.
  func column(_ name: String) -> Column {
    all[name] ?? (all.isEmpty ? Column(count: .max) : Column(inDigest: 0))
  }

  /// Takes note of how many elements each column has now, of so many records.
  mutating func update(_ counts: [(name: String, count: Int)], of records: Int) {
    guard counts.count <= Self.columnsMax, counts.allSatisfy({ $0.name.utf8.count <= Self.nameBytesMax }) else {
      all = [:]
      return
    }
    var columns = all
    for (name, count) in counts {
      let known = column(name)
      // What was late in another run is on time in this one.
      let isBehind = known.inDigest.map { count > $0 } ?? false
      let inDigest = isBehind ? known.inDigest : count < records ? count : nil
      columns[name] = Column(inDigest: inDigest, count: count)
    }
    all = columns.count <= Self.columnsMax ? columns : [:]
  }
}

extension DocumentColumns.Column: StateRecord {
  package init() { self.init(inDigest: nil) }
  package static let fields = [StateField(\Self.inDigest), StateField(\.count)]
}

extension DocumentColumns: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(all) }
  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) { self.init(try decoder.decode()) }
}

/// What a document turned out to be.
package enum DocumentContent: Hashable, Sendable {
  /// It is one record, which each new state replaces.
  case record
  /// It is a list of records, perhaps without any yet.
  case records
  /// It is whole, and has no records where they should be.
  case nothing
  /// It is not whole, or not of the format: perhaps it is still being written.
  case half
}
