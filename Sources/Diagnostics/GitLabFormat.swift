extension DiagnosticFormat {
  /// A code quality report, which GitLab shows in merge requests.
  ///
  /// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
  static let gitlab = DiagnosticFormat(name: "gitlab", help: "a code quality report of GitLab") { files, setting in
    var fingerprints = Fingerprints()
    let issues = files.flatMap { file in
      let path = setting.directory.path(of: file.source.path)
      return file.diagnostics.map { diagnostic -> JSON in
        let fingerprint = fingerprints.fingerprint(of: diagnostic, in: file.source, path: path)
        return issue(for: diagnostic, in: file.source, path: path, fingerprint: fingerprint)
      }
    }
    return JSON.array(issues).text
  }

  /// GitLab shows one text, and wants a line even of what concerns the file as a whole.
  private static func issue(
    for diagnostic: Diagnostic,
    in source: SourceFile,
    path: String,
    fingerprint: String
  ) -> JSON {
    let span = source.span(of: diagnostic.range ?? SourceRange(0, 0))
    return [
      "description": .string(diagnostic.message + (diagnostic.help.map { "; \($0)" } ?? "")),
      "check_name": .string(diagnostic.id),
      "fingerprint": .string(fingerprint),
      "severity": .string(severity(of: diagnostic)),
      "location": [
        "path": .string(path),
        "lines": ["begin": .integer(span.start.line), "end": .integer(span.end.line)],
      ],
    ]
  }

  private static func severity(of diagnostic: Diagnostic) -> String {
    switch diagnostic.severity {
    case .error: "major"
    case .warning: "minor"
    case .note: "info"
    }
  }
}
