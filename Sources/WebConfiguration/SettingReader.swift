internal import Diagnostics
internal import YAMLSyntax

/// Collects what is wrong with a web configuration.
final class SettingReport {
  /// A file that is wrong from top to bottom says so often enough by then.
  private static let diagnosticsMax = 100

  private(set) var diagnostics: [Diagnostic] = []
  private(set) var hasErrors = false
  /// Where settings stand about which more is found out later, by their keys.
  var ranges: [String: SourceRange] = [:]
  /// Whether the server's key stands in the configuration itself.
  var holdsKey = false

  func add(
    _ id: String,
    _ message: String,
    at range: SourceRange?,
    severity: Diagnostic.Severity = .error,
    help: String? = nil
  ) {
    add(Diagnostic(id: "web/\(id)", severity: severity, message: message, range: range, help: help))
  }

  func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { hasErrors = true }
    if diagnostics.count < Self.diagnosticsMax { diagnostics.append(diagnostic) }
  }

  /// Says where others on this machine may read a secret, or change the file.
  func warn(
    ofMode content: RegularFile.Content,
    _ path: String,
    secret: (id: String, what: String)?,
    at range: SourceRange?
  ) {
    if let secret, content.isReadableByAll {
      let message = "every user of this machine may read \(secret.what)"
      add(secret.id, message, at: range, severity: .warning, help: "chmod o-r \(path)")
    }
    if content.isWritableByAll {
      let message = "every user of this machine may write \(path), and so decide who may connect and read"
      add("file-mode", message, at: range, severity: .warning, help: "chmod o-w \(path)")
    }
  }

  /// `did you mean`, or all that there are.
  func help(for text: String, among names: [String]) -> String {
    Spelling.closest(to: text, among: names).map { "did you mean `\($0)`?" }
      ?? "there are " + names.map { "`\($0)`" }.joined(separator: " ")
  }
}

/// A value of the web configuration with the key that it stands behind: asked for as what it should be, it reports
/// what it is not.
struct Setting {
  let name: String
  let node: YAMLNode
  /// The value, or its key where nothing is written.
  let range: SourceRange
  let keyRange: SourceRange
  let report: SettingReport

  init(_ entry: YAMLMapping.Entry, _ report: SettingReport) {
    self.init(entry.key.text, entry.value, key: entry.key.range, report)
  }

  init(_ name: String, _ node: YAMLNode, key: SourceRange, _ report: SettingReport) {
    self.name = name
    self.node = node
    self.range = node.range.isEmpty ? key : node.range
    self.keyRange = key
    self.report = report
  }

  var isNull: Bool { node.scalar?.isNull ?? false }

  /// Also of what looks like a number: the scalar's own text.
  func text() -> String? {
    guard let scalar = node.scalar, !(scalar.style == .plain && scalar.isNull) else { return wrong("a text") }
    guard !scalar.text.utf8.contains(0) else { return wrong("a text without U+0000") }
    return scalar.text
  }

  func bool() -> Bool? { node.scalar?.bool ?? wrong("`true` or `false`") }

  func integer(in bounds: ClosedRange<Int>) -> Int? {
    guard let integer = node.scalar?.int, bounds.contains(integer) else {
      return wrong("a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return integer
  }

  func list() -> [Setting]? {
    guard case .sequence(let items) = node.content else { return wrong("a list") }
    return items.map { Setting(name, $0, key: range, report) }
  }

  func choice<T>(_ choices: [(name: String, value: T)]) -> T? {
    guard let text = text() else { return nil }
    if let choice = choices.first(where: { $0.name == text }) { return choice.value }
    report.add(
      "choice",
      "`\(name)` cannot be `\(text)`",
      at: range,
      help: report.help(for: text, among: choices.map(\.name))
    )
    return nil
  }

  func entries() -> [Setting]? {
    guard case .mapping(let mapping) = node.content else { return wrong("a mapping") }
    return mapping.entries.map { Setting($0, report) }
  }

  /// The settings by key, of which each has to be one of `names`; nothing where nothing is written.
  ///
  /// - Parameter empty: the keys that are among them even where no value is written.
  func keys(_ names: [String], empty: [String] = []) -> [String: Setting] {
    guard !isNull, let entries = entries() else { return [:] }
    var found: [String: Setting] = [:]
    for entry in entries {
      if names.contains(entry.name) {
        // As in Go's YAML: a key without a value is a key that is not there.
        if !entry.isNull || empty.contains(entry.name) { found[entry.name] = entry }
      } else {
        let help = report.help(for: entry.name, among: names)
        report.add("unknown-key", "`\(name)` has no key `\(entry.name)`", at: entry.keyRange, help: help)
      }
    }
    return found
  }

  func wrong<T>(_ wanted: String) -> T? {
    report.add("type", "`\(name)` wants \(wanted)", at: range)
    return nil
  }
}
