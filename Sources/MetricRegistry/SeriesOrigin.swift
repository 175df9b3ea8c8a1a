import Synchronization

/// When a series began, and, once there is one, its exemplars: a part, of two words, of the cells of those types that
/// have them. Never reads a clock.
struct SeriesOrigin: ~Copyable, Sendable {
  /// Nanoseconds since 1970. Written again only where a series is restored.
  let created: Atomic<Int64>
  private let store = AtomicLazyReference<ExemplarStore>()

  init(created: Int64) { self.created = Atomic(created) }

  /// nil: there was no exemplar.
  var exemplars: ExemplarStore? { store.load() }

  func exemplars(slotCount: Int, keepsRecent: Bool = false) -> ExemplarStore {
    store.load() ?? store.storeIfNil(ExemplarStore(slotCount: slotCount, keepsRecent: keepsRecent))
  }
}

/// What a counter has beside its number, which is in the series.
final class CounterCell: Sendable {
  let origin: SeriesOrigin

  init(created: Int64) { origin = SeriesOrigin(created: created) }
}
