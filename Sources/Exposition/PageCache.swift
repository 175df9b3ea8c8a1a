internal import MetricRegistry

/// What is kept of a page's samples: how they were rendered last, in each notation that is asked for. Everything here
/// happens under the lock of the page's cache slot.
final class PageCache: @unchecked Sendable {
  /// A page's samples in one notation.
  struct Rendering {
    /// The page's version that it shows.
    var version: UInt64
    var piece: Piece
    /// Of each line (or message) that a series may have. Empty where one is too long: then nothing is copied from it.
    var lengths: [LineLength]

    func withUnsafeParts(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<LineLength>) -> Void) {
      piece.bytes.withUnsafeReadableBytes { bytes in
        lengths.withUnsafeBufferPointer { body(bytes.bindMemory(to: UInt8.self), $0) }
      }
    }
  }

  /// Grows when the page has changed.
  private var version: UInt64 = 0
  /// With most series: another scrape may have seen more of the page than the one under way.
  private var content: PageContent?
  private var renderings: [Rendering?] = Array(repeating: nil, count: Notation.allCases.count)

  /// The page's samples as they are now.
  ///
  /// - Parameter inUse: the notations that are asked for these days; the others are forgotten.
  static func piece(
    of snapshot: PageSnapshot,
    in notation: Notation,
    inUse: [Notation],
    render: (_ page: PageContent, _ previous: Rendering?) -> (piece: Piece, lengths: [LineLength])
  ) -> Piece {
    snapshot.page.cache.withLock { slot in
      let cache = slot as? PageCache ?? PageCache()
      slot = cache
      return cache.piece(of: snapshot, notation, inUse, render)
    }
  }

  private func piece(
    of snapshot: PageSnapshot,
    _ notation: Notation,
    _ inUse: [Notation],
    _ render: (_ page: PageContent, _ previous: Rendering?) -> (piece: Piece, lengths: [LineLength])
  ) -> Piece {
    let known = content.flatMap { $0.count >= snapshot.count ? $0 : nil }
    if snapshot.takeChange() || known == nil { version += 1 }
    let content = known ?? snapshot.content
    self.content = content
    for other in Notation.allCases where renderings[other.rawValue] != nil && !inUse.contains(other) {
      renderings[other.rawValue] = nil
    }
    let previous = renderings[notation.rawValue]
    if let previous, previous.version == version { return previous.piece }
    let (piece, lengths) = render(content, previous)
    renderings[notation.rawValue] = Rendering(version: version, piece: piece, lengths: lengths)
    return piece
  }
}

/// How samples are written. The text formats write them alike, but for what only OpenMetrics has.
enum Notation: Int, CaseIterable {
  /// Lines of the text formats.
  case lines
  /// Lines of OpenMetrics with exemplars and `_created`, and without what it forbids.
  case openMetricsLines
  /// Messages of the protobuf format.
  case messages
}
