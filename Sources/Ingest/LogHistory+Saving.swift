internal import StateStore

/// A log's history as it is saved: its newest links are a part of their own, to which those are added that came since.
struct SavedHistory: StateCodable {
  var history: LogHistory
  /// Of the newest links among the parts of what the history belongs to; the older levels are the next.
  private var place: UInt32
  private var mark: Mark?

  /// What of a history was saved.
  struct Mark {
    fileprivate var identity: LogHistory.Identity
    fileprivate var place: UInt32
    fileprivate var start: Int
    fileprivate var links: Int

    init(_ history: LogHistory, place: UInt32) {
      identity = history.identity
      self.place = place
      start = history.newest.start
      links = history.newest.links.count
    }
  }

  /// - Parameter mark: what of it was saved last; nil: nothing.
  init(_ history: LogHistory = LogHistory(), place: UInt32 = 0, mark: Mark? = nil) {
    self.history = history
    self.place = place
    self.mark = mark
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(history.count)
    encoder.encode(history.digest)
    encoder.encode(history.newest.start)
    encoder.encode(place)
    let links = history.newest.links
    if !encoder.isWhole, let mark, mark.identity === history.identity, mark.place == place,
      mark.start == history.newest.start
    {
      guard mark.links < links.count else { return }
      encoder.encodePart(at: place, extends: true) { encoder in
        links[mark.links...].withUnsafeBytes { encoder.append($0) }
      }
      return
    }
    encoder.encodePart(at: place, extends: false) { encoder in links.withUnsafeBytes { encoder.append($0) } }
    encoder.encodePart(at: place + 1, extends: false) { $0.encode(history.older) }
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    let count: Int = try decoder.decode()
    let digest: UInt64 = try decoder.decode()
    var levels: [LogHistory.Level]
    if decoder.version < 3 {
      place = 0
      levels = try decoder.decode()
    } else {
      let start: Int = try decoder.decode()
      place = try decoder.decode()
      guard place < .max else { throw StateDecoder.Failure() }
      var newest = try decoder.decoderOfPart(at: place)
      var older = try decoder.decoderOfPart(at: place + 1)
      levels = [LogHistory.Level(start: start, links: try newest.remainingWords())] + (try older.decode())
    }
    guard let history = LogHistory(count: count, digest: digest, levels: levels) else { throw StateDecoder.Failure() }
    self.history = history
    mark = nil
  }
}

extension LogHistory {
  /// nil: no history is like that. Each level begins where the next older one ends, so that whoever goes through the
  /// links meets no more lengths than there are links.
  fileprivate init?(count: Int, digest: UInt64, levels: [Level]) {
    guard (0..<Self.countMax).contains(count), (1...Self.levelsMax).contains(levels.count) else { return nil }
    var end = count
    var stride = 1
    for level in levels {
      guard (0...end).contains(level.start), level.stride == stride, level.links.count < Self.levelLinksMax,
        level.start + level.links.count * stride == end
      else { return nil }
      (end, stride) = (level.start, stride * Self.thinning)
    }
    guard end == 0 else { return nil }
    self.init(count: count, digest: digest, newest: levels[0], older: Array(levels.dropFirst()))
  }
}
