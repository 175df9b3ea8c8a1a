package import MetricModel
package import MetricRegistry
package import NIOCore
internal import Synchronization

/// A registry's exposition in any variant. What has not changed since it was last asked for is kept: a page's samples in
/// the notation that a format writes them in, and their compressed bytes. So an exposition costs what has changed.
///
/// Families come in the registry's order, series by first appearance; a family without samples is left out. Never sends
/// timestamps of samples, never blocks an update. One rendering at a time.
package final class ExpositionRenderer: Sendable {
  /// A notation or format that was not asked for in so many expositions is forgotten with all that was kept for it.
  private static let keptExpositions = 64

  private let registry: Registry
  private let state: Mutex<State>

  fileprivate struct State: ~Copyable {
    var families: [FamilyRendering]
    var lines = LineWriter()
    var messages = MessageWriter()
    var deflater: Deflater?
    var frames: ZstandardFrames?
    var joined: [ExpositionFormat: JoinedPieces] = [:]
    var expositions = 0
    var lastUse: [ExpositionFormat: Int] = [:]
  }

  package init(_ registry: Registry) {
    self.registry = registry
    state = Mutex(State(families: registry.metrics.map(FamilyRendering.init)))
  }

  /// The registry's families, then the given ones (whose samples carry the plain name), as pieces that follow each
  /// other.
  package func render(_ variant: ExpositionVariant, families: [MetricFamily] = []) -> [ByteBuffer] {
    state.withLock { state in
      let selection = variant.selection
      // A part of the metrics says nothing of what is worth keeping of all.
      if selection == nil { state.noteUse(of: variant.format, keeping: Self.keptExpositions) }
      var pieces = state.pieces(of: registry, in: variant.format, selection)
      var last: [UInt8] = []
      for family in families where selection?.takes(family) ?? true {
        GivenFamily.append(family, in: variant.format, to: &last)
      }
      if variant.format.syntax == .openMetrics { last.append(contentsOf: "# EOF\n".utf8) }
      // Packed, even nothing is something.
      if !last.isEmpty || pieces.isEmpty { pieces.append(Piece(last)) }
      if selection == nil { pieces = state.joined[variant.format, default: JoinedPieces()].join(pieces) }
      return state.body(of: pieces, variant.encoding)
    }
  }

  /// The same in one piece, of which the caller may do what it likes.
  package func bytes(_ variant: ExpositionVariant = ExpositionVariant(), families: [MetricFamily] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    for piece in render(variant, families: families) { bytes.append(contentsOf: piece.readableBytesView) }
    return bytes
  }
}

extension ExpositionRenderer.State {
  mutating func noteUse(of format: ExpositionFormat, keeping kept: Int) {
    expositions += 1
    lastUse[format] = expositions
    for (other, use) in lastUse where expositions - use > kept {
      lastUse[other] = nil
      joined[other] = nil
    }
  }

  mutating func pieces(
    of registry: Registry,
    in format: ExpositionFormat,
    _ selection: MetricSelection?
  ) -> [Piece] {
    var pieces: [Piece] = []
    let formats = Array(lastUse.keys) + [format]
    for snapshot in registry.snapshot() where !snapshot.pages.isEmpty {
      let family = families[snapshot.metric.index]
      if let selection, !selection.takes(family.names) { continue }
      let notation = family.notation(in: format)
      let inUse = formats.map(family.notation(in:))
      let header = pieces.count
      var sampleBytes = 0
      for page in snapshot.pages {
        let piece = piece(of: page, family, notation, inUse)
        if piece.count == 0 { continue }
        pieces.append(piece)
        sampleBytes += piece.count
      }
      if sampleBytes > 0 { pieces.insert(family.header(in: format, sampleBytes: sampleBytes), at: header) }
    }
    return pieces
  }

  private mutating func piece(
    of page: PageSnapshot,
    _ family: FamilyRendering,
    _ notation: Notation,
    _ inUse: [Notation]
  ) -> Piece {
    PageCache.piece(of: page, in: notation, inUse: inUse) { content, previous in
      switch notation {
      case .lines, .openMetricsLines:
        lines.render(content, metric: family.metric, forms: family.forms(notation), previous: previous)
      case .messages:
        messages.render(content, metric: family.metric, previous: previous)
      }
    }
  }

  mutating func body(of pieces: [Piece], _ encoding: ContentEncoding) -> [ByteBuffer] {
    switch encoding {
    case .identity:
      return pieces.map(\.bytes)
    case .gzip:
      let deflater = deflater ?? Deflater()
      self.deflater = deflater
      let parts = pieces.map { $0.deflated(with: deflater) }
      let plainBytes = pieces.reduce(0) { $0 + $1.count }
      return [ByteBuffer(bytes: Deflater.gzipHeader)] + parts.map(\.bytes)
        + [ByteBuffer(bytes: Deflater.gzipTrailer(parts, plainBytes: plainBytes))]
    case .zstd:
      let frames = frames ?? ZstandardFrames()
      self.frames = frames
      return pieces.map { $0.frame(with: frames) }
    }
  }
}
