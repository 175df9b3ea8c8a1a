internal import Budgets

/// What waits to be shown until a log that was written again is read to its end: what showing each value at once would
/// have left. Each series has one value, the last; an info has one series for each target of its log.
///
/// Only what the declaration allows is staged, by the label values that its series will carry: so what is refused takes
/// nothing's place here either, and values that fold into one are one.
struct StagedValues {
  struct Entry {
    /// The update that said it last.
    var update: Int
    /// As the log says them.
    var labels: [String]
    var number: Double
    var text: String?
    /// The greater, the later it was said.
    var order: Int
  }

  /// As many as a registry has series by default: beyond, the newest wait no longer and are left out. They are of the
  /// budget, too.
  static let entriesMax = 100_000
  /// What an entry costs beside its labels, which stand here twice.
  private static let bytesPerEntry = 200

  private enum Key: Hashable {
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
  private var places: [Key: Int] = [:]
  /// By update.
  private var fixedPlaces: [FixedPlace?] = []
  private var count = 0
  /// What the entries hold of the budget; nil: nothing yet.
  private var share: CopiedShare?

  /// Stages a further value of an update whose labels do not change; false: its series is not known yet.
  mutating func stageAgain(_ update: Int, _ fixedLabels: [String], _ number: Double, text: String?) -> Bool {
    guard update < fixedPlaces.count, let place = fixedPlaces[update], place.labels == fixedLabels else { return false }
    set(place.entry, update, number, text)
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
    labels: [String],
    values: [String],
    isFixed: Bool,
    _ number: Double,
    text: String?,
    budget: MemoryBudget
  ) -> Bool {
    guard let place = place(Key(metric: metric, labels: values), update, labels, budget) else { return false }
    set(place, update, number, text)
    if isFixed {
      while fixedPlaces.count <= update { fixedPlaces.append(nil) }
      fixedPlaces[update] = FixedPlace(labels: labels, entry: place)
    }
    return true
  }

  /// Stages what an info of a target shows from now on; false: there is no room for one more.
  mutating func stage(infoOf update: Int, labels: [String], budget: MemoryBudget) -> Bool {
    guard let place = place(.info(update: update), update, labels, budget) else { return false }
    entries[place].labels = labels
    set(place, update, 1, nil)
    return true
  }

  /// The labels of the info that waits; nil: none does.
  func labels(ofInfo update: Int) -> [String]? {
    places[.info(update: update)].map { entries[$0].labels }
  }

  /// nil: there is no room.
  private mutating func place(_ key: Key, _ update: Int, _ labels: [String], _ budget: MemoryBudget) -> Int? {
    if let known = places[key] { return known }
    if share == nil { share = CopiedShare(of: budget) }
    let bytes = labels.reduce(Self.bytesPerEntry) { $0 + 2 * $1.utf8.count }
    guard entries.count < Self.entriesMax, share?.grow(by: bytes) == true else { return nil }
    places[key] = entries.count
    entries.append(Entry(update: update, labels: labels, number: 0, text: nil, order: 0))
    return entries.count - 1
  }

  private mutating func set(_ place: Int, _ update: Int, _ number: Double, _ text: String?) {
    count += 1
    entries[place].update = update
    entries[place].number = number
    entries[place].text = text
    entries[place].order = count
  }

  mutating func removeAll() {
    if entries.isEmpty { return }
    self = StagedValues()
  }

  mutating func takeAll() -> [Entry] {
    defer { removeAll() }
    return entries
  }

  // MARK: Saving

  struct SavedEntry {
    var source: Update.Source
    var labels: [String]
    var number: Double
    var text: String?
    /// nil: it was not saved; they stand in some order.
    var order: Int?
  }

  func saved(source: (Int) -> Update.Source) -> [SavedEntry] {
    entries.map { entry in
      SavedEntry(
        source: source(entry.update),
        labels: entry.labels,
        number: entry.number,
        text: entry.text,
        order: entry.order
      )
    }
  }

  /// Lets what was staged anew from saved values have the order that it had.
  mutating func restore(order: Int, of place: Int) {
    entries[place].order = order
    count = max(count, order)
  }
}
