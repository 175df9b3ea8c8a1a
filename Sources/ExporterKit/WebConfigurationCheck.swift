public import Diagnostics
internal import Serving
internal import WebConfiguration

/// A check of a web configuration (`--web.config.file`, docs/security.md) with its certificates and keys: it finds what
/// a server would refuse at its start.
public struct WebConfigurationCheck: Sendable {
  /// Whether a server would start with it. False means that an error is among the diagnostics.
  public var isUsable: Bool
  /// What is wrong with the file and with the files that it names.
  public var diagnostics: [Diagnostic]
  /// The file that the diagnostics' ranges refer to. It has no bytes if it could not be read.
  public var source: SourceFile

  /// Reads and checks a file and the files that it names. It never throws: a file that cannot be read is a diagnostic.
  ///
  /// - Parameter path: the file. Relative paths in it are relative to its folder.
  public init(path: String) {
    let (security, loading) = ConnectionSecurity.load(path: path)
    self.init(isUsable: security != nil, loading)
  }

  init(isUsable: Bool, _ loading: WebConfigurationLoading) {
    self.isUsable = isUsable
    diagnostics = loading.diagnostics
    source = loading.source
  }
}
