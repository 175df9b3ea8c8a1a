internal import CPage
internal import Diagnostics

/// The page that a person looks at, made of the files in `web` and of dygraphs: a document, two scripts and two styles.
/// It knows what is to be put into them, and nothing of who serves it.
package struct Page: Sendable {
  /// A file beside the document.
  package struct File: Sendable {
    /// Begins with `/`, the place of the page itself.
    package let path: String
    package let contentType: String
    fileprivate let embedded: @Sendable () -> cpage_file

    /// A copy of what is embedded.
    package var bytes: [UInt8] { Page.bytes(of: embedded()) }
  }

  package var title: String
  package var version: String
  package var description: String
  /// Their paths begin with `/`, the place of the page itself.
  package var links: [(title: String, path: String)]

  package init(title: String, version: String, description: String, links: [(title: String, path: String)]) {
    self.title = title
    self.version = version
    self.description = description
    self.links = links
  }

  /// What browsers may load and run: what the page brings along, and the API of the same server.
  package static let contentSecurityPolicy = """
    default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """

  /// The scripts and styles.
  package static let files: [File] = [
    File(path: "/page/page.js", contentType: javaScript, embedded: { cpage_script() }),
    File(path: "/page/page.css", contentType: css, embedded: { cpage_style() }),
    File(path: "/page/dygraph.js", contentType: javaScript, embedded: { cpage_curves_script() }),
    File(path: "/page/dygraph.css", contentType: css, embedded: { cpage_curves_style() }),
  ]

  private static let javaScript = "text/javascript; charset=utf-8"
  private static let css = "text/css; charset=utf-8"
  private static let document = String(decoding: bytes(of: cpage_document()), as: UTF8.self)

  fileprivate static func bytes(of file: cpage_file) -> [UInt8] {
    Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }

  /// The document as it is served.
  ///
  /// - Parameter runs: what those see who have no JavaScript, in HTML.
  package func html(runs: String) -> String {
    filled(Self.document, runs: runs)
  }

  /// The document with all that it needs, as one file.
  ///
  /// - Parameters:
  ///   - snapshot: what it shows: the documents of the API by their names, as JSON.
  ///   - runs: what those see who have no JavaScript, in HTML.
  package func file(showing snapshot: String, runs: String) -> String {
    var text = Self.document
    for file in Self.files {
      let reference = String(file.path.dropFirst())
      let content = String(decoding: file.bytes, as: UTF8.self)
      text = text.replacing("<script src=\"\(reference)\"></script>", with: "<script>\(Self.inline(content))</script>")
      text = text.replacing("<link rel=\"stylesheet\" href=\"\(reference)\">", with: "<style>\(content)</style>")
    }
    text = text.replacing(/<span class="again">[^<]*<\/span>/, with: "")
    // Nothing in it can end the element. Byte by byte: a character may be more than a `<`.
    let escape = Array("\\u003c".utf8)
    let bytes = snapshot.utf8.flatMap { $0 == UInt8(ascii: "<") ? escape : [$0] }
    let data = String(decoding: bytes, as: UTF8.self)
    text = text.replacing(
      "<!--snapshot-->",
      with: Self.filePolicy + "\n<script type=\"application/json\" id=\"snapshot\">\(data)</script>"
    )
    return filled(text, runs: runs)
  }

  /// What is kept as a file loads nothing.
  private static let filePolicy = """
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
    style-src 'unsafe-inline'; img-src data: blob:">
    """

  /// A script must not have what ends its element.
  private static func inline(_ script: String) -> String { script.replacing("</script", with: "<\\/script") }

  private func filled(_ document: String, runs: String) -> String {
    let items = links.map { link in
      // Relative to the page, so that they lead there behind a proxy's prefix, too.
      "<li><a href=\".\(HTMLText.escaped(link.path))\">\(HTMLText.escaped(link.title))</a></li>\n"
    }
    let texts = [
      "title": HTMLText.escaped(title), "version": HTMLText.escaped(version),
      "description": HTMLText.escaped(description), "links": items.joined(), "runs": runs, "snapshot": "",
    ]
    var text = document
    for (name, value) in texts { text = text.replacing("<!--\(name)-->", with: value) }
    return text
  }

  /// A table, for those who have no JavaScript.
  package static func table(_ head: [String], _ rows: [[String]]) -> String {
    func row(_ cells: [String], _ element: String) -> String {
      let cells = cells.map { "<\(element)>\(HTMLText.escaped($0))</\(element)>" }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return "<table>\n\(row(head, "th"))\(rows.map { row($0, "td") }.joined())</table>"
  }
}
