package import Diagnostics
internal import YAMLSyntax

/// Reads a web configuration and the files that it names. It never stops at the first mistake, except where the file
/// is no YAML; whether a certificate is one is for the TLS library to say.
package enum WebConfigurationLoader {
  /// A chain of certificates has some kilobytes, a file of all public authorities 200 KB.
  package static let pemBytesMax = 1 << 20

  package static func load(path: String) -> WebConfigurationLoading {
    let files = NamedFiles(configuration: path)
    let content: RegularFile.Content
    do throws(RegularFile.Problem) {
      content = try files.content(path: path, bytesMax: YAMLLimits.fileBytesMax)
    } catch {
      let diagnostic = Diagnostic(id: "web/file", message: error.message, range: nil)
      let source = SourceFile(path: path, bytes: [])
      return WebConfigurationLoading(settings: nil, diagnostics: [diagnostic], source: source, files: files.identities)
    }
    return load(content, path: path, files)
  }

  private static func load(
    _ content: RegularFile.Content,
    path: String,
    _ files: NamedFiles
  ) -> WebConfigurationLoading {
    let source = SourceFile(path: path, bytes: content.bytes)
    let document = YAMLDocument.parse(source)
    let report = SettingReport()
    document.diagnostics.forEach(report.add)
    var settings = WebSettings()
    if let root = document.root {
      let start = SourceRange(root.range.start, root.range.start)
      settings = decode(Setting("the web configuration", root, key: start, report), files)
    }
    if settings == WebSettings(), report.diagnostics.isEmpty {
      let message = "nothing is protected: everybody may connect and read"
      report.add("nothing-protected", message, at: nil, severity: .warning)
    }
    let holdsSecret = report.holdsKey || !settings.users.isEmpty
    report.warn(ofMode: content, path, secret: holdsSecret ? ("file-mode", "the web configuration") : nil, at: nil)
    return WebConfigurationLoading(
      settings: report.hasErrors ? nil : settings,
      diagnostics: report.diagnostics.sorted(by: Diagnostic.isOrderedBefore),
      source: source,
      files: files.identities,
      ranges: report.ranges
    )
  }

  private static func decode(_ root: Setting, _ files: NamedFiles) -> WebSettings {
    let keys = root.keys(["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"])
    var settings = WebSettings()
    settings.tls = keys["tls_server_config"].flatMap { TLSDecoder(report: $0.report, files: files).decode($0) }
    if let http = keys["http_server_config"] { HTTPDecoder.decode(http, &settings) }
    if let users = keys["basic_auth_users"] { settings.users = AccessDecoder.users(users) }
    if let limit = keys["rate_limit"] { settings.rateLimit = AccessDecoder.rateLimit(limit) }
    return settings
  }
}

/// What came of loading a web configuration.
package struct WebConfigurationLoading: Sendable {
  /// nil: there is an error among the diagnostics.
  package var settings: WebSettings?
  package var diagnostics: [Diagnostic]
  /// What the diagnostics' ranges refer to; empty where the file could not be read.
  package var source: SourceFile
  /// The configuration and every file that it names, as they were when they were read.
  package var files: [String: RegularFile.Identity?]

  /// The values of `cert`, `key` and `client_ca`, or the names of their files.
  var ranges: [String: SourceRange] = [:]

  /// Whether one of the files is another one now.
  package var isOutdated: Bool {
    files.contains { RegularFile.identity(path: $0.key) != $0.value }
  }

  /// For what is found out later, such as that a certificate is none.
  ///
  /// - Parameter key: what it is about, such as `cert`; nil: the whole.
  package mutating func report(
    _ id: String,
    _ message: String,
    about key: String? = nil,
    severity: Diagnostic.Severity = .error
  ) {
    report(Diagnostic(id: id, severity: severity, message: message, range: key.flatMap { ranges[$0] }))
  }

  package mutating func report(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { settings = nil }
    diagnostics.append(diagnostic)
  }
}

/// The files that belong to a configuration; remembers each as it was read.
final class NamedFiles {
  private let folder: String
  private(set) var identities: [String: RegularFile.Identity?] = [:]

  init(configuration path: String) {
    folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// Relative paths are relative to the configuration's folder.
  func path(_ written: String) -> String { written.hasPrefix("/") ? written : folder + written }

  func content(path: String, bytesMax: Int) throws(RegularFile.Problem) -> RegularFile.Content {
    identities.updateValue(RegularFile.identity(path: path), forKey: path)
    let content = try RegularFile.read(path: path, bytesMax: bytesMax)
    identities.updateValue(content.identity, forKey: path)
    return content
  }
}
