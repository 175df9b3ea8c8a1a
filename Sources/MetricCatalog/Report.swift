internal import Diagnostics

/// Collects what is wrong with a catalog. It decides nothing: rules do.
final class Report {
  /// Of errors and of warnings each: a file that is wrong from top to bottom says so often enough by then.
  static let diagnosticsMax = 1_000
  /// Looking for close names costs time for each; nobody reads further suggestions.
  private static let suggestionsMax = 100

  /// The file, for what is said of a place in it; empty where nobody looks at places.
  let source: SourceFile
  private(set) var diagnostics: [Diagnostic] = []
  /// How many are left out because there are so many.
  private(set) var omitted = 0
  /// Shown or left out.
  var reportedCount: Int { diagnostics.count + omitted }
  /// Errors that are left out count.
  var hasErrors: Bool { counts[.error] != nil }
  private var counts: [Diagnostic.Severity: Int] = [:]
  private var seen: Set<Diagnostic> = []
  private var suggestions = 0
  /// The entries of `allow:` that something needed, by their places.
  private(set) var neededWaivers: Set<SourceRange> = []

  init(_ source: SourceFile) {
    self.source = source
  }

  /// All that was reported, in the order of the file, and how much is left out.
  var finished: [Diagnostic] {
    var diagnostics = diagnostics.sorted(by: Diagnostic.isOrderedBefore)
    if omitted > 0 {
      let id = DecodingID.more
      let message = "\(omitted) more are not shown"
      diagnostics.append(Diagnostic(id: id.name, severity: id.severity, message: message, range: nil))
    }
    return diagnostics
  }

  /// - Parameter waivers: the `allow:` of all that the diagnostic is about.
  func add(
    _ id: RuleID,
    _ message: String,
    at range: SourceRange?,
    related: [Diagnostic.Related] = [],
    help: String? = nil,
    waivedBy waivers: [Key<[Text]>] = []
  ) {
    guard !isWaived(id, by: waivers) else { return }
    add(
      Diagnostic(id: id.name, severity: id.severity, message: message, range: range, related: related, help: help)
    )
  }

  /// The same mistake behind two aliases of one anchor is one.
  func add(_ diagnostic: Diagnostic) {
    guard counts[diagnostic.severity, default: 0] < Self.diagnosticsMax else {
      omitted += 1
      return
    }
    guard seen.insert(diagnostic).inserted else { return }
    counts[diagnostic.severity, default: 0] += 1
    diagnostics.append(diagnostic)
  }

  /// Whether one of these lists of `allow:` waives a diagnostic. Ask only where there is one: the entry counts as needed
  /// from then on.
  func isWaived(_ id: RuleID, by waivers: [Key<[Text]>]) -> Bool {
    let entries = waivers.flatMap { $0.value ?? [] }.filter { $0.value == id.name }
    neededWaivers.formUnion(entries.map(\.range))
    return !entries.isEmpty
  }

  /// ``did you mean `x`?`` for the closest of the candidates; nil where none is close.
  func suggestion<Names: Sequence<String>>(for text: String, among candidates: @autoclosure () -> Names) -> String? {
    guard suggestions < Self.suggestionsMax else { return nil }
    suggestions += 1
    return Spelling.closest(to: text, among: candidates()).map { "did you mean `\($0)`?" }
  }
}
