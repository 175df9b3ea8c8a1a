/// Whose turn it is: the folder at the top of a pattern that a log is in, and its file's owner. Whoever may write into one
/// folder, or has many logs, delays nobody else's by more than one turn.
struct Lane: Hashable {
  var folder: LogPath
  /// A user's number; nil: it is not known yet.
  var owner: UInt32?
}

/// What waits for its turn, by lanes: each gives one, and then the others do.
struct TurnQueue<Element> {
  private var lanes: [Lane: Fifo<Element>] = [:]
  private var order = Fifo<Lane>()
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// In the order of no turn.
  var elements: [Element] { lanes.values.flatMap(\.elements) }

  mutating func append(_ element: Element, to lane: Lane) {
    if lanes[lane] == nil { order.append(lane) }
    lanes[lane, default: Fifo()].append(element)
    count += 1
  }

  mutating func popFirst() -> Element? {
    guard let lane = order.popFirst(), let element = lanes[lane]?.popFirst() else { return nil }
    count -= 1
    if lanes[lane]?.isEmpty == true { lanes[lane] = nil } else { order.append(lane) }
    return element
  }

  /// Of each lane the last comes first.
  mutating func reverse() {
    for lane in lanes.keys { lanes[lane]?.reverse() }
  }
}

/// First in, first out.
struct Fifo<Element> {
  private var places: [Element?] = []
  private var start = 0

  var isEmpty: Bool { start == places.count }

  var elements: [Element] { places[start...].compactMap { $0 } }

  mutating func append(_ element: Element) { places.append(element) }

  mutating func popFirst() -> Element? {
    guard start < places.count else { return nil }
    defer {
      places[start] = nil
      start += 1
      if start > Self.slackMin, start * 2 > places.count {
        places.removeFirst(start)
        start = 0
      }
    }
    return places[start]
  }

  mutating func reverse() { places[start...].reverse() }

  /// So many places in front may be empty, whatever there is behind them.
  private static var slackMin: Int { 64 }
}

/// Names that wait, by the folders at the top of a pattern: of each some, and then of the others. Each name is in it once.
struct WaitingNames {
  private var folders: [LogPath: Fifo<LogPath>] = [:]
  private var order = Fifo<LogPath>()
  private var members: Set<LogPath> = []

  var isEmpty: Bool { members.isEmpty }

  mutating func insert(_ name: LogPath, of folder: LogPath) {
    guard members.insert(name).inserted else { return }
    if folders[folder] == nil { order.append(folder) }
    folders[folder, default: Fifo()].append(name)
  }

  mutating func insert(_ names: Set<LogPath>, folder: (_ name: LogPath) -> LogPath) {
    // Names in the order of one set are inserted into a smaller one in quadratic time.
    members.reserveCapacity(members.count + names.count)
    var folders: [LogPath: LogPath] = [:]
    for name in names {
      let directory = name.parent ?? name
      let known = folders[directory] ?? folder(name)
      folders[directory] = known
      insert(name, of: known)
    }
  }

  mutating func take(_ count: Int) -> [LogPath] {
    var taken: [LogPath] = []
    while taken.count < count, let folder = order.popFirst() {
      for _ in 0..<min(Self.shareMax, count - taken.count) {
        guard let name = folders[folder]?.popFirst() else { break }
        members.remove(name)
        taken.append(name)
      }
      if folders[folder]?.isEmpty == true { folders[folder] = nil } else { order.append(folder) }
    }
    return taken
  }

  /// Names of one folder in turn; a few files that are renamed together are settled together.
  private static let shareMax = 64
}
