internal import PatternSyntax

/// Watchers that were made one by one become one catalog: a label stands for one thing, and a metric has the same labels,
/// wherever they come from.
extension Proposer {
  mutating func assemble(_ drafts: [Draft]) {
    var drafts = drafts
    alignPaths(&drafts)
    alignLabels(&drafts)
    var labels: [String: ProposedCatalog.Label] = [:]
    var order: [String] = []
    func add(_ name: String, _ label: ProposedCatalog.Label) {
      if labels[name] == nil { order.append(name) }
      labels[name] = labels[name].map { Self.merged($0, label) } ?? label
    }
    for draft in drafts {
      for capture in draft.watcher.captures {
        add(capture, Self.label(ofPath: capture, draft.shape.values[capture] ?? []))
      }
      for (name, text) in draft.watcher.labels where draft.labels[name] == nil {
        add(name, Self.label(ofPath: name, [text]))
      }
    }
    var metrics: [String: ProposedCatalog.Metric] = [:]
    for draft in drafts {
      var watcher = draft.watcher
      // In one order wherever they come from.
      let ofWatcher = (watcher.captures + watcher.labels.map(\.name)).sorted { Self.rank($0) < Self.rank($1) }
      var renamed: [String: String] = [:]
      for own in draft.metrics {
        var metric = own
        metric.labels = ofWatcher + own.labels.filter { !ofWatcher.contains($0) }
        if let other = metrics[metric.name], other.labels != metric.labels || other.kind != metric.kind {
          // One name has the same labels wherever it comes from.
          let label = metric.labels.first { !other.labels.contains($0) }
          let byLabel = label.map { "\(own.name)_\($0)" } ?? own.name
          let isFree = metrics[byLabel].map { $0.labels == metric.labels && $0.kind == metric.kind } ?? true
          metric.name = label != nil && isFree && own.kind == .gauge ? byLabel : "\(watcher.name)_\(own.name)"
          renamed[own.name] = metric.name
        }
        if metrics[metric.name] == nil { catalog.metrics.append(metric) }
        metrics[metric.name] = metrics[metric.name] ?? metric
      }
      for index in watcher.fields.indices {
        if let name = renamed[watcher.fields[index].metric] { watcher.fields[index].metric = name }
      }
      for index in watcher.infos.indices {
        if let name = renamed[watcher.infos[index].metric] { watcher.infos[index].metric = name }
      }
      for (name, label) in draft.labels.sorted(by: { $0.key < $1.key }) { add(name, label) }
      if watcher.captures.contains("phase") || watcher.captures.contains("rank") {
        let by = watcher.captures.filter { $0 != "phase" && $0 != "rank" }
        if !by.isEmpty { watcher.run?.insert(("by", "[\(by.joined(separator: ", "))]"), at: 0) }
      }
      catalog.watchers.append(watcher)
    }
    catalog.labels = order.compactMap { name in labels[name].map { (name, Self.withRoom($0)) } }
  }

  /// One label stands for one thing wherever it comes from: where some paths have two levels of folders as labels, all
  /// have, and where one has none, its label has a fixed text.
  private func alignPaths(_ drafts: inout [Draft]) {
    var wanted: [String] = []
    let captures = Set(drafts.map { $0.shape.captures.joined(separator: "/") })
    if captures.count > 1 {
      // Beside other tools the model or the task is what others call the experiment.
      for index in drafts.indices {
        if drafts[index].shape.captures.contains("method") {
          drafts[index].shape.forget("method")
          drafts[index].shape.rename("model", to: "experiment")
        }
        drafts[index].shape.rename("task", to: "experiment")
      }
    }
    let hasDates = drafts.map { $0.shape.captures.contains("date") }
    if hasDates.contains(false) {
      for index in drafts.indices { drafts[index].shape.forget("date") }
    }
    for draft in drafts { wanted += draft.shape.captures.filter { !wanted.contains($0) } }
    // Runs of one name in two folders are two runs.
    var owners: [String: Set<String>] = [:]
    for draft in drafts where draft.shape.captures == ["run"] {
      for run in Set(draft.runs.map { String($0.split(separator: "/").last ?? "") }) {
        owners[run, default: []].formUnion(
          draft.runs.filter { $0.split(separator: "/").last.map(String.init) == run }.prefix(1)
        )
      }
    }
    if owners.values.contains(where: { $0.count > 1 }), !wanted.contains("experiment") {
      wanted.insert("experiment", at: 0)
    }
    for index in drafts.indices {
      for name in wanted
      where !drafts[index].shape.captures.contains(name) && !Self.ownLabels.contains(name)
        && !drafts[index].watcher.labels.contains(where: { $0.name == name })
      {
        var shape = drafts[index].shape
        if name != "run", name != "version", shape.captureFolderAbove(as: name, from: drafts[index].rootDepth) {
          // Only where it finds no other files than before.
          if Self.strangers(shape, Set(drafts[index].paths), all) == drafts[index].watcher.exclude {
            drafts[index].shape = shape
            continue
          }
        }
        let file = drafts[index].watcher.files[0].split(separator: "/").last.map(String.init) ?? ""
        let stem = file.prefix { $0 != "." && $0 != "*" && $0 != "{" }
        let above = shape.values[name]?.first ?? drafts[index].watcher.name
        let text = name == "run" && !stem.isEmpty ? String(stem) : above
        drafts[index].watcher.labels.append((name, Pattern.escaped(text)))
      }
      drafts[index].watcher.files = drafts[index].shape.patterns
      drafts[index].watcher.captures = drafts[index].shape.captures
    }
  }

