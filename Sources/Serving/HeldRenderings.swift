internal import Synchronization

/// How many bytes of renderings are held by answers that their clients have not read to the end, each rendering once. It
/// counts; who is over the limit is told so by others.
final class HeldRenderings: Sendable {
  /// Goes along with a rendering's bytes.
  final class Rendering: Sendable {
    private let renderings: HeldRenderings
    private let byteCount: Int
    private let holders = Atomic(0)

    fileprivate init(_ renderings: HeldRenderings, _ byteCount: Int) {
      (self.renderings, self.byteCount) = (renderings, byteCount)
    }

    /// For an answer that begins to be written.
    func hold() -> Hold { Hold(self) }

    fileprivate func change(by difference: Int) {
      let now = holders.add(difference, ordering: .relaxed).newValue
      if now == 1, difference > 0 { renderings.bytes.add(byteCount, ordering: .relaxed) }
      if now == 0 { renderings.bytes.subtract(byteCount, ordering: .relaxed) }
    }
  }

  /// As long as it is there, the answer may have to be written.
  final class Hold: Sendable {
    private let rendering: Rendering

    fileprivate init(_ rendering: Rendering) {
      self.rendering = rendering
      rendering.change(by: 1)
    }

    deinit { rendering.change(by: -1) }
  }

  private let bytes = Atomic(0)

  var byteCount: Int { bytes.load(ordering: .relaxed) }

  func rendering(_ byteCount: Int) -> Rendering { Rendering(self, byteCount) }
}
