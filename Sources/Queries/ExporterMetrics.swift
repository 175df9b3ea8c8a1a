internal import MetricModel

/// The metrics that the exporter has of itself, beside those of a catalog, as docs/own-metrics.md lists them.
enum ExporterMetrics {
  struct Row {
    var name: String
    var type: MetricType
    var labels: [String]

    init(_ name: String, _ type: MetricType, _ labels: String...) {
      self.name = name
      self.type = type
      self.labels = labels
    }
  }

  static let all: [Row] = [
    Row("training_exporter_rejections_total", .counter, "metric", "label", "reason"),
    Row("training_exporter_records_total", .counter, "watcher", "outcome"),
    Row("training_exporter_up", .gauge, "source"),
    Row(
      "training_exporter_build_info",
      .info,
      "version",
      "swift_version",
      "swift_nio_ssl_version",
      "swift_nio_version"
    ),
    Row("training_exporter_files", .gauge, "watcher"),
    Row("training_exporter_read_bytes_total", .counter, "watcher"),
    Row("training_exporter_behind_bytes", .gauge, "watcher"),
    Row("training_exporter_lost_bytes_total", .counter, "watcher"),
    Row("training_exporter_log_restarts_total", .counter, "watcher"),
    Row("training_exporter_files_refused_total", .counter, "watcher"),
    Row("training_exporter_links_refused_total", .counter, "watcher"),
    Row("training_exporter_read_errors_total", .counter, "watcher", "reason"),
    Row("training_exporter_last_record_timestamp_seconds", .gauge, "watcher"),
    Row("training_exporter_limits_reached_total", .counter, "watcher", "limit"),
    Row("training_exporter_collections_total", .counter, "source", "outcome"),
    Row("training_exporter_collection_duration_seconds", .gauge, "source"),
    Row("training_exporter_last_collection_success_timestamp_seconds", .gauge, "source"),
    Row("training_exporter_config_last_reload_successful", .gauge),
    Row("training_exporter_config_last_reload_success_timestamp_seconds", .gauge),
    Row("training_exporter_series", .gauge, "metric"),
    Row("training_exporter_series_limit", .gauge, "metric"),
    Row("training_exporter_scrape_duration_seconds", .gauge, "format"),
    Row("training_exporter_http_requests_total", .counter, "code"),
    Row("training_exporter_client_limits_reached_total", .counter, "limit"),
    Row("training_exporter_web_config_last_reload_successful", .gauge),
    Row("training_exporter_web_config_last_reload_success_timestamp_seconds", .gauge),
    Row("training_exporter_access_refused_total", .counter, "reason"),
    Row("training_exporter_tls_handshakes_failed_total", .counter, "reason"),
    Row("training_exporter_state_kept", .gauge),
    Row("training_exporter_state_last_write_timestamp_seconds", .gauge),
    Row("training_exporter_state_size_bytes", .gauge),
    Row("training_exporter_state_write_failures_total", .counter),
    Row("training_exporter_log_lines_dropped_total", .counter),
    Row("process_cpu_seconds_total", .counter),
    Row("process_open_fds", .gauge),
    Row("process_max_fds", .gauge),
    Row("process_virtual_memory_bytes", .gauge),
    Row("process_virtual_memory_max_bytes", .gauge),
    Row("process_resident_memory_bytes", .gauge),
    Row("process_start_time_seconds", .gauge),
    Row("process_threads", .gauge),
  ]
}
