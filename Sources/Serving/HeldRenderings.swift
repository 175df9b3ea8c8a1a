internal import Synchronization

/// How many bytes of renderings are held by answers that their clients have not read to the end, each rendering once. It
/// counts; who is over the limit is told so by others.
final class HeldRenderings: Sendable {
  /// Goes along with a rendering, wherever its bytes are.
  final class Hold: Sendable {
    private let renderings: HeldRenderings
    private let byteCount: Int
    private let isCounted = Atomic(false)

    fileprivate init(_ renderings: HeldRenderings, _ byteCount: Int) {
      (self.renderings, self.byteCount) = (renderings, byteCount)
    }

    /// The first of the answers begins to be written.
    func begin() {
      if isCounted.exchange(true, ordering: .relaxed) { return }
      renderings.bytes.add(byteCount, ordering: .relaxed)
    }

    deinit {
      if isCounted.load(ordering: .relaxed) { renderings.bytes.subtract(byteCount, ordering: .relaxed) }
    }
  }

  private let bytes = Atomic(0)

  var byteCount: Int { bytes.load(ordering: .relaxed) }

  func hold(_ byteCount: Int) -> Hold { Hold(self, byteCount) }
}
