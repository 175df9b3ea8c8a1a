extension DiagnosticFormat {
  /// The Static Analysis Results Interchange Format 2.1.0, as GitHub's code scanning and editors take it.
  ///
  /// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
  static let sarif = DiagnosticFormat(name: "sarif", help: "SARIF 2.1.0, for code scanning") { files, setting in
    var fingerprints = Fingerprints()
    var ids: [String] = []
    var places: [String: Int] = [:]
    var results: [JSON] = []
    for file in files {
      let path = setting.directory.path(of: file.source.path)
      for diagnostic in file.diagnostics {
        if places[diagnostic.id] == nil {
          places[diagnostic.id] = ids.count
          ids.append(diagnostic.id)
        }
        let fingerprint = fingerprints.fingerprint(of: diagnostic, in: file.source, path: path)
        results.append([
          "ruleId": .string(diagnostic.id),
          "ruleIndex": places[diagnostic.id].map(JSON.integer),
          "level": .string(diagnostic.severity.rawValue),
          "message": ["text": .string(diagnostic.message + (diagnostic.help.map { "; \($0)" } ?? ""))],
          "locations": [location(diagnostic.range, in: file.source, setting)],
          "relatedLocations": related(of: diagnostic, in: file.source, setting),
          // The name by which GitHub knows it.
          "partialFingerprints": ["primaryLocationLineHash": .string(fingerprint)],
        ])
      }
    }
    let driver: JSON = [
      "name": "training-exporter",
      "version": .string(setting.version),
      "informationUri": .string(RuleLink.project),
      "rules": .array(ids.map { rule($0, setting) }),
    ]
    let run: JSON = [
      "tool": ["driver": driver],
      "columnKind": "unicodeCodePoints",
      "originalUriBaseIds": [sourceRoot: ["description": ["text": "The top of the repository."]]],
      "results": .array(results),
    ]
    let document: JSON = [
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [run],
    ]
    return document.text
  }

  private static let sourceRoot = "SRCROOT"

  private static func rule(_ id: String, _ setting: DiagnosticSetting) -> JSON {
    let page = RuleLink.page(of: id)
    let rule = setting.rules[id] ?? RuleText(summary: id, why: "", remedy: "")
    func help(_ last: String) -> JSON {
      .string([rule.why, rule.remedy, last].filter { !$0.isEmpty }.joined(separator: "\n\n"))
    }
    return [
      "id": .string(id),
      "shortDescription": ["text": .string(rule.summary)],
      "fullDescription": ["text": .string(rule.summary)],
      "helpUri": .string(page),
      "help": ["text": help("See \(page)"), "markdown": help("[More about it](\(page))")],
    ]
  }

  private static func related(of diagnostic: Diagnostic, in source: SourceFile, _ setting: DiagnosticSetting) -> JSON? {
    guard !diagnostic.related.isEmpty else { return nil }
    return .array(
      diagnostic.related.map { location($0.range, in: $0.source ?? source, note: $0.note, setting) }
    )
  }

  private static func location(
    _ range: SourceRange?,
    in source: SourceFile,
    note: String? = nil,
    _ setting: DiagnosticSetting
  ) -> JSON {
    let region = range.map { range -> JSON in
      let span = source.span(of: range)
      return [
        "startLine": .integer(span.start.line), "startColumn": .integer(span.start.column),
        "endLine": .integer(span.end.line), "endColumn": .integer(span.end.column),
      ]
    }
    return [
      "physicalLocation": [
        "artifactLocation": artifact(setting.directory.path(of: source.path)),
        "region": region,
      ],
      "message": note.map { ["text": .string($0)] },
    ]
  }

  /// A path below the repository is a relative URI; one elsewhere on this machine an absolute one. What is no path, such as
  /// a commit's file or a URL, has a scheme already.
  private static func artifact(_ path: String) -> JSON {
    if path.hasPrefix("git:") || path.contains("://") { return ["uri": .string(encoded(path, alsoAllowed: ":"))] }
    if path.hasPrefix("/") { return ["uri": .string("file://" + encoded(path))] }
    return ["uri": .string(encoded(path)), "uriBaseId": .string(sourceRoot)]
  }

  /// With `%` and two digits for each byte that is neither unreserved (RFC 3986, 2.3) nor a slash.
  private static func encoded(_ path: String, alsoAllowed: String = "") -> String {
    let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/\(alsoAllowed)".utf8)
    return path.utf8.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return allowed.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + String(repeating: "0", count: 2 - digits.count) + digits
    }.joined()
  }
}
