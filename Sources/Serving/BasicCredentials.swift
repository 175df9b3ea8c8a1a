internal import NIOHTTP1

/// A name and a password as a request's `Authorization` has them. It never says whether they are right.
struct BasicCredentials: Sendable, Hashable {
  /// bcrypt looks at no more; some implementations cut a longer password silently, and a long one costs time.
  static let passwordBytesMax = 72

  let user: String
  let password: [UInt8]

  /// nil: none, several, or not what `Basic` looks like.
  init?(_ headers: HTTPHeaders) {
    let fields = headers["authorization"]
    guard fields.count == 1, let field = fields.first, field.prefix(6).lowercased() == "basic " else { return nil }
    guard let decoded = Self.decode(base64: field.dropFirst(6).drop { $0 == " " }),
      let colon = decoded.firstIndex(of: UInt8(ascii: ":")),
      let user = String(validating: decoded[..<colon], as: UTF8.self)
    else { return nil }
    self.user = user
    password = Array(decoded[(colon + 1)...])
  }

  /// Whether bcrypt tells it from every other password: not cut at 72 bytes, nor at a NUL.
  var isCheckable: Bool { password.count <= Self.passwordBytesMax && !password.contains(0) }

  static func decode(base64 text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: byte) else { return nil }
      bits = bits << 6 | value
      count += 1
      if count % 4 == 0 {
        bytes += [UInt8(bits >> 16 & 0xff), UInt8(bits >> 8 & 0xff), UInt8(bits & 0xff)]
        bits = 0
      }
    }
    switch (count % 4, padding) {
    case (0, 0): break
    case (2, 2): bytes.append(UInt8(bits >> 4 & 0xff))
    case (3, 1): bytes += [UInt8(bits >> 10 & 0xff), UInt8(bits >> 2 & 0xff)]
    default: return nil
    }
    return bytes
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
