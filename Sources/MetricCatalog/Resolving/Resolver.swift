internal import LogFormats
internal import MetricModel
internal import PatternSyntax

/// Turns declarations that have passed every rule into a `Catalog`. It reports nothing: what it cannot resolve, a rule
/// has refused.
struct Resolver {
  private let declaration: CatalogDeclaration
  private let labels: [String: LabelDescriptor]

  init(_ declaration: CatalogDeclaration) {
    self.declaration = declaration
    labels = Dictionary(declaration.labels.map { ($0.name.value, Self.label($0)) }) { first, _ in first }
  }

  func catalog(path: String) -> Catalog {
    let defaults = Catalog.Limits()
    let registry = RegistryLimits(
      series: declaration.limits.series.value ?? defaults.registry.series,
      seriesPerMetric: declaration.limits.seriesPerMetric.value ?? defaults.registry.seriesPerMetric
    )
    return Catalog(
      path: path,
      limits: Catalog.Limits(registry: registry, lineBytes: declaration.limits.lineBytes.value ?? defaults.lineBytes),
      metrics: declaration.metrics.compactMap(metric),
      watchers: declaration.watchers.compactMap(watcher),
      collectors: declaration.collectors.map(collector),
      state: Catalog.StateSettings(
        path: declaration.state.path.value?.value,
        interval: declaration.state.interval.value ?? Catalog.StateSettings().interval
      )
    )
  }

  /// Sensible only for a label that is not broken.
  static func label(_ label: LabelDeclaration) -> LabelDescriptor {
    let allowed: LabelDescriptor.AllowedValues =
      switch label.values.value {
      case nil: .any
      case .list(let values): .list(values.map(\.value))
      case .range(let range): .range(range)
      }
    return LabelDescriptor(
      name: label.name.value,
      help: label.help.value?.value,
      allowed: allowed,
      maxValues: label.maxValues.value,
      otherwise: label.otherwise.value?.value,
      evictsOldest: label.evict.value ?? false,
      named: Dictionary((label.named.value ?? []).map { ($0.said.value, $0.value.value) }) { first, _ in first }
    )
  }

  private func metric(_ metric: MetricDeclaration) -> MetricDescriptor? {
    guard let type = metric.type.value, let help = metric.help.value else { return nil }
    let native = metric.native.value.flatMap { native in
      native.factor.value.map {
        MetricDescriptor.NativeHistogram(factor: $0.value, maxBuckets: native.maxBuckets.value ?? 160)
      }
    }
    return MetricDescriptor(
      name: metric.name.value,
      type: type,
      help: help.value,
      unit: metric.unit.value?.value,
      labels: (metric.labels.value ?? []).compactMap { labels[$0.value] },
      maxSeries: metric.maxSeries.value,
      expireAfter: metric.expireAfter.value,
      deprecated: metric.deprecated.value?.shown,
      buckets: metric.buckets.value?.bounds,
      nativeHistogram: native,
      quantiles: (metric.quantiles.value ?? []).map(\.value),
      window: metric.window.value ?? 1000,
      exposesCreated: metric.created.value ?? false,
      constant: (metric.constant.value ?? []).map {
        MetricDescriptor.ConstantLabel(name: $0.name.value, value: $0.value.value)
      },
      states: (metric.states.value ?? []).map(\.value)
    )
  }

  private func watcher(_ watcher: WatcherDeclaration) -> Watcher? {
    guard let files = watcher.pathPatterns, let format = format(watcher) else { return nil }
    let eachRecord = (watcher.eachRecord.value ?? []).compactMap { target in
      resolve(TargetUse(target: target, parent: .eachRecord, watcher: watcher))
    }
    return Watcher(
      name: watcher.name.value,
      files: files,
      exclude: (watcher.exclude.value ?? []).compactMap(\.pattern),
      ignoreOlder: watcher.ignoreOlder.value,
      links: watcher.links.value ?? .owner,
      format: format,
      conditions: conditions(watcher.conditions),
      naValues: (watcher.naValues.value ?? []).map(\.value),
      decimal: watcher.decimal.value?.value,
      thousands: watcher.thousands.value?.value,
      eachRecord: eachRecord,
      fields: mappings(watcher.fields.value ?? []) { .init(target: $1, parent: .field($0.pattern), watcher: watcher) },
      run: watcher.ownRun.map { run($0, of: watcher) },
      expireAfter: watcher.expireAfter.value
    )
  }

  private func run(_ run: RunDeclaration, of watcher: WatcherDeclaration) -> Watcher.Run {
    Watcher.Run(
      labels: RunLabels(of: watcher, declaration).resolved.compactMap { label in
        labels[label.name].map { Watcher.Run.Label(descriptor: $0, text: label.text) }
      },
      step: (run.step.value ?? []).map(\.value),
      epoch: (run.epoch.value ?? []).map(\.value),
      steps: run.steps.value.map(planned),
      epochs: run.epochs.value.map(planned),
      loss: run.loss.value?.value,
      score: run.score.value?.value,
      better: run.better.value ?? Watcher.Run().better,
      time: run.time.value?.value,
      finished: conditions(run.finished),
      failed: conditions(run.failed),
      processes: (run.process.value ?? []).map(match),
      checkpoints: (run.checkpoints.value ?? []).compactMap(\.pattern),
      finishedFiles: (run.finishedFile.value ?? []).compactMap(\.pattern),
      failedFiles: (run.failedFile.value ?? []).compactMap(\.pattern)
    )
  }

