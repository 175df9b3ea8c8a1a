import MetricRegistry

/// What a scene sees of an exposition: what has changed since it looked before.
struct Sight {
  /// The metrics that are shown, each a name, or `*` and one end of it; empty: all.
  var shownMetrics: [String] = []
  private var before: [String] = []
  private var countsBefore: [String] = []
  private var warningsTold = 0

  /// - Parameters:
  ///   - samples: lines of an exposition.
  ///   - counts: what was not taken, each a line that ends with how often.
  ///   - warnings: all that people were told so far.
  mutating func changes(to exposition: [String], counts: [String], warnings: [String]) -> [String] {
    let samples = exposition.filter(isShown)
    let (known, series) = (Set(before), Set(samples.map(Self.series)))
    let changed = Self.sorted(samples.filter { !known.contains($0) })
    let gone = before.map(Self.series).filter { !series.contains($0) }.sorted()
    let counted = counts.filter { !countsBefore.contains($0) }
    let told = warnings[warningsTold...].map { "warning: " + $0 }
    (before, countsBefore, warningsTold) = (samples, counts, warnings.count)
    return Self.filled(changed) + Self.filled(gone).map { "gone \($0)" } + counted + told
  }

  private static func series(_ sample: String) -> Substring {
    sample[..<(sample.lastIndex(of: " ") ?? sample.endIndex)]
  }

  private func isShown(_ sample: String) -> Bool {
    shownMetrics.isEmpty || Self.isNamed(sample.prefix { $0 != "{" && $0 != " " }, by: shownMetrics)
  }

  /// Whether one of the patterns is the name, or has `*` for one end of it.
  static func isNamed(_ name: some StringProtocol, by patterns: [String]) -> Bool {
    patterns.contains { pattern in
      if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
      return pattern.hasPrefix("*") ? name.hasSuffix(pattern.dropFirst()) : name == pattern
    }
  }

  /// In the order of the metrics; the series of each, whatever was read first, in the order of their labels.
  private static func sorted(_ samples: [String]) -> [String] {
    var families: [Substring: Int] = [:]
    let placed = samples.enumerated().map { place, sample in
      let name = sample.prefix { $0 != "{" && $0 != " " }.replacing(#/_(bucket|sum|count)$/#, with: "")
      let family = families[name] ?? families.count
      families[name] = family
      let labels = series(sample).drop { $0 != "{" }
        .replacing(#/,?(le|quantile)="[^"]*"/#, with: "").replacing("{}", with: "")
      return (order: (family, labels, place), sample: sample)
    }
    return placed.sorted { $0.order < $1.order }.map(\.sample)
  }

  /// As many on a line as are read with ease.
  private static func filled(_ parts: [some StringProtocol]) -> [String] {
    parts.reduce(into: []) { lines, part in
      if let last = lines.last, last.count + part.count < 90 {
        lines[lines.count - 1] = last + ", " + part
      } else {
        lines.append(String(part))
      }
    }
  }

  static func refused(_ registry: Registry) -> [String] {
    registry.rejections().map { entry in
      ["refused", entry.rejection.metric, entry.rejection.label, entry.rejection.reason.rawValue, "\(entry.count)"]
        .filter { !$0.isEmpty }.joined(separator: " ")
    }.sorted()
  }
}
