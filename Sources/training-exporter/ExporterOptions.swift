import ArgumentParser
import CatalogReferences

/// How a running exporter is asked that wants a password or has a certificate of its own.
struct ExporterOptions: ParsableArguments {
  @Option(
    name: .customLong("exporter.user"),
    help: ArgumentHelp("The user's name, where the exporter wants a password.", valueName: "name")
  )
  var user: String?

  @Option(
    name: .customLong("exporter.password-file"),
    help: ArgumentHelp("The file whose first line is the password.", valueName: "file"),
    completion: .file()
  )
  var passwordFile: String?

  @Option(
    name: .customLong("exporter.ca-file"),
    help: ArgumentHelp(
      "The certificate authorities in PEM that vouch for the exporter. (default: the system's)",
      valueName: "file"
    ),
    completion: .file()
  )
  var authorityFile: String?

  func validate() throws {
    if passwordFile != nil, user == nil { throw ValidationError("--exporter.password-file needs --exporter.user") }
  }

  static func isURL(_ word: String) -> Bool { word.hasPrefix("http://") || word.hasPrefix("https://") }

  /// Asks an exporter for a document.
  ///
  /// - Throws: `CommandProblem`.
  func read(_ address: String, _ served: ExporterURL.Served) throws -> String {
    do {
      let url = try ExporterURL(parsing: address, of: served)
      let access = CatalogReference.Access(user: user, passwordFile: passwordFile, authorityFile: authorityFile)
      return String(decoding: try url.read(access), as: UTF8.self)
    } catch let error as ReferenceSyntaxError {
      throw CommandProblem(message: error.description)
    } catch let problem as ReferenceProblem {
      throw CommandProblem(message: problem.message, help: problem.help)
    }
  }
}

/// Why a command has nothing to show.
struct CommandProblem: Error {
  var message: String
  var help: String?

  var text: String { "error: \(message)\n" + (help.map { "help: \($0)\n" } ?? "") }

  /// Whoever has asked for `--fail-on` must not take it for an answer.
  static let status: Int32 = 2
}
