internal import Clocks
internal import Collectors
internal import Exposition
internal import Ingest
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry
internal import Serving
internal import Synchronization
internal import Tailing

/// What the exporter says of itself, as families. It holds no state: each is read off where it is counted.
struct OwnMetrics {
  let catalog: Catalog
  let registry: Registry
  let records: [RecordCounters]
  let limits: [LimitCounters]
  let tailing: [TailerCounters]
  let collectors: [(name: String, status: CollectorRunner.Status)]
  let reload: CatalogReload.Status
  /// nil: no state is kept.
  let state: StateKeeper.Status?
  let isStateKept: Bool
  let renderTimes: RenderTimes
  let responses: ResponseCounts
  let limitHits: RefusalCounts<ClientLimit>
  /// nil: nothing is served.
  let security: ConnectionSecurity?
  let process: ProcessReader
  /// Of the build, besides the versions of the exporter and of Swift.
  let buildLabels: [String: String]
  /// nil: the log drops none.
  let logLinesDropped: UInt64?

  /// What is the same from run to run over the same logs: `once` ends with these.
  func families() -> [MetricFamily] {
    [rejections, recordsTotal, up]
  }

  /// All of them, for a scrape.
  func allFamilies() -> [MetricFamily] {
    families() + [
      buildInfo,
      perWatcher("files", .gauge, "Log files that are followed.") { Double($0.filesFollowed.load(ordering: .relaxed)) },
      perWatcher("read_bytes_total", .counter, "Bytes read from logs.") {
        Double($0.bytesRead.load(ordering: .relaxed))
      },
      perWatcher("behind_bytes", .gauge, "Bytes between what is read and the ends of the log files.") {
        Double($0.bytesBehind.load(ordering: .relaxed))
      },
      perWatcher("lost_bytes_total", .counter, "Bytes of log files that went away before they were read.") {
        Double($0.bytesLost.load(ordering: .relaxed))
      },
      perWatcher(
        "log_restarts_total",
        .counter,
        "Times that a log file was truncated, replaced or written over, and was read from its beginning."
      ) { Double($0.restarts.load(ordering: .relaxed)) },
      perWatcher(
        "files_refused_total",
        .counter,
        "Log files that were not followed because the watcher has as many as it may have."
      ) { Double($0.filesRefused.load(ordering: .relaxed)) },
      perWatcher(
        "links_refused_total",
        .counter,
        "Symbolic links that were not followed because they lead to what is not their owner's."
      ) { Double($0.linksRefused.load(ordering: .relaxed)) },
      readErrors,
      lastRecord,
      limitsReached,
      collections,
      perCollector("collection_duration_seconds", "How long the last collection took.") { status in
        status.duration.map { Double($0.wholeNanoseconds) / 1e9 }
      },
      perCollector(
        "last_collection_success_timestamp_seconds",
        "When a collection last gave all that there was, in seconds since 1970."
      ) { status in status.lastSuccess.map { Double($0) / 1e9 } },
      value("config_last_reload_successful", .gauge, "Whether the last reload of the catalog was successful.") {
        reload.isSuccessful ? 1 : 0
      },
      value(
        "config_last_reload_success_timestamp_seconds",
        .gauge,
        "When the catalog in use was loaded, in seconds since 1970."
      ) { Self.seconds(Int(reload.succeededAt)) },
      series("series", "Time series in use, by metric.") { Double(registry.seriesCount(metric: $0)) },
      series("series_limit", "Time series that a metric may have.") { index in
        Double(catalog.metrics[index].maxSeries ?? catalog.limits.registry.seriesPerMetric)
      },
      MetricFamily(
        name: "training_exporter_scrape_duration_seconds",
        type: .gauge,
        help: "How long the last exposition took to render, by format.",
        unit: "seconds",
        samples: renderTimes.samples
      ),
    ] + webFamilies + stateFamilies + logFamilies + ProcessMetrics.families(process.read())
  }

  /// Whether a scrape may ask for some of them.
  static func mayBe(in selection: MetricSelection?) -> Bool {
    selection?.names.contains { $0.hasPrefix("training_exporter_") || $0.hasPrefix("process_") } ?? true
  }

