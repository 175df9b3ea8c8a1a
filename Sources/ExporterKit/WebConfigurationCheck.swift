public import Diagnostics
internal import Serving
internal import WebConfiguration

/// What is wrong with a web configuration, its certificates and keys included: what a server would say at its start.
public struct WebConfigurationCheck: Sendable {
  public var isUsable: Bool
  public var diagnostics: [Diagnostic]
  /// What the diagnostics' ranges refer to; empty where the file could not be read.
  public var source: SourceFile

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
