/// A label as the catalog declares it under `labels:`: its name, and what bounds its values.
///
/// A label is declared once and shared by all metrics that use it. So `maxValues` and `evictsOldest` count over all
/// metrics of a registry together.
///
/// This is a plain value that checks nothing. The catalog's rules check it; a program that makes one itself has to
/// follow them.
public struct LabelDescriptor: Sendable, Hashable {
  /// The values that a label may take: `values:` in the catalog.
  public enum AllowedValues: Sendable, Hashable {
    /// Any text. Only `maxValues` bounds how many there are.
    case any
    /// One of these texts. Their order is that of the catalog.
    case list([String])
    /// An integer of this range, both ends included. Values are written in decimal without leading zeros.
    case range(ClosedRange<Int>)
  }

  /// The name, such as `run`: `[a-zA-Z_][a-zA-Z0-9_]*`, but not `le`, `quantile` or a name that begins with `__`.
  public var name: String
  /// What the label means, for people; nil where the catalog does not say. The exposition does not show it.
  public var help: String?
  /// The values that the label may take. The default is any text.
  public var allowed: AllowedValues
  /// The most distinct values that series of one registry may carry at a time, at least 1: `max_values:`. With nil
  /// there is no such bound, and `allowed` and the registry's limits are all that there is.
  public var maxValues: Int?
  /// The value that replaces every text outside `allowed`: `otherwise:`. With nil such a text is rejected. It has no
  /// effect where any text is allowed.
  public var otherwise: String?
  /// What happens to a new value once there are `maxValues`. If true, the value whose newest sample is the oldest makes
  /// room, and all series that carry it end. If false, the new value is rejected.
  public var evictsOldest: Bool
  /// Texts that a source may write, each with the label's value for it: `named:`. It is asked before `allowed`.
  public var named: [String: String]

  /// Creates a label from its properties; `name` alone is required.
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

  /// Whether the declaration itself says which values there can be, as a list or a range.
  public var isClosed: Bool {
    if case .any = allowed { false } else { true }
  }

  /// The label's value for a text that a source writes.
  ///
  /// The text is first looked up in `named`. For a range, every way to write an integer gives the same value: `7`,
  /// `7.0` and `007` all give `7`. This does not look at `maxValues`; the registry also refuses empty and overlong
  /// texts.
  ///
  /// - Returns: the value, which is `otherwise` for a text outside `allowed`; nil if the text is not allowed at all.
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
