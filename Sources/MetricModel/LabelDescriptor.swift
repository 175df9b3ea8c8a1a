/// A label as the catalog declares it: its name and what bounds its values.
///
/// Labels are declared once and shared by metrics, so `maxValues` and `eviction` count over a whole registry.
public struct LabelDescriptor: Sendable, Hashable {
  /// The values that a label may take.
  public enum AllowedValues: Sendable, Hashable {
    /// Any text. Bounded by `maxValues` alone.
    case any
    /// These texts, in declared order.
    case list([String])
    /// The integers of the range, in decimal.
    case range(ClosedRange<Int>)
  }

  public var name: String
  public var help: String?
  public var allowed: AllowedValues
  /// The most distinct values that may be live at a time in one registry; nil: no bound beside `allowed`.
  public var maxValues: Int?
  /// The value that takes what is not allowed; nil: it is rejected.
  public var otherwise: String?
  /// When `maxValues` is reached, the value that has gone longest without an accepted record makes room.
  public var evictsOldest: Bool
  /// What a source says ► the label's value.
  public var named: [String: String]

  public init(
    name: String,
    help: String? = nil,
    allowed: AllowedValues = .any,
    maxValues: Int? = nil,
    otherwise: String? = nil,
    evictsOldest: Bool = false,
    named: [String: String] = [:]
  ) {
    self.name = name
    self.help = help
    self.allowed = allowed
    self.maxValues = maxValues
    self.otherwise = otherwise
    self.evictsOldest = evictsOldest
    self.named = named
  }

  /// Whether the label's set of values is written down in its declaration.
  public var isClosed: Bool {
    if case .any = allowed { false } else { true }
  }

  /// The label's value for what a source says: renamed, folded, a numeric text in canonical form for a range;
  /// nil where it is not allowed. Does not look at `maxValues`.
  public func value(for text: String) -> String? {
    if let renamed = named[text] { return renamed }
    switch allowed {
    case .any:
      return text
    case .list(let values):
      return values.contains(text) ? text : otherwise
    case .range(let range):
      guard let integer = Self.integer(text), range.contains(integer) else { return otherwise }
      return String(integer)
    }
  }

  /// `7`, `7.0`, `007` and `7e0` are the integer 7.
  private static func integer(_ text: String) -> Int? {
    if let integer = Int(text) { return integer }
    guard let number = Double(text), number == number.rounded(), abs(number) < 0x1p53 else { return nil }
    return Int(number)
  }
}
