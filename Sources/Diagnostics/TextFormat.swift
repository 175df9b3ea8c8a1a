extension DiagnosticFormat {
  /// For people, as `ConsoleRenderer` shows it.
  package static let text = DiagnosticFormat(name: "text", help: "for people", isForPrograms: false) { files, setting in
    files.map { ConsoleRenderer(source: $0.source, hasColors: setting.hasColors).render($0.diagnostics) }.joined()
  }
}
