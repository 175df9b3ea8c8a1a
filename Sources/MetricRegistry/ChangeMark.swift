import Synchronization

/// Whether something has changed since whoever looks at it last asked. One store for a change, whatever the number of
/// threads.
struct ChangeMark: ~Copyable, Sendable {
  private let isSet = Atomic<Bool>(true)

  /// Never looks first whether it is set: that look could be older than the value just stored.
  @inline(__always)
  func set() { isSet.store(true, ordering: .releasing) }

  func take() -> Bool {
    // Most marks are not set, and to see that takes no exchange.
    isSet.load(ordering: .acquiring) && isSet.exchange(false, ordering: .acquiringAndReleasing)
  }
}

/// Whether a series of a page has changed since an exposition last asked. Apart from the blocks, whose many marks would
/// have to be looked at where nothing has changed.
final class PageMark: Sendable {
  let change = ChangeMark()
}
