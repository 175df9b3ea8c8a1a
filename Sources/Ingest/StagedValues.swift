internal import Budgets

/// What a record says to a series that shows what was said last.
struct Said {
  /// The label values as the log says them.
  var labels: [String] = []
  var number = 1.0
  /// A stateset's state.
  var text: String?
}

/// What waits to be shown until a log that was written again is read to its end: what showing each value at once would
/// have left. Each series has one value, the last; an info has one series for each target of its log.
///
/// Only what the declaration allows is staged, by the label values that its series will carry: so what is refused takes
/// nothing's place here either, and values that fold into one are one.
struct StagedValues {
  struct Entry {
    /// The update that said it last.
    var update: Int
    var said: Said
    /// The greater, the later it was said; from 1.
    var order = 0
  }

  /// As many as a registry has series by default: beyond, the newest wait no longer and are left out. They are of the
  /// budget, too.
  static let entriesMax = 100_000
  /// More than is ever said: from what was saved it can still be counted on.
  private static let orderMax = 1 << 48
  /// What an entry costs beside its labels, which stand here twice.
  private static let bytesPerEntry = 200

  private enum EntryKey: Hashable {
    /// The bytes of the label values, with one that no text has between them.
    case series(metric: Int, labels: [UInt8])
    case info(update: Int)

    init(metric: Int, labels: [String]) {
      self = .series(metric: metric, labels: Array(labels.map { Array($0.utf8) }.joined(separator: [0xFF])))
    }
  }

  /// Where an update's value stands whose labels do not change from record to record.
  private struct FixedPlace {
    /// As the update has them: they change when the log is renamed.
    var labels: [String]
    var entry: Int
  }

  /// In the order in which their series were first met.
  private(set) var entries: [Entry] = []
  private var places: [EntryKey: Int] = [:]
  /// By update.
  private var fixedPlaces: [FixedPlace?] = []
  private var count = 0
  /// Whether something had no room: what is here is not all that the log says.
  private(set) var isIncomplete = false
  /// What the entries hold of the budget; nil: nothing yet.
  private var share: CopiedShare?

  /// Stages a further value of an update whose labels do not change; false: its series is not known yet.
  mutating func stageAgain(_ update: Int, _ said: Said) -> Bool {
    guard update < fixedPlaces.count, let place = fixedPlaces[update], place.labels == said.labels else { return false }
    set(place.entry, update, said)
    return true
  }

  /// Stages a value; false: there is no room for one more.
  ///
  /// - Parameters:
  ///   - values: the label values that the series will carry.
  ///   - isFixed: whether the update's labels do not change from record to record.
  mutating func stage(
    _ update: Int,
    metric: Int,
    _ said: Said,
    values: [String],
    isFixed: Bool,
    budget: MemoryBudget
  ) -> Bool {
    guard let place = place(EntryKey(metric: metric, labels: values), update, said, budget) else { return false }
    if isFixed {
      while fixedPlaces.count <= update { fixedPlaces.append(nil) }
      fixedPlaces[update] = FixedPlace(labels: said.labels, entry: place)
    }
    return true
  }

  /// Stages what an info of a target shows from now on; false: there is no room for one more.
  mutating func stage(infoOf update: Int, labels: [String], budget: MemoryBudget) -> Bool {
    guard let place = place(.info(update: update), update, Said(labels: labels), budget) else { return false }
    entries[place].said.labels = labels
    return true
  }

  /// Takes back what waits to be shown in a series.
  mutating func unstage(metric: Int, values: [String]) {
    guard let place = places.removeValue(forKey: EntryKey(metric: metric, labels: values)) else { return }
    entries.remove(at: place)
    for (key, other) in places where other > place { places[key] = other - 1 }
    for (update, fixed) in fixedPlaces.enumerated() {
      guard let fixed, fixed.entry >= place else { continue }
      fixedPlaces[update] = fixed.entry == place ? nil : FixedPlace(labels: fixed.labels, entry: fixed.entry - 1)
    }
  }

  /// The labels of the info that waits; nil: none does.
  func labels(ofInfo update: Int) -> [String]? {
    places[.info(update: update)].map { entries[$0].said.labels }
  }

  /// Where it is staged now; nil: there is no room.
  private mutating func place(_ key: EntryKey, _ update: Int, _ said: Said, _ budget: MemoryBudget) -> Int? {
    if let known = places[key] {
      set(known, update, said)
      return known
    }
    if share == nil { share = CopiedShare(of: budget) }
    let bytes = said.labels.reduce(Self.bytesPerEntry) { $0 + 2 * $1.utf8.count }
    guard entries.count < Self.entriesMax, share?.grow(by: bytes) == true else {
      isIncomplete = true
      return nil
    }
    count += 1
    places[key] = entries.count
    entries.append(Entry(update: update, said: said, order: count))
    return entries.count - 1
  }

  /// The labels stay as they were first said.
  private mutating func set(_ place: Int, _ update: Int, _ said: Said) {
    count += 1
    entries[place].update = update
    (entries[place].said.number, entries[place].said.text) = (said.number, said.text)
    entries[place].order = count
  }

  mutating func removeAll() {
    if entries.isEmpty, !isIncomplete { return }
    self = StagedValues()
  }

  mutating func takeAll() -> [Entry] {
    defer { removeAll() }
    return entries
  }

  // MARK: Saving

  struct SavedEntry {
    var feed = Update.Feed()
    var said = Said()
    /// 0: it was not saved; they stand in some order.
    var order = 0
  }

  func saved(feed: (Int) -> Update.Feed) -> [SavedEntry] {
    entries.map { SavedEntry(feed: feed($0.update), said: $0.said, order: $0.order) }
  }

  /// Lets what was staged anew from saved values have the order that it had.
  mutating func restore(order: Int, of place: Int) {
    entries[place].order = min(order, Self.orderMax)
    count = max(count, entries[place].order)
  }
}
