/// A file with what is wrong in it.
package struct FileDiagnostics: Sendable {
  /// The file that the diagnostics' ranges refer to.
  package var source: SourceFile
  /// In the order in which they are shown.
  package var diagnostics: [Diagnostic]

  package init(source: SourceFile, diagnostics: [Diagnostic]) {
    self.source = source
    self.diagnostics = diagnostics
  }
}

/// What is to be said about a diagnostic's id, wherever it stands.
package struct RuleText: Sendable {
  /// What is wrong, in one line without a full stop.
  package var summary: String
  /// Why it matters: whole sentences, in Markdown. Empty where nothing is to be said.
  package var why: String
  /// What to do about it: whole sentences, in Markdown. Empty where nothing is to be said.
  package var remedy: String

  package init(summary: String, why: String, remedy: String) {
    self.summary = summary
    self.why = why
    self.remedy = remedy
  }
}

/// What a format knows besides the diagnostics.
package struct DiagnosticSetting: Sendable {
  /// Whether text has colors.
  package var hasColors: Bool
  /// The version of the program that found them.
  package var version: String
  /// What is to be said about each id.
  package var rules: [String: RuleText]
  /// The working directory, and what there is: for paths from the top of a repository.
  package var directory: RepositoryPaths

  package init(
    hasColors: Bool = false,
    version: String,
    rules: [String: RuleText] = [:],
    directory: RepositoryPaths = RepositoryPaths()
  ) {
    self.hasColors = hasColors
    self.version = version
    self.rules = rules
    self.directory = directory
  }
}

/// A way to write diagnostics, for people or for another program: one file, and one line in `DiagnosticFormats.all`.
package struct DiagnosticFormat: Sendable {
  /// The name on the command line.
  package var name: String
  /// Who reads it, for people: some words without a full stop.
  package var help: String
  /// Whether a program reads it. Then the text is whole even where nothing is wrong, and nothing else may stand beside
  /// it on standard output.
  package var isForPrograms: Bool
  /// The text for some files. It is empty or ends in a newline.
  package var text: @Sendable ([FileDiagnostics], DiagnosticSetting) -> String

  init(
    name: String,
    help: String,
    isForPrograms: Bool = true,
    text: @escaping @Sendable ([FileDiagnostics], DiagnosticSetting) -> String
  ) {
    self.name = name
    self.help = help
    self.isForPrograms = isForPrograms
    self.text = text
  }
}

/// All formats, in the order of the help. A new one is one file and one more line here.
package enum DiagnosticFormats {
  package static let all: [DiagnosticFormat] = [
    .text, .github, .gitlab, .json, .sarif,
  ]
}
