import MetricModel

/// One observation out of many, with labels that say where it came from: what a point on a graph leads to (OpenMetrics
/// 1.0, "Exemplars").
///
/// An exemplar makes no series of its own. So its labels need no declaration, and only their length is bounded.
public struct Exemplar: Sendable, Hashable {
  /// The name and value of one of its labels.
  public typealias Label = Sample.Label

  /// The most code points that all names and values of an exemplar may have together: 128, as OpenMetrics 1.0 says.
  public static let codePointsMax = 128

  /// The labels, in the order in which they are shown.
  public var labels: [Label]
  /// A counter's increment, or a histogram's observation.
  public var value: Double
  /// When it was observed, in nanoseconds since 1970 (UTC).
  public var time: Int64

  /// Creates an exemplar from its properties. Nothing is checked here.
  public init(labels: [Label], value: Double, time: Int64) {
    self.labels = labels
    self.value = value
    self.time = time
  }

  /// The labels as they are kept, without those whose value is empty. The result is nil if they are too long, if a name
  /// is not that of a label, or if a name comes twice.
  static func accepted(_ labels: [Label]) -> [Label]? {
    var accepted: [Label] = []
    var codePoints = 0
    for label in labels where !label.value.utf8.isEmpty {
      // A code point has at most four bytes: a text of megabytes is not walked through.
      guard label.value.utf8.count + label.name.utf8.count <= 4 * codePointsMax, isName(label.name),
        !accepted.contains(where: { $0.name == label.name })
      else { return nil }
      let cleaned = Label(label.name, LabelText.cleaned(label.value))
      codePoints += cleaned.name.unicodeScalars.count + cleaned.value.unicodeScalars.count
      guard codePoints <= codePointsMax else { return nil }
      accepted.append(cleaned)
    }
    return accepted
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
