internal import Clocks
internal import Ingest
internal import LogFormats
package import MetricCatalog
internal import MetricRegistry
internal import PatternSyntax
internal import Tailing

/// Reads logs by a catalog and tells where their numbers go. It reads as little as is needed: of a large log the
/// beginning and the end, and all of it only where a target is fed by neither.
package struct LogExplainer {
  /// How many records of a log are told of, at its beginning and at its end.
  private let shownCount: Int
  private let catalog: Catalog
  private let watchers: [TailedWatcher]

  /// - Parameters:
  ///   - root: the absolute path of the folder to which relative patterns of the catalog are relative.
  ///   - shownCount: how many records of a log are told of, at its beginning and at its end.
  package init(catalog: Catalog, root: String, shownCount: Int = 2) {
    self.catalog = catalog
    self.shownCount = shownCount
    watchers = catalog.watchers.map { TailedWatcher($0, root: root) }
  }

  /// Explains the logs that the catalog's watchers find, or those alone that are named.
  ///
  /// - Parameter named: files, folders and patterns of paths, relative to the working directory or absolute; empty for all
  ///   that watchers find.
  package func explain(named: [String] = []) -> Explanation {
    let found = LogSearch.find(watchers)
    var explanation = Explanation()
    var logs = found.logs.map { PlacedLog(file: $0, root: nil) }
    if !named.isEmpty {
      let choice = LogChoice(named: named, found: found.logs, watchers)
      logs = choice.logs
      explanation.strays = choice.strays
    }
    explanation.troubles = found.troubles
    let ingest = makeIngest()
    for (index, watcher) in catalog.watchers.enumerated() {
      let own = logs.filter { $0.file.watcher == index }.sorted { $0.file.path < $1.file.path }
      if !named.isEmpty, own.isEmpty { continue }
      var part = Explanation.WatcherPart(
        name: watcher.name,
        format: watcher.format.name,
        patterns: watcher.files.map(\.source)
      )
      explain(own, of: index, ingest, &part)
      explanation.watchers.append(part)
    }
    let fed = Set(catalog.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) }.map(\.metric))
      .union(catalog.collectors.flatMap { $0.readings.flatMap(\.targets) }.map(\.metric))
    let readsEvents = catalog.watchers.contains(where: \.readsEvents)
    explanation.metricsWithoutFeed =
      readsEvents || !named.isEmpty
      ? [] : catalog.metrics.indices.filter { !fed.contains($0) }.map { catalog.metrics[$0].name }
    return explanation
  }

  /// The targets of a watcher that some record may feed. Of a table whose rows all fit the header that is known no row
  /// has other columns.
  private func wanted(of index: Int, _ ingest: LogIngest) -> Set<TargetPlace> {
    let watcher = catalog.watchers[index]
    let all = TargetPlace.all(of: watcher)
    guard watcher.format.name == "csv", ingest.sights[index].malformed.isEmpty else { return all }
    let names = ingest.sights[index].fields
    return all.filter { place in
      place.field.map { field in names.contains { watcher.fields[field].pattern.match($0) != nil } } ?? true
    }
  }

  private func makeIngest() -> LogIngest {
    let clock = TimeSource.system
    let registry = Registry(metrics: catalog.metrics, limits: catalog.limits.registry, now: { clock.now.wall })
    return LogIngest(catalog: catalog, registry: registry, clock: { clock.now })
  }

  private func explain(
    _ logs: [PlacedLog],
    of index: Int,
    _ ingest: LogIngest,
    _ part: inout Explanation.WatcherPart
  ) {
    var fed: Set<TargetPlace> = []
    for placed in logs {
      let reader = ExplainedLog(placed.file, ingest, shownCount: shownCount)
      var log = reader.read()
      log.root = placed.root
      part.logs.append(log)
      fed.formUnion(reader.fed)
    }
    var used = ingest
    let targets = wanted(of: index, ingest)
    if !catalog.watchers[index].readsEvents, !fed.isSuperset(of: targets), part.logs.contains(where: { !$0.isWhole }) {
      // What the beginnings and ends do not have may stand in between.
      used = makeIngest()
      fed = []
      for placed in logs where !fed.isSuperset(of: targets) {
        let reader = ExplainedLog(placed.file, used, shownCount: 0)
        reader.readAll()
        fed.formUnion(reader.fed)
      }
    }
    if !part.logs.isEmpty, !catalog.watchers[index].readsEvents {
      part.unfed = UnfedTargets.list(catalog.watchers[index], catalog, fed)
    }
    let watcher = watchers[index]
    part.findings = WatcherView(
      watcher: catalog.watchers[index],
      sight: used.sights[index],
      records: used.counters[index],
      files: logs.count,
      isWhole: true,
      missing: { MissingFiles.reasons(of: watcher) }
    ).findings()
  }
}

/// A log with the folder in which the catalog would have to lie to find it; nil: it finds it.
struct PlacedLog {
  var file: LogFile
  var root: String?
}

/// Finds the logs of watchers, as they are found when the exporter starts.
enum LogSearch {
  static func find(_ watchers: [TailedWatcher]) -> (logs: [LogFile], troubles: [String]) {
    final class Collected {
      var logs: [LogFile] = []
      var troubles: [String] = []
    }
    let collected = Collected()
    var options = TailerOptions()
    options.usesInotify = false
    let tailer = Tailer(
      watchers: watchers,
      options: options,
      log: { collected.troubles.append($0) },
      open: { file in
        collected.logs.append(file)
        return UnreadLog()
      }
    )
    tailer.find()
    return (collected.logs, collected.troubles.filter { !$0.hasPrefix("inotify") })
  }

  /// Stands for a log that is found and not read.
  private final class UnreadLog: LogConsumer {
    let readsWholeDocuments = false
    func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int { bytes.count }
    func handle(_ event: LogEvent) {}
  }
}

extension TargetPlace {
  /// All targets of a watcher.
  static func all(of watcher: Watcher) -> Set<TargetPlace> {
    var all = Set(watcher.eachRecord.indices.map { TargetPlace(field: nil, target: $0) })
    for (field, mapping) in watcher.fields.enumerated() {
      for target in mapping.targets.indices { all.insert(TargetPlace(field: field, target: target)) }
    }
    return all
  }
}

enum UnfedTargets {
  /// The targets that nothing fed. One whose series another target feeds is none of them: logs of several versions of a
  /// tool are covered so.
  static func list(_ watcher: Watcher, _ catalog: Catalog, _ fed: Set<TargetPlace>) -> [Explanation.UnfedTarget] {
    func target(_ place: TargetPlace) -> Target {
      place.field.map { watcher.fields[$0].targets[place.target] } ?? watcher.eachRecord[place.target]
    }
    let fedTargets = fed.map(target)
    return TargetPlace.all(of: watcher).subtracting(fed).filter { place in
      let unfed = target(place)
      return !fedTargets.contains { $0.metric == unfed.metric && $0.labels == unfed.labels }
    }.sorted { ($0.field ?? -1, $0.target) < ($1.field ?? -1, $1.target) }.map { place in
      Explanation.UnfedTarget(
        field: place.field.map { watcher.fields[$0].pattern.pattern.source },
        target: place.target,
        metric: catalog.metrics[target(place).metric].name
      )
    }
  }
}