  private var webFamilies: [MetricFamily] {
    let answered = MetricFamily(
      name: "training_exporter_http_requests_total",
      type: .counter,
      help: "HTTP requests answered, by status code.",
      samples: responses.all.map { Sample(labels: [.init("code", $0.code)], value: Double($0.count)) }
    )
    let help = "Times that a limit refused a client something, or ended it for another client, by limit."
    let limited = refused("client_limits_reached_total", help, limitHits, label: "limit")
    guard let security, let webReload = security.lastReload else { return [answered, limited] }
    let isSuccessful = value(
      "web_config_last_reload_successful",
      .gauge,
      "Whether the last reload of the web configuration was successful."
    ) { webReload.isSuccessful ? 1 : 0 }
    let succeededAt = value(
      "web_config_last_reload_success_timestamp_seconds",
      .gauge,
      "When the web configuration in use was loaded, in seconds since 1970."
    ) { Self.seconds(Int(webReload.succeededAt)) }
    let access = "Requests that the web configuration refused, by reason."
    let handshakes = "TLS handshakes that failed, by reason."
    return [
      answered, limited, isSuccessful, succeededAt, refused("access_refused_total", access, security.accessRefusals),
      refused("tls_handshakes_failed_total", handshakes, security.handshakeFailures),
    ]
  }

  private func refused<Reason>(
    _ name: String,
    _ help: String,
    _ counts: RefusalCounts<Reason>,
    label: String = "reason"
  ) -> MetricFamily {
    MetricFamily(
      name: "training_exporter_" + name,
      type: .counter,
      help: help,
      samples: counts.all.map { Sample(labels: [.init(label, $0.reason)], value: Double($0.count)) }
    )
  }

  private var stateFamilies: [MetricFamily] {
    let kept = value("state_kept", .gauge, "Whether what is read is saved for the next start (1) or is not (0).") {
      isStateKept ? 1 : 0
    }
    guard let state else { return [kept] }
    let last = value(
      "state_last_write_timestamp_seconds",
      .gauge,
      "When what was read was last saved, in seconds since 1970."
    ) { state.lastWrite.map { Self.seconds(Int($0)) } }
    return [
      kept,
      last,
      value("state_size_bytes", .gauge, "Size of the saved state.") { Double(state.bytes) },
      value("state_write_failures_total", .counter, "Times that the state could not be saved.") {
        Double(state.failures)
      },
    ]
  }

  private var logFamilies: [MetricFamily] {
    guard let logLinesDropped else { return [] }
    return [
      value(
        "log_lines_dropped_total",
        .counter,
        "Lines of the exporter's log that were dropped because standard error was not read."
      ) { Double(logLinesDropped) }
    ]
  }

  private var rejections: MetricFamily { Self.rejections(of: registry) }

  static func rejections(of registry: Registry) -> MetricFamily {
    MetricFamily(
      name: "training_exporter_rejections_total",
      type: .counter,
      help: "Samples that the catalog does not allow, by metric, label and reason.",
      samples: registry.rejections().map { entry in
        Sample(
          labels: [
            .init("metric", entry.rejection.metric), .init("label", entry.rejection.label),
            .init("reason", entry.rejection.reason.rawValue),
          ],
          value: Double(entry.count)
        )
      }
    )
  }

  private var recordsTotal: MetricFamily {
    MetricFamily(
      name: "training_exporter_records_total",
      type: .counter,
      help: "Records read from logs, by what became of them.",
      samples: zip(catalog.watchers, records).flatMap { watcher, counters in
        RecordOutcome.allCases.map { outcome in
          Sample(
            labels: [.init("watcher", watcher.name), .init("outcome", "\(outcome)")],
            value: Double(counters.count(outcome))
          )
        }
      }
    )
  }

  private var limitsReached: MetricFamily {
    MetricFamily(
      name: "training_exporter_limits_reached_total",
      type: .counter,
      help: "Times that a limit left something of a log unread, by limit.",
      samples: catalog.watchers.indices.flatMap { index in
        let hits = LimitCounters.Limit.allCases.map { (name: $0.name, count: limits[index].count($0)) }
        return (hits + [(name: "document_bytes", count: tailing[index].readErrors(.tooLarge))]).map { hit in
          Sample(
            labels: [.init("watcher", catalog.watchers[index].name), .init("limit", hit.name)],
            value: Double(hit.count)
          )
        }
      }
    )
  }

