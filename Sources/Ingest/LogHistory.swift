internal import StateStore

/// What records a log had, as a chain of digests: enough to find how far a log that was written again begins with them.
///
/// Each link digests all records up to its own, so the longest common prefix of two histories ends where their links
/// first differ. Every link of the last records is kept, of those before each 64th, before that each 4,096th, and so on,
/// so a history takes some hundred KiB at most, however long the log. Never holds records.
struct LogHistory {
  /// Links of a level before its older half is thinned out; each takes 4 bytes. A run resumed from a checkpoint goes
  /// back by less than half of it.
  static let levelLinksMax = 32_768
  /// Of how many links of a level one stays in the next.
  static let thinning = 64
  /// More records than a log has in a thousand years; and the levels that they fill.
  static let countMax = 1 << 48
  static let levelsMax = 8

  /// The links of the lengths `start + stride`, `start + 2 * stride`, ….
  struct Level {
    var start = 0
    var stride = 1
    var links: [UInt32] = []

    func link(at length: Int) -> UInt32? {
      guard length > start, length % stride == 0 else { return nil }
      let place = (length - start) / stride - 1
      return links.indices.contains(place) ? links[place] : nil
    }
  }

  private(set) var count = 0
  private(set) var digest: UInt64 = 0
  /// What tells histories apart that begin with different records; nil: there is none, or it is kept no more.
  var start: UInt32? { count == 0 ? nil : link(at: 1) }
  private(set) var newest = Level()
  /// What went from `newest`, the later the sparser.
  private(set) var older: [Level] = []
  /// Others have another one: links are only ever added behind those of the same history.
  private(set) var identity = Identity()

  final class Identity: Sendable {}

  init() {}

  /// As it was saved.
  init(count: Int, digest: UInt64, newest: Level, older: [Level]) {
    self.count = count
    self.digest = digest
    self.newest = newest
    self.older = older
  }

  @inline(__always)
  mutating func append(_ record: UInt64) {
    // A finalizer of splitmix64: every bit of both inputs reaches every bit of the link.
    var mixed = (digest &* 0x9E37_79B9_7F4A_7C15) ^ record
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    digest = mixed ^ (mixed &>> 31)
    newest.links.append(UInt32(truncatingIfNeeded: digest))
    count += 1
    if newest.links.count == Self.levelLinksMax { thinOut() }
  }

  @inline(never)
  private mutating func thinOut() {
    var level = newest
    newest = Self.halve(&level)
    for index in 0... {
      if index == older.count { older.append(Level(start: 0, stride: level.stride * Self.thinning)) }
      older[index].links += Swift.stride(from: Self.thinning - 1, to: level.links.count, by: Self.thinning)
        .map { level.links[$0] }
      guard older[index].links.count >= Self.levelLinksMax else { return }
      level = older[index]
      older[index] = Self.halve(&level)
    }
  }

  /// Leaves the older half in `level`, and returns the newer.
  private static func halve(_ level: inout Level) -> Level {
    let half = levelLinksMax / 2
    let newer = Level(
      start: level.start + half * level.stride,
      stride: level.stride,
      links: Array(level.links[half...])
    )
    level.links.removeSubrange(half...)
    return newer
  }

  private func link(at length: Int) -> UInt32? {
    if length == count { return UInt32(truncatingIfNeeded: digest) }
    if length > newest.start { return newest.link(at: length) }
    for level in older where length > level.start { return level.link(at: length) }
    return nil
  }

  /// Whether this history, which has at least `count` records, begins with all those of `other`, given that it did up
  /// to the record before. Where the links are sparse, records between two are taken to be the same.
  @inline(__always)
  func agrees(withAllOf other: LogHistory) -> Bool {
    guard let link = link(at: other.count) else { return true }
    return link == UInt32(truncatingIfNeeded: other.digest)
  }

  /// Whether all records of this history stand at the beginning of the other, as far as the links tell.
  func isPrefix(of other: LogHistory) -> Bool {
    guard count <= other.count else { return false }
    var length = count
    while length > 0 {
      if let own = link(at: length), let others = other.link(at: length) { return own == others }
      // The next length below that both may have.
      let stride = other.stride(at: length)
      length = stride > 1 && length % stride != 0 ? length / stride * stride : length - stride
    }
    return true
  }

  /// How far apart the links are around a length.
  private func stride(at length: Int) -> Int {
    if length > newest.start { return 1 }
    return older.first { length > $0.start }?.stride ?? 1
  }

  /// Whether both are of the same records.
  func isEqual(to other: LogHistory) -> Bool {
    count == other.count && digest == other.digest
  }
}

/// As version 2 had it, and as the levels beyond the newest are still saved.
extension LogHistory.Level: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(start)
    encoder.encode(stride)
    encoder.encode(links)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    start = try decoder.decode()
    stride = try decoder.decode()
    links = try decoder.words()
  }
}
