extension DiagnosticFormat {
  /// All that is known of each diagnostic, for programs of any kind. `schemas/diagnostics.schema.json` describes it; what
  /// that does not allow is another version.
  static let json = DiagnosticFormat(name: "json", help: "for other programs") { files, setting in
    var fingerprints = Fingerprints()
    let diagnostics = files.flatMap { file in
      let path = setting.directory.path(of: file.source.path)
      return file.diagnostics.map { diagnostic -> JSON in
        let fingerprint = fingerprints.fingerprint(of: diagnostic, in: file.source, path: path)
        return object(for: diagnostic, in: file.source, fingerprint: fingerprint)
      }
    }
    func count(_ severity: Diagnostic.Severity) -> JSON {
      .integer(files.reduce(0) { $0 + $1.diagnostics.count { $0.severity == severity } })
    }
    let document: JSON = [
      "version": 1,
      "errors": count(.error),
      "warnings": count(.warning),
      "notes": count(.note),
      "files": .array(files.map { .string($0.source.path) }),
      "diagnostics": .array(diagnostics),
    ]
    return document.text
  }

  private static func object(for diagnostic: Diagnostic, in source: SourceFile, fingerprint: String) -> JSON {
    let related = diagnostic.related.map { related -> JSON in
      let source = related.source ?? source
      return [
        "file": .string(source.path),
        "range": range(related.range, in: source),
        "note": .string(related.note),
      ]
    }
    return [
      "id": .string(diagnostic.id),
      "severity": .string(diagnostic.severity.rawValue),
      "message": .string(diagnostic.message),
      "help": diagnostic.help.map(JSON.string),
      "file": .string(source.path),
      "range": diagnostic.range.map { range($0, in: source) },
      "related": related.isEmpty ? nil : .array(related),
      "documentation": .string(RuleLink.page(of: diagnostic.id)),
      "fingerprint": .string(fingerprint),
    ]
  }

  private static func range(_ range: SourceRange, in source: SourceFile) -> JSON {
    func position(_ position: SourcePosition) -> JSON {
      ["line": .integer(position.line), "column": .integer(position.column)]
    }
    let span = source.span(of: range)
    return ["start": position(span.start), "end": position(span.end)]
  }
}
