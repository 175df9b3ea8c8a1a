/// The URL of a catalog: of a running exporter, or of a file that a server has.
package struct CatalogURL: Sendable, Hashable {
  package let isSecure: Bool
  /// Without the brackets of an IPv6 address.
  package let host: String
  package let port: Int
  /// The path and query that are asked for.
  package let target: String
  /// For messages.
  package let text: String

  /// Where an exporter serves its catalog.
  private static let catalogPath = "/-/catalog"

  init(parsing text: String) throws(ReferenceSyntaxError) {
    isSecure = text.hasPrefix("https://")
    let rest = text.dropFirst(isSecure ? 8 : 7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      throw ReferenceSyntaxError(
        "a password does not belong into a URL: use --against.user and --against.password-file"
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
    let isFile = path.hasSuffix(".yaml") || path.hasSuffix(".yml") || path.hasSuffix(Self.catalogPath)
    target = isFile ? String(fragment) : path.drop(whileEndingIn: "/") + Self.catalogPath
    self.text = (isSecure ? "https://" : "http://") + authority + target
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
