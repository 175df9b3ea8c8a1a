internal import MetricRegistry

/// How many logs show each series of an info, so that one does not take away what another still shows.
final class InfoUsers {
  private var counts: [ObjectIdentifier: Int] = [:]

  func begin(_ series: Series) {
    counts[ObjectIdentifier(series), default: 0] += 1
  }

  /// Whether nobody shows it any more.
  func end(_ series: Series) -> Bool {
    let left = (counts[ObjectIdentifier(series)] ?? 1) - 1
    counts[ObjectIdentifier(series)] = left > 0 ? left : nil
    return left <= 0
  }
}
