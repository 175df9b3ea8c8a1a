package import MetricCatalog
package import MetricModel

/// Reads part of the system into records. It knows nothing of metrics, of threads and of time tables: it is asked, on
/// one thread at a time, and answers with what is there now.
///
/// A further collector is one more folder here and one line in `Collectors.all`.
package protocol Collector: AnyObject {
  static var descriptor: CollectorDescriptor { get }

  /// A collector as the catalog asks for it, with the keys of its own in `settings.options`. It touches nothing yet.
  init(settings: Catalog.Collector)

  /// Takes all readings of this moment. What the system does not have is left out; what is there and cannot be read or
  /// understood is a problem of the batch, and takes nothing from the rest. It may block as long as the system does.
  func collect(into batch: inout ReadingBatch)

  /// Nothing is asked any more: ends what it does by itself, within a bounded time. It may be called again.
  func end()
}

extension Collector {
  package func end() {}
}