  /// Labels that some logs have and others need not.
  private static let ownLabels: Set = ["phase", "rank", "date", "log", "fold", "seed", "version", "method"]

  /// One metric has the same labels wherever it comes from: where some logs have it without parts, its parts are another.
  private func alignLabels(_ drafts: inout [Draft]) {
    var first: [String: [String]] = [:]
    for draft in drafts {
      for metric in draft.metrics where metric.kind != .info && (first[metric.name] == nil || metric.labels.isEmpty) {
        first[metric.name] = metric.labels
      }
    }
    for index in drafts.indices {
      for (place, metric) in drafts[index].metrics.enumerated() where metric.kind != .info {
        guard let labels = first[metric.name], labels != metric.labels, let label = metric.labels.first else {
          continue
        }
        let name = "\(metric.name)_\(label)"
        drafts[index].metrics[place].name = name
        for field in drafts[index].watcher.fields.indices
        where drafts[index].watcher.fields[field].metric == metric.name {
          drafts[index].watcher.fields[field].metric = name
        }
      }
    }
  }

  private static func merged(_ a: ProposedCatalog.Label, _ b: ProposedCatalog.Label) -> ProposedCatalog.Label {
    var label = a
    label.seen.formUnion(b.seen)
    switch (a.bound, b.bound) {
    case (.values(let first), .values(let second)):
      let all = first.filter { $0 != "other" } + second.filter { $0 != "other" && !first.contains($0) }
      label.bound = .values(all + (first.contains("other") || second.contains("other") ? ["other"] : []))
    case (.range(let first), .range(let second)): label.bound = .range(max(first, second))
    case (.count(let first, let evicts), .count(let second, _)):
      label.bound = .count(max(first, second), evictsOldest: evicts)
    case (_, .count): label.bound = b.bound
    default: break
    }
    return label
  }

  /// With room for the values of all watchers together.
  private static func withRoom(_ label: ProposedCatalog.Label) -> ProposedCatalog.Label {
    guard case .count(let count, let evicts) = label.bound else { return label }
    var label = label
    label.bound = .count(max(count, label.room), evictsOldest: evicts)
    return label
  }

  private static func rank(_ label: String) -> (Int, String) {
    (["run", "version"].firstIndex(of: label).map { $0 + 1 } ?? (label == "phase" || label == "rank" ? 9 : 0), label)
  }

  private static func label(ofPath name: String, _ seen: Set<String>) -> ProposedCatalog.Label {
    var label: ProposedCatalog.Label =
      switch name {
      case "run": .init(help: "Folder or file of the run", bound: .count(100, evictsOldest: true))
      case "phase":
        .init(
          help: "Part of the training",
          bound: .values(seen.sorted() + ["train", "validation", "test"].filter { !seen.contains($0) } + ["other"])
        )
      case "date": .init(help: "Folder of the day or time", bound: .count(100, evictsOldest: true))
      case "task": .init(help: "What the model is trained for", bound: .count(10, evictsOldest: false))
      case "rank": .init(help: "Process of the training", bound: .count(64, evictsOldest: false))
      case "version": .init(help: "Version of the run", bound: .count(100, evictsOldest: true))
      case "fold", "seed":
        .init(
          help: name == "fold" ? "Fold of the cross validation" : "Seed of the run",
          bound: .count(20, evictsOldest: true)
        )
      default: .init(help: "Folder above the run's", bound: .count(50, evictsOldest: true))
      }
    label.seen = seen
    return label
  }
}
