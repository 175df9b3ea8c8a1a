/// A bcrypt hash as text, such as `$2y$10$…`: looked at, never computed.
package struct BcryptHash: Sendable, Hashable {
  package enum Mistake: Error, Hashable {
    case form
    case cost(Int)
  }

  /// Each step doubles the time; at 16 a check takes some four seconds, and at 31 days.
  package static let costMax = 16
  /// bcrypt itself knows none below.
  package static let costMin = 4
  /// `$2b$10$`, 22 characters of salt, 31 of the hash.
  static let length = 60
  static let settingLength = 29

  package let text: String
  package let cost: Int

  /// Version, cost and salt.
  package var setting: String { String(text.prefix(Self.settingLength)) }
  /// What the password decides about.
  package var digest: Substring { text.dropFirst(Self.settingLength) }

  package init(parsing text: String) throws(Mistake) {
    let bytes = Array(text.utf8)
    let dollar = UInt8(ascii: "$")
    guard bytes.count == Self.length, ["$2a$", "$2b$", "$2y$"].contains(text.prefix(4)), bytes[6] == dollar,
      bytes[7...].allSatisfy(Self.isSaltByte), let cost = Self.number(bytes[4..<6])
    else { throw .form }
    guard (Self.costMin...Self.costMax).contains(cost) else { throw .cost(cost) }
    self.text = text
    self.cost = cost
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.allSatisfy { (0x30...0x39).contains($0) } ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  private static func isSaltByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
