internal import Diagnostics

/// Decodes `http_server_config`.
enum HTTPDecoder {
  /// Those that may be sent, with their values where not every one makes sense.
  private static let allowed: [(name: String, values: [String])] = [
    ("Strict-Transport-Security", []), ("X-Content-Type-Options", ["nosniff"]),
    ("X-Frame-Options", ["deny", "sameorigin"]), ("X-XSS-Protection", []), ("Content-Security-Policy", []),
  ]
  /// All headers of a response are sent with every scrape.
  private static let valueBytesMax = 4 << 10

  static func decode(_ section: Setting, _ settings: inout WebSettings) {
    let keys = section.keys(["http2", "headers"])
    if let offersHTTP2 = keys["http2"]?.bool() { settings.tls?.offersHTTP2 = offersHTTP2 }
    settings.headers = keys["headers"].map(headers) ?? []
  }

  private static func headers(_ headers: Setting) -> [WebSettings.Header] {
    let names = allowed.map(\.name)
    let found = headers.keys(names)
    return allowed.compactMap { name, values in
      guard let setting = found[name], let value = setting.text() else { return nil }
      guard values.isEmpty || values.contains(value) else {
        let help = headers.report.help(for: value, among: values)
        headers.report.add("header", "`\(name)` cannot be `\(value)`", at: setting.range, help: help)
        return nil
      }
      guard value.utf8.count <= valueBytesMax, value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        let message = "`\(name)` wants at most \(valueBytesMax) printable ASCII characters"
        headers.report.add("header", message, at: setting.range)
        return nil
      }
      return WebSettings.Header(name: name, value: value)
    }
  }
}
