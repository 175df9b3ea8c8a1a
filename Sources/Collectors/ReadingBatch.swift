/// What one collection gave: records with their labels and values, and what went wrong. A value type that its user
/// keeps and empties, so that its memory is made once.
package struct ReadingBatch: Sendable {
  package struct Record: Sendable {
    /// The place of its descriptor in the collector's `records`.
    package var kind: Int
    /// One text for each of the descriptor's labels, then those that `captures` name.
    package var labels: [String]
    /// Names of further labels, after the descriptor's.
    package var captures: [String]
    /// Of the batch's `values`: one for each of the descriptor's readings.
    package var values: Range<Int>
  }

  package private(set) var records: [Record] = []
  /// Nil: this thing does not have this reading.
  package private(set) var values: [Double?] = []
  /// What could not be read, each with file or call and reason, for people. Bounded by `problemsMax`.
  package private(set) var problems: [String] = []

  /// The same reason may hold for each of a thousand devices; nobody reads more.
  package static let problemsMax = 16

  package init() {}

  /// Adds a record; `values` has one entry for each reading of the descriptor at `kind`, in its order.
  package mutating func add(
    _ kind: Int,
    labels: [String] = [],
    captures: [(name: String, value: String)] = [],
    values new: [Double?]
  ) {
    let start = values.count
    values.append(contentsOf: new)
    records.append(
      Record(
        kind: kind,
        labels: captures.isEmpty ? labels : labels + captures.map(\.value),
        captures: captures.map(\.name),
        values: start..<values.count
      )
    )
  }

  /// Says that something is there and could not be read.
  package mutating func fail(_ problem: String) {
    if problems.count < Self.problemsMax { problems.append(problem) }
  }

  package mutating func removeAll() {
    records.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    problems.removeAll()
  }
}
