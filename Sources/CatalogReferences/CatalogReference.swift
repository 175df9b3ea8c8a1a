internal import Diagnostics
package import MetricCatalog

/// The version of a catalog that another one is compared with, as the command line names it.
package enum CatalogReference: Sendable, Hashable {
  case file(String)
  /// With nil the path is that of the catalog that is compared.
  case git(revision: String, path: String?)
  case url(ExporterURL)

  /// - Throws: one line for the user.
  package init(parsing text: String) throws(ReferenceSyntaxError) {
    if text.hasPrefix("git:") {
      let parts = text.dropFirst(4).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let revision = String(parts[0])
      // Git takes what begins with a dash as an option.
      guard !revision.isEmpty, !revision.hasPrefix("-"), !revision.utf8.contains(where: { $0 <= 0x20 }) else {
        throw ReferenceSyntaxError("`\(text)` names no commit: write `git:main` or `git:main:path/metrics.yaml`")
      }
      let path = parts.count > 1 ? String(parts[1]) : nil
      guard path != "" else {
        throw ReferenceSyntaxError("`\(text)` has no path behind the colon: write `git:\(revision)` for the same file")
      }
      self = .git(revision: revision, path: path)
    } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
      self = .url(try ExporterURL(parsing: text))
    } else if text.isEmpty {
      throw ReferenceSyntaxError("a file, `git:main` or a URL is wanted to compare with, not an empty text")
    } else {
      self = .file(text)
    }
  }

  /// The same with the path of another one, where it has none itself.
  package func completed(by other: CatalogReference) -> CatalogReference {
    if case .git(let revision, nil) = self, case .git(_, let path?) = other {
      return .git(revision: revision, path: path)
    }
    return self
  }

  /// The path of a file; nil: it is none.
  package var filePath: String? {
    if case .file(let path) = self { path } else { nil }
  }

  /// Whether every catalog has its own version there.
  package var fitsSeveral: Bool {
    if case .git(_, nil) = self { true } else { false }
  }
}

/// Why a text is no reference, in one line.
package struct ReferenceSyntaxError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// The text of a catalog, with the name that messages have for it.
package struct ReferencedText: Sendable {
  package var bytes: [UInt8]
  package var name: String
}

/// Why a version could not be read.
package struct ReferenceProblem: Error, Sendable {
  package var id: RuleID
  package var message: String
  /// The command or option that mends it.
  package var help: String?

  package init(_ id: RuleID, _ message: String, help: String? = nil) {
    self.id = id
    self.message = message
    self.help = help
  }
}

extension CatalogReference {
  /// What a URL wants to know of whoever asks.
  package struct Access: Sendable {
    package var user: String?
    package var passwordFile: String?
    /// Certificate authorities in PEM; nil: those of the system.
    package var authorityFile: String?

    package init(user: String? = nil, passwordFile: String? = nil, authorityFile: String? = nil) {
      self.user = user
      self.passwordFile = passwordFile
      self.authorityFile = authorityFile
    }
  }

  /// Reads the version. Blocks, each program and each server for at most 10 s.
  ///
  /// - Parameter path: the catalog that is compared with it; nil: it stands alone.
  /// - Throws: a `ReferenceProblem` whose id is `reference/absent` where everything is there but the file.
  package func read(beside path: String?, access: Access) throws(ReferenceProblem) -> ReferencedText {
    switch self {
    case .file(let file): return ReferencedText(bytes: try Self.read(file: file), name: StreamFile.name(of: file))
    case .git(let revision, let named): return try GitVersion.read(revision, path: named, beside: path)
    case .url(let url): return ReferencedText(bytes: try url.read(access), name: url.text)
    }
  }

  private static func read(file: String) throws(ReferenceProblem) -> [UInt8] {
    do throws(RegularFile.Problem) {
      return StreamFile.isNamed(by: file)
        ? try StreamFile.read(path: file, bytesMax: CatalogLoader.bytesMax)
        : try RegularFile.read(path: file, bytesMax: CatalogLoader.bytesMax).bytes
    } catch {
      let help = error == .missing ? "name a file, `git:main`, or the URL of an exporter" : nil
      throw ReferenceProblem(ReferenceID.unresolved, "cannot compare with `\(file)`: \(error.message)", help: help)
    }
  }
}
