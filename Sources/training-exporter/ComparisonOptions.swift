import ArgumentParser
import CatalogReferences
import Diagnostics
import ExporterKit
import MetricCatalog

/// How versions of a catalog are compared, the same in `diff` and `validate --against`: `--fail-on`, and who asks where
/// the version is at a URL.
struct ComparisonOptions: ParsableArguments {
  /// How bad a change is for those who query.
  enum Badness: String, CaseIterable, ExpressibleByArgument {
    case breaking, caution, note

    var severities: Set<Diagnostic.Severity> {
      switch self {
      case .breaking: [.error]
      case .caution: [.error, .warning]
      case .note: [.error, .warning, .note]
      }
    }
  }

  @Option(
    name: .customLong("fail-on"),
    help: ArgumentHelp(
      "Which changes make it fail: those that are as bad as this, or worse. (default: breaking)",
      valueName: "badness"
    )
  )
  var failOn: Badness?

  @Option(
    name: .customLong("against.user"),
    help: ArgumentHelp("The user's name, where the version is at a URL that wants a password.", valueName: "name")
  )
  var user: String?

  @Option(
    name: .customLong("against.password-file"),
    help: ArgumentHelp("The file whose first line is the password.", valueName: "file"),
    completion: .file()
  )
  var passwordFile: String?

  @Option(
    name: .customLong("against.ca-file"),
    help: ArgumentHelp(
      "The certificate authorities in PEM that vouch for the server. (default: the system's)",
      valueName: "file"
    ),
    completion: .file()
  )
  var authorityFile: String?

  func validate() throws {
    if passwordFile != nil, user == nil { throw ValidationError("--against.password-file needs --against.user") }
  }

  /// Whether one of them is on the command line.
  var isGiven: Bool { failOn != nil || user != nil || authorityFile != nil }

  private var access: CatalogReference.Access {
    CatalogReference.Access(user: user, passwordFile: passwordFile, authorityFile: authorityFile)
  }

  /// Reads a version.
  ///
  /// - Parameter path: the catalog that is compared with it; nil: it stands alone.
  func load(_ reference: CatalogReference, beside path: String?) throws(ReferenceProblem) -> CatalogLoading {
    let text = try reference.read(beside: path, access: access)
    return loadCatalog(bytes: text.bytes, path: text.name)
  }

  /// What a catalog changes.
  ///
  /// - Parameters:
  ///   - catalog: the new version, which has no errors.
  ///   - path: where it is, for an old version whose path is the same; nil: it is no file.
  ///   - reference: the old version.
  func compare(
    _ catalog: CatalogLoading,
    at path: String?,
    with reference: CatalogReference
  ) -> Comparison {
    do throws(ReferenceProblem) {
      let old = try load(reference, beside: path)
      if let mistake = old.diagnostics.first(where: { $0.severity == .error }) { throw Self.problem(mistake, in: old) }
      let changes = CatalogChanges.between(old, catalog)
      return Comparison(
        diagnostics: changes,
        line: "\(catalog.source.path): \(Self.summary(of: changes)) against \(old.source.path)",
        fails: changes.contains { (failOn ?? .breaking).severities.contains($0.severity) }
      )
    } catch {
      return Comparison(problem: error)
    }
  }

  private static func problem(_ mistake: Diagnostic, in old: CatalogLoading) -> ReferenceProblem {
    let errors = old.diagnostics.count { $0.severity == .error }
    return ReferenceProblem(
      ReferenceID.invalid,
      "\(old.source.path) is no valid catalog: \(counted(errors, "error")), of which the first is: \(old.source.place(of: mistake.range)): \(mistake.message)",
      help: "mend it there first, or compare with another version"
    )
  }

  private static func summary(of changes: [Diagnostic]) -> String {
    let kinds: [(Diagnostic.Severity, String)] = [
      (.error, "breaking change"), (.warning, "caution"), (.note, "note"),
    ]
    let counts = kinds.compactMap { severity, noun -> String? in
      let count = changes.count { $0.severity == severity }
      return count == 0 ? nil : counted(count, noun)
    }
    return counts.isEmpty ? "no change" : counts.joined(separator: ", ")
  }
}

/// What a comparison found, or why there was none.
struct Comparison {
  var diagnostics: [Diagnostic]
  /// For people; nil: nothing was compared.
  var line: String?
  var fails: Bool
}

extension Comparison {
  init(problem: ReferenceProblem) {
    let diagnostic = Diagnostic(
      id: problem.id.name,
      severity: problem.id.severity,
      message: problem.message,
      range: nil,
      help: problem.help
    )
    self.init(diagnostics: [diagnostic], line: nil, fails: problem.id.severity == .error)
  }
}

func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
