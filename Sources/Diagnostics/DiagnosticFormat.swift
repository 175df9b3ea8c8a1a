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

/// What a format knows besides the diagnostics.
package struct DiagnosticSetting: Sendable {
  /// Whether text has colors.
  package var hasColors: Bool
  /// The version of the program that found them.
  package var version: String
  /// What each id means, in one line without a full stop.
  package var summaries: [String: String]
  /// The working directory, and what there is: for paths from the top of a repository.
  package var directory: RepositoryPaths

  package init(
    hasColors: Bool = false,
    version: String,
    summaries: [String: String] = [:],
    directory: RepositoryPaths = RepositoryPaths()
  ) {
    self.hasColors = hasColors
    self.version = version
    self.summaries = summaries
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
