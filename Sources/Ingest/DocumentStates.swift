/// The logs that one group's documents are, found by their content: what a document costs does not grow with how many
/// others there are. It never reads documents.
struct DocumentStates {
  /// As many as a watcher has files. Beyond, documents are not read, and counted.
  static let countMax = 100_000

  private(set) var all: [LogState] = []
  private var shelves: [Shelf: [LogState]] = [:]

  /// Where a state is looked for: logs one of which begins with the other begin with the same record.
  enum Shelf: Hashable {
    case start(UInt32)
    /// It has so many records that the first is not known any more.
    case long
  }

  mutating func add(_ state: LogState) {
    state.place = all.count
    all.append(state)
    put(state, on: Self.shelf(of: state.history))
  }

  mutating func remove(_ state: LogState) {
    guard let place = place(of: state) else { return }
    put(state, on: nil)
    let last = all.removeLast()
    if last !== state {
      all[place] = last
      last.place = place
    }
  }

  /// The place of a state among all.
  func place(of state: LogState) -> Int? {
    all.indices.contains(state.place) && all[state.place] === state ? state.place : nil
  }

  /// The state is now of a document that begins with a record.
  mutating func put(_ state: LogState, onShelfOf first: UInt64) {
    put(state, on: Self.shelf(ofFirst: first))
  }

  /// The log whose records begin with those of a document, or that begins with them.
  func find(_ content: LogHistory, first: UInt64) -> LogState? {
    for shelf in [Self.shelf(ofFirst: first), .long] {
      let found = shelves[shelf]?.first { content.isPrefix(of: $0.history) || $0.history.isPrefix(of: content) }
      if let found { return found }
    }
    return nil
  }

  private mutating func put(_ state: LogState, on shelf: Shelf?) {
    guard state.shelf != shelf else { return }
    if let before = state.shelf {
      shelves[before]?.removeAll { $0 === state }
      if shelves[before]?.isEmpty == true { shelves[before] = nil }
    }
    state.shelf = shelf
    if let shelf { shelves[shelf, default: []].append(state) }
  }

  private static func shelf(of history: LogHistory) -> Shelf? {
    history.count == 0 ? nil : history.start.map(Shelf.start) ?? .long
  }

  private static func shelf(ofFirst record: UInt64) -> Shelf {
    var history = LogHistory()
    history.append(record)
    return history.start.map(Shelf.start) ?? .long
  }
}
