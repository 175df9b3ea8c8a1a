/// Renders diagnostics for a terminal:
///
/// ```
/// metrics.yaml:7:14: error: label `rum` is not declared [label/undeclared]
///     labels: [rum]
///              ^^^
/// help: did you mean `run`?
/// ```
///
/// Editors can jump from the first line. Control characters of the file are escaped or replaced, so that a file cannot
/// send commands to the terminal. Long messages and source lines are cut.
public struct ConsoleRenderer: Sendable {
  /// How many columns of a source line are shown. A longer line is cut around the place.
  public static let lineColumnsMax = 140
  /// What stays visible to the left of the range when a line is cut.
  private static let leadColumns = 40
  /// How much of a line is looked at on each side: a line may be as long as the file, and have a thousand mistakes.
  private static let windowBytes = 1 << 10
  /// A message may quote a name that is as long as the file.
  private static let messageScalarsMax = 600

  /// The file that the diagnostics' ranges refer to.
  public var source: SourceFile
  /// Whether the severity, the place and the carets have colors, by ANSI escape sequences (ECMA-48, "SGR").
  public var hasColors: Bool

  /// Creates a renderer for diagnostics of a file.
  public init(source: SourceFile, hasColors: Bool = false) {
    self.source = source
    self.hasColors = hasColors
  }

  /// The text of all diagnostics, in the given order. Each ends in a newline.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined()
  }

  /// The text of one diagnostic, which ends in a newline.
  public func render(_ diagnostic: Diagnostic) -> String {
    let color = Color(of: diagnostic.severity)
    let severity = colored("\(diagnostic.severity.rawValue):", color)
    let place = colored("\(source.place(of: diagnostic.range)):", .bold)
    var text = "\(place) \(severity) \(colored(printable(diagnostic.message), .bold)) [\(diagnostic.id)]\n"
    if let range = diagnostic.range, let excerpt = excerpt(of: range, color) { text += excerpt }
    if let help = diagnostic.help { text += "\(colored("help:", .cyan)) \(printable(help))\n" }
    for related in diagnostic.related {
      let place = (related.source ?? source).place(of: related.range)
      text += "\(colored("note:", .cyan)) \(place): \(printable(related.note))\n"
    }
    return text
  }

  /// Parameters of "select graphic rendition".
  private enum Color: String {
    case bold = "1"
    case red = "1;31"
    case yellow = "1;33"
    case cyan = "1;36"

    init(of severity: Diagnostic.Severity) {
      switch severity {
      case .error: self = .red
      case .warning: self = .yellow
      case .note: self = .cyan
      }
    }
  }

  private func colored(_ text: String, _ color: Color) -> String {
    hasColors ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  private func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > Self.messageScalarsMax else { return PrintableText.escape(text) }
    return PrintableText.escape(String(scalars.prefix(Self.messageScalarsMax))) + "…"
  }

  /// The line of the range's beginning and the caret line; nil where the file has nothing there.
  private func excerpt(of range: SourceRange, _ color: Color) -> String? {
    let line = source.byteRange(ofLine: source.position(ofByte: range.start).line)
    guard !line.isEmpty else { return nil }
    let start = min(max(range.start, line.lowerBound), line.upperBound)
    let end = min(max(range.end, start), line.upperBound)
    var from = max(line.lowerBound, start - Self.windowBytes)
    while from > line.lowerBound, from < start, source.bytes[from] & 0xC0 == 0x80 { from += 1 }
    let before = PrintableText.cells(source.bytes[from..<start])
    let marked = PrintableText.cells(source.bytes[start..<min(end, start + Self.windowBytes)])
    let after = PrintableText.cells(source.bytes[end..<min(line.upperBound, end + Self.windowBytes)])

    let isLong =
      from > line.lowerBound || before.columns + min(marked.columns, Self.lineColumnsMax) > Self.lineColumnsMax
    let lead = isLong ? Self.leadColumns : nil
    let left = lead.map { "…" + before.suffix(columns: $0) } ?? before.text
    let leftColumns = lead.map { before.suffixColumns($0) + 1 } ?? before.columns
    let middle = marked.columns > Self.lineColumnsMax - leftColumns
    let room = max(Self.lineColumnsMax - leftColumns, 1)
    let shown = middle ? marked.prefix(columns: room) + "…" : marked.text
    let rest = max(room - marked.columns, 0)
    let right = middle ? "" : (after.columns > rest ? after.prefix(columns: rest) + "…" : after.text)
    let carets = min(max(marked.columns, 1), room)
    return "\(left)\(shown)\(right)\n"
      + String(repeating: " ", count: leftColumns) + colored(String(repeating: "^", count: carets), color) + "\n"
  }
}
