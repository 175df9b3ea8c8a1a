package import MetricModel

/// The runs as metrics. Each run has the series of what is known of it, with its labels.
extension RunBoard {
  /// - Parameter now: nanoseconds since 1970.
  package func families(at now: Int64) -> [MetricFamily] {
    let runs = all().map { key, health in
      Shown(labels: zip(key.names, key.values).map { Sample.Label($0, $1) }, health: health)
    }
    let gauges = Self.gauges.map { gauge in
      MetricFamily(
        name: gauge.name,
        type: .gauge,
        help: gauge.help,
        unit: MetricFamily.unit(ofName: gauge.name),
        samples: runs.compactMap { run in
          gauge.value(run.health, now).map { Sample(labels: run.labels, value: $0) }
        }
      )
    }
    return [Self.states(runs, at: now)] + gauges + [Self.nonFinite(runs)]
  }

  private struct Shown {
    var labels: [Sample.Label]
    var health: RunHealth
  }

  private static func states(_ runs: [Shown], at now: Int64) -> MetricFamily {
    let name = prefix + "state"
    return MetricFamily(
      name: name,
      type: .stateset,
      help: "What the run does.",
      samples: runs.flatMap { run in
        let state = run.health.state(at: now)
        return RunState.allCases.map {
          Sample(labels: run.labels + [.init(name, $0.rawValue)], value: $0 == state ? 1 : 0)
        }
      }
    )
  }

  private static func nonFinite(_ runs: [Shown]) -> MetricFamily {
    MetricFamily(
      name: prefix + "non_finite_values_total",
      type: .counter,
      help: "Values of records that were NaN or infinite, by field.",
      samples: runs.flatMap { run in
        // A run may have a label of that name, and no label may be there twice.
        let label = run.labels.contains { $0.name == "field" } ? prefix + "field" : "field"
        return run.health.nonFinite.sorted { $0.key < $1.key }.map {
          Sample(labels: run.labels + [.init(label, $0.key)], value: Double($0.value))
        }
      }
    )
  }

  private static let prefix = "training_exporter_run_"

  /// A gauge of a run: what it is of its health at a time in nanoseconds since 1970.
  private struct Gauge: Sendable {
    var name: String
    var help: String
    var value: @Sendable (RunHealth, Int64) -> Double?

    init(_ name: String, _ help: String, _ value: @escaping @Sendable (RunHealth, Int64) -> Double?) {
      self.name = prefix + name
      self.help = help
      self.value = value
    }

    /// A time, which is shown in seconds since 1970.
    init(time name: String, _ help: String, _ time: @escaping @Sendable (RunHealth, Int64) -> Int64?) {
      self.init(name + "_timestamp_seconds", help + ", in seconds since 1970.") { run, now in
        time(run, now).map(Nanoseconds.seconds)
      }
    }
  }

  private static let gauges: [Gauge] = [
    Gauge(time: "last_record", "When the newest record was written") { run, _ in run.lastRecord },
    Gauge(time: "start", "When the first record was written") { run, _ in run.start },
    Gauge(time: "end", "When the run that has ended had its last record or mark, or was found gone") { $0.end(at: $1) },
    Gauge("step", "The newest step.") { run, _ in run.step },
    Gauge("epoch", "The newest epoch.") { run, _ in run.epoch },
    Gauge("planned_steps", "How many steps are planned.") { run, _ in run.plannedSteps },
    Gauge("planned_epochs", "How many epochs are planned.") { run, _ in run.plannedEpochs },
    Gauge("progress_ratio", "How much of what is planned is done, from 0 to 1.") { $0.progress(at: $1) },
    Gauge("step_seconds", "How long a step takes: the median of the latest.") { run, _ in run.stepSeconds },
    Gauge("epoch_seconds", "How long an epoch takes: the median of the latest.") { run, _ in run.epochSeconds },
    Gauge("steps_per_second", "How many steps there are in a second, by the median of the latest.") { run, _ in
      run.stepsPerSecond
    },
    Gauge(time: "expected_end", "When all that is planned is done at the average pace") { $0.expectedEnd(at: $1) },
    Gauge("loss", "The newest loss.") { run, _ in run.loss },
    Gauge("best_score", "The best score so far.") { run, _ in run.bestScore },
    Gauge("best_score_step", "The step that had the best score, or the epoch where there are no steps.") { run, _ in
      run.bestAt
    },
    Gauge(time: "checkpoint", "When the newest checkpoint was written") { run, _ in run.checkpoint?.time },
    Gauge("checkpoint_size_bytes", "How large the newest checkpoint is.") { run, _ in
      run.checkpoint.map { Double($0.size) }
    },
    Gauge("diverged", "Whether the newest loss is NaN or infinite.") { run, _ in run.isDiverged.map { $0 ? 1 : 0 } },
  ]
}
