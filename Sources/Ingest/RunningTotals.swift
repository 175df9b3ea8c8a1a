internal import Budgets

/// The last value of each field of a log whose totals or differences are taken, by the update's place, and where labels
/// come from records by their texts.
struct RunningTotals {
  struct TotalKey: Hashable {
    var update: Int
    /// `RecordMapping.key`; empty where the labels do not change.
    var labels: String
  }

  /// Begins the labels of a key under which the number stands that tells where a total begins again. No labels begin so.
  static let restartMark = "<"
  /// As many as a registry has series by default: totals of more are not followed. Their keys are of the budget, too.
  static let byLabelsMax = 100_000
  /// What a total costs beside its key's text, which stands in the state, too, and twice while that is written.
  private static let bytesPerTotal = 100

  private var fixed: [Int: Double] = [:]
  private var byLabels: [TotalKey: Double] = [:]
  /// Of a log that goes on where another process stood, by what feeds them: the updates' places are known once their
  /// fields are met.
  private var restored: Saved = [:]
  /// What `byLabels` holds of the budget; nil: nothing yet.
  private var share: CopiedShare?

  struct SavedKey: Hashable {
    var feed = Update.Feed()
    var labels = ""
  }

  typealias Saved = [SavedKey: Double]

  init(_ saved: Saved = [:]) {
    restored = saved
  }

  /// Takes the newest value of an update, and returns the one before.
  ///
  /// - Parameter keepsHighest: whether the one before stays where it is higher.
  mutating func update(
    _ index: Int,
    _ feed: @autoclosure () -> Update.Feed,
    to number: Double,
    keepsHighest: Bool = false
  ) -> Double? {
    var before = fixed.updateValue(number, forKey: index)
    if before == nil, !restored.isEmpty { before = restored.removeValue(forKey: SavedKey(feed: feed(), labels: "")) }
    if keepsHighest, let before, before > number { fixed[index] = before }
    return before
  }

  /// The same for labels that come from records.
  ///
  /// - Returns: false: there are too many, and this one is not followed.
  mutating func update(
    _ key: TotalKey,
    _ feed: @autoclosure () -> Update.Feed,
    to number: Double,
    keepsHighest: Bool = false,
    before: inout Double?,
    budget: MemoryBudget
  ) -> Bool {
    before = byLabels[key]
    if before == nil {
      if !restored.isEmpty {
        before = restored.removeValue(forKey: SavedKey(feed: feed(), labels: key.labels))
      }
      let hasRoom = byLabels.count < Self.byLabelsMax && grow(by: Self.bytes(of: key), budget)
      // What was followed before stays so: otherwise it would count from 0.
      guard before != nil || hasRoom else { return false }
    }
    byLabels[key] = keepsHighest ? max(number, before ?? number) : number
    return true
  }

  private static func bytes(of key: TotalKey) -> Int { bytesPerTotal + 3 * key.labels.utf8.count }

  private mutating func grow(by bytes: Int, _ budget: MemoryBudget) -> Bool {
    if share == nil { share = CopiedShare(of: budget) }
    return share?.grow(by: bytes) ?? false
  }

  mutating func removeAll() {
    fixed.removeAll(keepingCapacity: true)
    byLabels = [:]
    share = nil
    restored = [:]
  }

  mutating func takeOver(_ other: RunningTotals) {
    fixed.merge(other.fixed) { own, _ in own }
    byLabels.merge(other.byLabels) { own, _ in own }
    if let others = other.share { _ = grow(by: others.bytes, others.budget) }
    restored.merge(other.restored) { own, _ in own }
  }

  func saved(feed: (Int) -> Update.Feed) -> Saved {
    var saved = restored
    for (index, number) in fixed { saved[SavedKey(feed: feed(index), labels: "")] = number }
    for (key, number) in byLabels { saved[SavedKey(feed: feed(key.update), labels: key.labels)] = number }
    return saved
  }
}
