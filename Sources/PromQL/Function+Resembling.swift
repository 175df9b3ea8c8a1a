/// What is said beside a function that there is not: the one that may have been meant.
extension Function {
  /// The function or aggregation that is called almost like this: in other letters' case, by a name that it had, or with
  /// one or two bytes more, less or different.
  static func resembling(_ name: String) -> String? {
    if name == "holt_winters" { return "double_exponential_smoothing" }
    let wanted = name.lowercased()
    if known.contains(where: { $0.name == wanted }) { return wanted }
    let bytes = Array(wanted.utf8)
    let most = bytes.count < 5 ? 1 : 2
    var best: (distance: Int, alike: Int, name: String)?
    for (name, other) in known {
      guard abs(other.count - bytes.count) <= most else { continue }
      let distance = distance(bytes, other)
      // Of those that are as near, the one that begins alike.
      let alike = zip(bytes, other).prefix { $0 == $1 }.count
      guard distance <= most, best.map({ (distance, -alike) < ($0.distance, -$0.alike) }) ?? true else { continue }
      best = (distance, alike, name)
    }
    return best?.name
  }

  private static let known = (all.keys.sorted() + Aggregator.allCases.map(\.rawValue))
    .map { (name: $0, bytes: Array($0.utf8)) }

  /// How many bytes have to be inserted, deleted or replaced to make one name of the other.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    var i = 0
    while i < a.count {
      var diagonal = row[0]
      row[0] = i + 1
      var j = 0
      while j < b.count {
        let above = row[j + 1]
        row[j + 1] = a[i] == b[j] ? diagonal : 1 + Swift.min(diagonal, above, row[j])
        diagonal = above
        j += 1
      }
      i += 1
    }
    return row[b.count]
  }
}
