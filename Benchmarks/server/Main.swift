import Exposition
import Glibc
import Logging
import MetricModel
import MetricRegistry
import Serving

/// The exporter's registry, exposition and server around series that a benchmark updates: no catalog and no logs.
///
/// usage: bench-server gauges|histograms COUNT PORT
///
/// Says `registered SECONDS` (of CPU) once it serves. For each line on standard input it changes every series, and says
/// `done`. The programs that it is compared with do the same.
@main enum Main {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let count = Int(arguments[2]), let port = UInt16(arguments[3]) else {
      say("usage: bench-server gauges|histograms COUNT PORT")
      exit(2)
    }
    let labels = ["run", "split", "metric"].map { LabelDescriptor(name: $0) }
    let isGauge = arguments[1] == "gauges"
    let metric =
      isGauge
      ? MetricDescriptor(name: "ml_train_value", type: .gauge, help: "Last value.", labels: labels)
      : MetricDescriptor(
        name: "ml_step_seconds",
        type: .histogram,
        help: "Step time.",
        labels: labels,
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
      )
    let before = clock()
    let registry = Registry(metrics: [metric], limits: RegistryLimits(series: .max, seriesPerMetric: .max))
    let all = (0..<count).compactMap { number in
      registry.series(metric: 0, labelValues: ["run_\(number / 10)", "train", "metric_\(number % 10)"])
    }
    update(all, isGauge: isGauge, round: 0)
    let registered = Double(clock() - before) / Double(CLOCKS_PER_SEC)

    let renderer = ExpositionRenderer(registry)
    let server = HTTPServer(
      options: ServerOptions(
        addresses: [ListenAddress(host: "127.0.0.1", port: port)],
        landing: LandingPage(name: "bench-server", version: "", description: "", links: [])
      ),
      exposition: { variant in
        ExpositionBody(
          contentType: variant.contentType,
          contentEncoding: variant.encoding,
          chunks: renderer.render(variant)
        )
      },
      isReady: { true },
      logger: Logger(label: "bench")
    )
    _ = try await server.start()
    say("registered \(registered)")
    var round = 0
    while readLine() != nil {
      round += 1
      update(all, isGauge: isGauge, round: round)
      say("done")
    }
    await server.stop()
  }

  private static func update(_ all: [Series], isGauge: Bool, round: Int) {
    for (number, series) in all.enumerated() {
      if isGauge {
        series.set(Double((number + round) * 7919 % 1_000_003) / 1e6)
      } else {
        series.observe(Double((number + round) * 7919 % 1_000_003) / 3e5)
      }
    }
  }

  private static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
  }
}
