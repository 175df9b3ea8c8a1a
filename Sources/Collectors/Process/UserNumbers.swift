internal import Glibc

/// The numbers of users by their names, which are asked for once each. A name that is a number stands for that.
struct UserNumbers {
  private var known: [String: UInt64] = [:]

  /// nil: there is no such user now.
  subscript(name: String) -> UInt64? {
    mutating get {
      if let number = UInt64(name) ?? known[name] { return number }
      known[name] = Self.number(of: name)
      return known[name]
    }
  }

  /// An entry of the user database with a longer password, name and folders is none.
  private static let entryBytesMax = 64 << 10

  private static func number(of name: String) -> UInt64? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var room = [CChar](repeating: 0, count: entryBytesMax)
    guard getpwnam_r(name, &entry, &room, room.count, &found) == 0, found != nil else { return nil }
    return UInt64(entry.pw_uid)
  }
}
