internal import Diagnostics
internal import PatternSyntax

/// What tells files apart is a label of something: otherwise all of them end in the same series.
enum CaptureUnusedRule: Rule {
  private static let unused = RuleID(
    "watcher/capture-unused",
    .warning,
    "a capture of `files` is no label of any metric that the watcher feeds"
  )
  static let ids = [unused]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard watcher.pathPatterns != nil, !watcher.hasLostTargets, !watcher.fields.isBroken, !watcher.eachRecord.isBroken
      else { continue }
      let uses = watcher.targetUses
      let metrics = uses.map { catalog.metric($0.target.metric.value) }
      // A metric that is not known has its own diagnostic; one that allows it has been thought of.
      guard !uses.isEmpty, !metrics.contains(where: { $0 == nil || $0?.labels.isBroken ?? true }),
        !metrics.allSatisfy({ $0?.allows(unused) ?? false })
      else { continue }
      var used: Set<String> = []
      var isKnown = true
      for (use, metric) in zip(uses, metrics) {
        for label in metric?.labels.value ?? [] {
          switch Settlement.settle(label.value, at: use) {
          case .settled(let text): used.formUnion(text.parts.compactMap(\.pathCaptureName))
          case .byReading: break
          case .unsettled, .unknown: isKnown = false
          }
        }
      }
      if isKnown { warn(watcher, used, report) }
    }
  }

  private static func warn(_ watcher: WatcherDeclaration, _ used: Set<String>, _ report: Report) {
    var warned = used
    for path in watcher.files.value ?? [] {
      for name in path.pattern?.captureNames ?? [] where warned.insert(name).inserted {
        report.add(
          unused,
          "`{\(name)}` tells files apart, but no metric that `\(watcher.name.value)` feeds has it as a label",
          at: path.text.range,
          help: "give a metric the label `\(name)`, or write `{_}` to take the files together"
        )
      }
    }
  }
}

extension LabelText.Part {
  fileprivate var pathCaptureName: String? {
    if case .pathCapture(let name) = self { name } else { nil }
  }
}