  private var readErrors: MetricFamily {
    MetricFamily(
      name: "training_exporter_read_errors_total",
      type: .counter,
      help: "Attempts to read a log file that failed, by reason.",
      samples: zip(catalog.watchers, tailing).flatMap { watcher, counters in
        TailerCounters.ReadError.allCases.map { reason in
          Sample(
            labels: [.init("watcher", watcher.name), .init("reason", reason.rawValue)],
            value: Double(counters.readErrors(reason))
          )
        }
      }
    )
  }

  /// A watcher is up while all its files can be read, none is far behind, and all its folders can be listed.
  private var up: MetricFamily {
    MetricFamily(
      name: "training_exporter_up",
      type: .gauge,
      help: "Whether a source could be read at the last attempt.",
      samples: zip(catalog.watchers, tailing).map { watcher, counters in
        Sample(
          labels: [.init("source", watcher.name)],
          value: counters.filesFailing.load(ordering: .relaxed) + counters.foldersFailing.load(ordering: .relaxed)
            + counters.filesFarBehind.load(ordering: .relaxed) == 0
            ? 1 : 0
        )
      }
        + collectors.map { name, status in
          let isUp = status.last == .success || status.last == .noData
          return Sample(labels: [.init("source", name)], value: isUp ? 1 : 0)
        }
    )
  }

  private var collections: MetricFamily {
    MetricFamily(
      name: "training_exporter_collections_total",
      type: .counter,
      help: "Collections, by what came of them.",
      samples: collectors.flatMap { name, status in
        zip(CollectionOutcome.allCases, status.collections).map { outcome, count in
          Sample(labels: [.init("source", name), .init("outcome", outcome.rawValue)], value: Double(count))
        }
      }
    )
  }

  private func perCollector(
    _ name: String,
    _ help: String,
    _ value: (CollectorRunner.Status) -> Double?
  ) -> MetricFamily {
    MetricFamily(
      name: "training_exporter_" + name,
      type: .gauge,
      help: help,
      unit: MetricFamily.unit(ofName: name),
      samples: collectors.compactMap { name, status in
        value(status).map { Sample(labels: [.init("source", name)], value: $0) }
      }
    )
  }

  private var buildInfo: MetricFamily {
    MetricFamily(
      name: "training_exporter_build_info",
      type: .info,
      help: "The exporter's version, and the versions of Swift and of packages that it was built with.",
      samples: [
        Sample(
          labels: [.init("version", exporterVersion), .init("swift_version", swiftVersion)]
            + buildLabels.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) },
          value: 1
        )
      ]
    )
  }

  private var lastRecord: MetricFamily {
    MetricFamily(
      name: "training_exporter_last_record_timestamp_seconds",
      type: .gauge,
      help: "When the newest record was read, in seconds since 1970.",
      unit: "seconds",
      samples: zip(catalog.watchers, records).compactMap { watcher, counters in
        let nanoseconds = counters.lastRecordNanoseconds
        guard nanoseconds > 0 else { return nil }
        return Sample(labels: [.init("watcher", watcher.name)], value: Self.seconds(nanoseconds))
      }
    )
  }

  /// To the millisecond: no more is meant.
  private static func seconds(_ nanoseconds: Int) -> Double {
    (Double(nanoseconds) / 1e6).rounded() / 1e3
  }

  private func value(_ name: String, _ type: MetricType, _ help: String, _ value: () -> Double?) -> MetricFamily {
    MetricFamily(
      name: "training_exporter_" + name,
      type: type,
      help: help,
      unit: MetricFamily.unit(ofName: name),
      samples: value().map { [Sample(value: $0)] } ?? []
    )
  }

  private func perWatcher(
    _ name: String,
    _ type: MetricType,
    _ help: String,
    value: (TailerCounters) -> Double
  ) -> MetricFamily {
    MetricFamily(
      name: "training_exporter_" + name,
      type: type,
      help: help,
      unit: MetricFamily.unit(ofName: name),
      samples: zip(catalog.watchers, tailing).map { watcher, counters in
        Sample(labels: [.init("watcher", watcher.name)], value: value(counters))
      }
    )
  }

  private func series(_ name: String, _ help: String, value: (Int) -> Double) -> MetricFamily {
    MetricFamily(
      name: "training_exporter_" + name,
      type: .gauge,
      help: help,
      samples: catalog.metrics.indices.map { index in
        Sample(labels: [.init("metric", catalog.metrics[index].name)], value: value(index))
      }
    )
  }
}
