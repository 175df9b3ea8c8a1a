/// Counts of rejections. Those of declared metrics and labels are kept by position, so that a repeated one costs no
/// hashing; names from elsewhere are hostile input and kept only up to a limit. Never forgets a count.
struct RejectionCounts {
  /// The most distinct rejections with undeclared names. Each becomes a series of the exporter's own.
  static let undeclaredMax = 100
  /// What stands for the names beyond the limit.
  static let overflowName = "other"

  private struct Entry {
    var label: Int
    var reason: Rejection.Reason
    var count: UInt64
    /// The last values that were refused, each once, the newest last.
    var values: [String] = []

    mutating func note(_ value: () -> String?) {
      // Of many that come one after the other, some.
      guard values.isEmpty || count < Self.eachMax || count.isMultiple(of: Self.eachMax), let value = value() else {
        return
      }
      let cut = Self.cut(value)
      if values.last == cut { return }
      values.removeAll { $0 == cut }
      if values.count >= RejectionCounts.valuesMax { values.removeFirst() }
      values.append(cut)
    }

    private static let eachMax: UInt64 = 64

    private static func cut(_ value: String) -> String {
      guard value.utf8.count > RejectionCounts.valueBytesMax else { return value }
      var cut = ""
      for scalar in value.unicodeScalars {
        if cut.utf8.count + UTF8.width(scalar) > RejectionCounts.valueBytesMax { break }
        cut.unicodeScalars.append(scalar)
      }
      return cut
    }
  }

  /// How many refused values are kept of each rejection, and how many bytes of each.
  static let valuesMax = 5
  static let valueBytesMax = 200

  /// What rejections of one declared metric can be about.
  struct Names {
    var metric: String
    /// None, the metric's labels, and a stateset's own.
    var labels: [String]
  }

  private let names: [Names]
  private let indexByName: [String: Int]
  /// By metric; few distinct ones each, so a linear search is the fastest.
  private var declared: [[Entry]]
  private var undeclared: [Rejection: UInt64] = [:]
  private var undeclaredOrder: [Rejection] = []

  init(names: [Names] = [], indexByName: [String: Int] = [:]) {
    self.names = names
    self.indexByName = indexByName
    declared = Array(repeating: [], count: names.count)
  }

  /// `label` is a position in the metric's `Names.labels`.
  ///
  /// - Parameter value: what was refused; not asked each time.
  mutating func count(
    metric: Int,
    label: Int,
    reason: Rejection.Reason,
    by count: UInt64 = 1,
    value: () -> String? = { nil }
  ) {
    for position in declared[metric].indices
    where declared[metric][position].label == label && declared[metric][position].reason == reason {
      declared[metric][position].count &+= count
      return declared[metric][position].note(value)
    }
    var entry = Entry(label: label, reason: reason, count: count)
    entry.note(value)
    declared[metric].append(entry)
  }

  mutating func count(_ rejection: Rejection, by count: UInt64 = 1, value: () -> String? = { nil }) {
    if let metric = indexByName[rejection.metric] {
      if let label = names[metric].labels.firstIndex(of: rejection.label) {
        return self.count(metric: metric, label: label, reason: rejection.reason, by: count, value: value)
      }
      return countUndeclared(
        rejection,
        by: count,
        overflow: Rejection(metric: rejection.metric, label: Self.overflowName, reason: rejection.reason)
      )
    }
    // The label of an undeclared metric says nothing, and would multiply the names.
    let named = Rejection(metric: rejection.metric, reason: rejection.reason)
    countUndeclared(
      named,
      by: count,
      overflow: Rejection(metric: Self.overflowName, reason: rejection.reason)
    )
  }

  private mutating func countUndeclared(_ rejection: Rejection, by count: UInt64, overflow: Rejection) {
    if let position = undeclared.index(forKey: rejection) {
      undeclared.values[position] &+= count
      return
    }
    var cleaned = rejection
    cleaned.metric = LabelText.cleaned(rejection.metric)
    cleaned.label = LabelText.cleaned(rejection.label)
    let isShort =
      max(cleaned.metric.utf8.count, cleaned.label.utf8.count) <= LabelText.undeclaredNameBytesMax
    let kept = isShort && undeclaredOrder.count < Self.undeclaredMax ? cleaned : overflow
    if undeclared[kept] == nil { undeclaredOrder.append(kept) }
    undeclared[kept, default: 0] &+= count
  }

  /// Declared metrics first, in their order, each by label and reason; then undeclared names by first appearance.
  var all: [(rejection: Rejection, count: UInt64)] { allWithValues.map { ($0.rejection, $0.count) } }

  /// The same with the last values that were refused, as far as they are known.
  var allWithValues: [(rejection: Rejection, count: UInt64, values: [String])] {
    var result: [(rejection: Rejection, count: UInt64, values: [String])] = []
    let ranks = Dictionary(uniqueKeysWithValues: Rejection.Reason.allCases.enumerated().map { ($1, $0) })
    for (names, entries) in zip(names, declared) {
      let sorted = entries.sorted {
        ($0.label, ranks[$0.reason, default: 0]) < ($1.label, ranks[$1.reason, default: 0])
      }
      for entry in sorted {
        let rejection = Rejection(
          metric: names.metric,
          label: names.labels[entry.label],
          reason: entry.reason
        )
        result.append((rejection, entry.count, entry.values))
      }
    }
    for rejection in undeclaredOrder { result.append((rejection, undeclared[rejection, default: 0], [])) }
    return result
  }
}
