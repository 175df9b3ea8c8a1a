internal import MetricCatalog

/// The URL of what a running exporter serves, or of a catalog's file that any server has.
package struct ExporterURL: Sendable, Hashable {
  /// What is asked for.
  package struct Served: Sendable, Hashable {
    /// Where an exporter has it.
    let path: String
    /// How it is asked for.
    var query = ""
    /// What the options for it begin with.
    let options: String
    /// Larger answers are refused: bytes.
    let bytesMax: Int
    /// What a URL ends in that names a file rather than an exporter.
    let fileEndings: [String]
    /// What a URL may end in that leads to something else of the exporter, and is left out.
    var otherEnding: String?

    /// The path alone, for messages.
    var name: Substring { path.prefix { $0 != "?" } }

    package static let catalog = Served(
      path: "/-/catalog",
      options: "--against",
      bytesMax: CatalogLoader.bytesMax,
      fileEndings: [".yaml", ".yml"]
    )
    /// A document of the API.
    ///
    /// - Parameter target: its path, with the query.
    package static func document(_ target: String) -> Served {
      Served(path: target, options: "--exporter", bytesMax: 256 << 20, fileEndings: [], otherEnding: metrics)
    }
    /// The document of all runs.
    package static let runs = Served(
      path: "/api/v1/runs",
      query: "?limit=10000",
      options: "--exporter",
      bytesMax: 64 << 20,
      fileEndings: [".json"],
      otherEnding: metrics
    )

    /// Where the log of an exporter says that it serves.
    private static let metrics = "/metrics"
  }

  let served: Served
  package let isSecure: Bool
  /// Without the brackets of an IPv6 address.
  package let host: String
  package let port: Int
  /// Behind which path the exporter is, without a slash at its end.
  let base: String
  /// The path and query that are asked for.
  package let target: String
  /// For messages.
  package let text: String

  package init(parsing text: String, of served: Served = .catalog) throws(ReferenceSyntaxError) {
    self.served = served
    isSecure = text.hasPrefix("https://")
    let rest = text.dropFirst(isSecure ? 8 : 7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      throw ReferenceSyntaxError(
        "a password does not belong into a URL: use \(served.options).user and \(served.options).password-file"
      )
    }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ReferenceSyntaxError("a URL holds no blanks and no characters beyond ASCII: write them as %20")
    }
    let name: Substring
    var digits: Substring?
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      name = authority[authority.index(after: authority.startIndex)..<end]
      let behind = authority[authority.index(after: end)...]
      digits = behind.isEmpty ? nil : behind.hasPrefix(":") ? behind.dropFirst() : ""
    } else {
      let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      name = parts.first ?? ""
      digits = parts.count > 1 ? parts[1] : nil
    }
    let number = digits.map { Int($0) } ?? (isSecure ? 443 : 80)
    guard !name.isEmpty, let number, (1...65_535).contains(number) else {
      throw ReferenceSyntaxError("`\(text)` is no URL of a server: write http://HOST:PORT")
    }
    host = String(name)
    port = number
    let fragment = rest.dropFirst(authority.count).prefix { $0 != "#" }
    let path = fragment.prefix { $0 != "?" }
    let isFile = (served.fileEndings + [served.path]).contains { path.hasSuffix($0) }
    var base = path.drop(whileEndingIn: "/")
    if let ending = served.otherEnding, base.hasSuffix(ending) { base.removeLast(ending.count) }
    self.base = isFile ? "" : base
    let named = isFile ? String(fragment) : base + served.path
    target = isFile ? named : named + served.query
    self.text = (isSecure ? "https://" : "http://") + authority + named
  }

  /// The `Host` of a request.
  var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }
}

extension Substring {
  fileprivate func drop(whileEndingIn character: Character) -> String {
    var rest = self
    while rest.last == character { rest.removeLast() }
    return String(rest)
  }
}
