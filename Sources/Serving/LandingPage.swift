internal import Diagnostics

/// The small page at `/`: what this is, its version, and where the metrics are. It holds no script and no style,
/// and every text in it is escaped.
package struct LandingPage: Sendable {
  package struct Link: Sendable {
    package var title: String
    /// Begins with `/`, the place of the page itself.
    package var path: String

    package init(title: String, path: String) {
      self.title = title
      self.path = path
    }
  }

  /// The last three are not covered by the first.
  static let contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  package var name: String
  package var version: String
  package var description: String
  /// Shown after the link to the metrics, which is always there.
  package var links: [Link]

  package init(name: String, version: String, description: String, links: [Link] = []) {
    self.name = name
    self.version = version
    self.description = description
    self.links = links
  }

  package func html(telemetryPath: String) -> String {
    let all = [Link(title: "Metrics", path: telemetryPath)] + links
    // Relative to the page, so that they lead there behind a proxy's prefix, too.
    let items = all.map { "<li><a href=\".\(HTMLText.escaped($0.path))\">\(HTMLText.escaped($0.title))</a></li>\n" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="utf-8"><title>\(HTMLText.escaped(name))</title></head>
      <body>
      <h1>\(HTMLText.escaped(name))</h1>
      <p>\(HTMLText.escaped(description))</p>
      <p>Version \(HTMLText.escaped(version))</p>
      <ul>
      \(items.joined())</ul>
      </body>
      </html>

      """
  }
}
