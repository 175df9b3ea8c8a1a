internal import CCrypt
internal import Glibc
internal import WebConfiguration

/// bcrypt by the system's crypt(3). Each call takes from milliseconds to seconds: never on an event loop.
enum Bcrypt {
  /// Whether the password is the one that the hash was made of.
  static func matches(_ password: [UInt8], _ hash: BcryptHash) -> Bool {
    guard let computed = crypt(password, hash.setting) else { return false }
    // The salt's last character has several spellings; the setting that was asked for is not looked at.
    return equal(Array(computed.utf8.dropFirst(hash.setting.utf8.count)), Array(hash.digest.utf8))
  }

  /// Whether this system's crypt(3) knows bcrypt at all: a test with a known answer, at the lowest cost.
  static let isThere: Bool = {
    let hash = "$2b$04$abcdefghijklmnopqrstuu52mAat0jQQ.9udDuzz2YPVDkIqubuwu"
    return (try? BcryptHash(parsing: hash)).map { matches(Array("training".utf8), $0) } ?? false
  }()

  private static func crypt(_ password: [UInt8], _ setting: String) -> String? {
    let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    let bytes = MemoryLayout<crypt_data>.size
    memset(data, 0, bytes)
    var phrase = password.map { CChar(bitPattern: $0) } + [0]
    defer {
      // The password does not stay in freed memory.
      wipe(data, bytes)
      phrase.withUnsafeMutableBytes { wipe($0.baseAddress, $0.count) }
      data.deallocate()
    }
    guard let result = crypt_r(&phrase, setting, data) else { return nil }
    let text = String(cString: result)
    return text.hasPrefix("*") ? nil : text
  }

  private static func wipe(_ memory: UnsafeMutableRawPointer?, _ count: Int) {
    if let memory { explicit_bzero(memory, count) }
  }

  /// Takes the same time wherever they differ.
  static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    // Swift gives `|` and `^` the same precedence: without the parentheses differences would cancel out.
    return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
