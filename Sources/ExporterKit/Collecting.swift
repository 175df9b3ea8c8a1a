internal import Clocks
internal import Collectors
internal import Logging
internal import MetricCatalog
internal import MetricRegistry

/// The collectors of one catalog, each with its runner.
final class Collecting: Sendable {
  /// In the catalog's order.
  let runners: [CollectorRunner]

  /// How long the first scrape waits for the first collections: they take milliseconds, but for a GPU's driver that
  /// starts.
  private static let firstTimeMax: Duration = .seconds(2)
  /// How long the end waits for collections that are under way.
  private static let endTimeMax: Duration = .seconds(2)

  init(catalog: Catalog, registry: Registry, former: Collecting?, logger: Logger, clock: TimeSource) {
    runners = catalog.collectors.compactMap { settings in
      Collectors.all.first { $0.descriptor.name == settings.name }.map { type in
        CollectorRunner(
          settings,
          type: type,
          registry: registry,
          catalog: catalog,
          former: former?.runners.first { $0.settings.name == settings.name },
          logger: logger,
          clock: clock
        )
      }
    }
  }

  func start() { for runner in runners { runner.start() } }

  func stop() { for runner in runners { runner.stop() } }

  func waitForFirst() { for runner in runners { runner.waitForFirst(atMost: Self.firstTimeMax) } }

  /// A driver that is interrupted in a call may not come back; one that hangs must not keep the exporter.
  func waitForEnd() { for runner in runners { runner.waitForEnd(atMost: Self.endTimeMax) } }
}
