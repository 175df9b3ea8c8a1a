internal import Clocks
internal import Collectors
internal import Logging
internal import MetricCatalog
internal import MetricRegistry
internal import Runs

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
          keepsLatest: settings.name == GPUActivity.collector && catalog.watchers.contains { $0.run != nil },
          logger: logger,
          clock: clock
        )
      }
    }
  }

  func start() { for runner in runners { runner.start() } }

  /// What GPUs did when they were asked last; none where the catalog has no collector for them.
  ///
  /// - Parameter processes: where the driver tells which processes use which, only theirs.
  func gpus(of processes: [RunEvidence.Process]) -> [RunEvidence.GPU] {
    guard let runner = runners.first(where: { $0.settings.name == GPUActivity.collector }), let batch = runner.latest
    else { return [] }
    return GPUActivity.gpus(in: batch, of: processes)
  }

  func stop() { for runner in runners { runner.stop() } }

  func waitForFirst() { for runner in runners { runner.waitForFirst(atMost: Self.firstTimeMax) } }

  /// A driver that is interrupted in a call may not come back; one that hangs must not keep the exporter.
  func waitForEnd() { for runner in runners { runner.waitForEnd(atMost: Self.endTimeMax) } }
}
