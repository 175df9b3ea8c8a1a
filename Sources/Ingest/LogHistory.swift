/// What records a log had, as a chain of digests: enough to find how far a log that was written again begins with them.
///
/// Each link digests all records up to its own, so the longest common prefix of two histories ends where their links
/// first differ. Never holds records.
struct LogHistory {
  /// The records whose links are kept, 4 bytes each. Records beyond are taken to be the same when a log is written
  /// again; `docs/tailing.md` says what is therefore not told apart.
  static let linksMax = 1 << 20

  private(set) var count = 0
  private var links: [UInt32] = []
  private var digest: UInt64 = 0

  mutating func append(_ record: UInt64) {
    // A finalizer of splitmix64: every bit of both inputs reaches every bit of the link.
    var mixed = (digest &* 0x9E37_79B9_7F4A_7C15) ^ record
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    digest = mixed ^ (mixed &>> 31)
    if count < Self.linksMax { links.append(UInt32(truncatingIfNeeded: digest)) }
    count += 1
  }

  /// Whether this history's first `length` records are the other's, given that the first `length - 1` are.
  func agrees(with other: LogHistory, at length: Int) -> Bool {
    guard length <= links.count, length <= other.links.count else { return true }
    return links[length - 1] == other.links[length - 1]
  }

  /// Whether all records of this history stand at the beginning of the other.
  func isPrefix(of other: LogHistory) -> Bool {
    guard count <= other.count else { return false }
    return count == 0 || agrees(with: other, at: min(count, Self.linksMax))
  }
}