  private func planned(_ planned: RunDeclaration.Planned) -> Watcher.Run.Planned {
    switch planned {
    case .count(let number): .count(number.value)
    case .field(let name): .field(name.value)
    }
  }

  private func conditions(_ key: Key<[WatcherDeclaration.ConditionText]>) -> [Condition] {
    (key.value ?? []).map { Condition(field: $0.field.value, test: $0.test) }
  }

  private func collector(_ collector: CollectorDeclaration) -> Catalog.Collector {
    let defaults = Catalog.Collector(name: "", readings: [])
    return Catalog.Collector(
      name: collector.name.value,
      interval: collector.interval.value ?? defaults.interval,
      timeout: collector.timeout.value ?? defaults.timeout,
      readings: mappings(collector.readings.value ?? []) {
        .init(target: $1, parent: .reading($0.pattern), collector: collector)
      },
      options: Dictionary(
        collector.ownKeys.compactMap { name, key in key.value.map { (name, option($0)) } },
        uniquingKeysWith: { first, _ in first }
      )
    )
  }

  private func option(_ value: CollectorDeclaration.OwnValue) -> Catalog.Collector.Option {
    switch value {
    case .duration(let duration): .duration(duration)
    case .paths(let paths): .texts(paths.map(\.text.value))
    case .matches(let matches): .matches(matches.map(match))
    }
  }

  private func match(_ match: CollectorDeclaration.Match) -> Catalog.Collector.Match {
    Catalog.Collector.Match(
      name: match.name.value?.pattern,
      commandLine: match.commandLine.value?.pattern,
      users: (match.users.value ?? []).map(\.value),
      environment: (match.environment.value ?? []).compactMap { name, text in
        text.pattern.map { Catalog.Collector.Match.Variable(name: name.value, pattern: $0) }
      },
      labels: (match.labels.value ?? []).map {
        Catalog.Collector.Match.Label(name: $0.name.value, value: $0.value.value)
      }
    )
  }

  private func mappings(
    _ fields: [WatcherDeclaration.Field],
    _ use: (WatcherDeclaration.Field, TargetDeclaration) -> TargetUse
  ) -> [FieldMapping] {
    fields.compactMap { field in
      field.pattern.pattern.map { pattern in
        FieldMapping(pattern: FieldPattern(pattern), targets: field.targets.compactMap { resolve(use(field, $0)) })
      }
    }
  }

  private func resolve(_ use: TargetUse) -> Target? {
    let target = use.target
    guard let index = declaration.metricPlaces[target.metric.value] else { return nil }
    let metric = declaration.metrics[index]
    let labels: [LabelText?] = (metric.labels.value ?? []).map { label in
      if case .settled(let text) = Settlement.settle(label.value, at: use) { text } else { nil }
    }
    let counts = use.isEachRecord && metric.type.value == .counter
    return Target(
      metric: index,
      labels: labels,
      from: target.from.value ?? (counts ? .count : .value),
      restartsWith: target.restartsWith.value?.value,
      scale: target.scale.value?.value ?? 1,
      isReciprocal: target.scale.value?.isReciprocal ?? false,
      offset: target.offset.value?.value ?? 0,
      pattern: target.pattern.value?.pattern,
      exemplar: (target.exemplar.value ?? []).compactMap { label in
        guard case .settled(let text)? = Settlement.fill(label.text, at: use) else { return nil }
        return Target.ExemplarLabel(name: label.name.value, text: text)
      }
    )
  }

  /// The format with its options, those included that have a default.
  private func format(_ watcher: WatcherDeclaration) -> LogFormat? {
    guard let descriptor = watcher.format.value else { return nil }
    var format = LogFormat(descriptor.name)
    for own in watcher.ownKeys { format.options[own.name] = own.key.value.flatMap { option($0, watcher) } }
    for key in descriptor.keys where format.options[key.name] == nil {
      guard key.needs.map({ format.options[$0] != nil }) ?? true else { continue }
      format.options[key.name] = key.byDefault
    }
    return format
  }

  private func option(_ value: FormatKey.Value, _ watcher: WatcherDeclaration) -> LogFormat.Option? {
    switch value {
    case .text(let text): return .text(text.value)
    case .fieldNames(let names): return .fieldNames(names.map(\.value))
    case .pattern(let text): return text.pattern.map { .pattern($0) }
    case .gauges(let gauges):
      return .words(Dictionary(gauges.map { ($0.name.value, $0.word) }, uniquingKeysWith: { first, _ in first }))
    case .duration(let duration): return .duration(duration)
    case .lines(let lines):
      let wanted = NumericFields(watcher, declaration)
      return .lines(
        lines.compactMap { line in
          line.pattern.pattern.map { pattern in
            LogFormat.LineRule(
              line: pattern,
              set: line.set.map { LogFormat.SetField(field: $0.field.value, text: $0.text.value) },
              numericCaptures: Set(pattern.captureNames.filter { wanted[$0] != .anything }),
              durationCaptures: Set(pattern.captureNames.filter { wanted[$0] == .numberOrDuration })
            )
          }
        }
      )
    }
  }
}
