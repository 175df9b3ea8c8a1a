internal import Diagnostics
internal import MetricCatalog
internal import MetricModel

extension Generator {
  /// What Prometheus has to know.
  static let scrapeConfig = Generator(
    name: "scrape-config",
    help: "a configuration of Prometheus that scrapes as often as what feeds the metrics changes"
  ) { catalog in
    ScrapeConfig(catalog).text
  }
}

/// The configuration for one catalog: one job, since one exporter answers for all that feeds its metrics.
struct ScrapeConfig {
  /// What feeds metrics, and how often that is worth a look.
  private struct Pace {
    var seconds: Int
    var why: String
  }

  /// A training changes by the step or epoch, a service with each request.
  private static let training = 30
  private static let inference = 10
  /// The machine, where collectors do not say another interval.
  private static let system = 15
  /// Faster, most of a scrape's samples are those of the one before; slower, a graph says little.
  private static let systemBounds = 5...60
  /// Words in names and paths of what answers somebody, who waits.
  private static let inferenceWords: Set<Substring> = [
    "infer", "inference", "predict", "prediction", "predictions", "request", "requests", "response", "responses",
    "serve", "serving",
  ]
  /// Prometheus' own default; an answer takes milliseconds.
  private static let timeoutMax = 10

  private let paces: [Pace]
  private let hasNativeHistograms: Bool

  init(_ catalog: Catalog) {
    paces = catalog.watchers.map { Self.pace(of: $0, catalog) } + catalog.collectors.map(Self.pace)
    hasNativeHistograms = catalog.metrics.contains { $0.nativeHistogram != nil }
  }

  var text: String {
    let interval = paces.map(\.seconds).min() ?? Self.system
    let timeout = min(interval * 4 / 5, Self.timeoutMax)
    let reasons = paces.map { "    #   \($0.seconds)s  \($0.why)\n" }.joined()
    let why =
      reasons.isEmpty
      ? "    # How often to ask. Nothing in the catalog feeds its metrics, so it is what suits most programs.\n"
      : "    # How often to ask. What changes most often decides:\n\(reasons)"
    return """
      # Made by `training-exporter generate scrape-config` from the catalog. Change that, and make it anew.
      #
      # It is a whole prometheus.yml. If you have one, copy the job into its `scrape_configs`.
      # `promtool check config FILE` checks the result.
      scrape_configs:
        - job_name: training-exporter

      \(why)\
          # An interval above two minutes leaves gaps in graphs: Prometheus shows a value for five minutes at most.
          scrape_interval: \(interval)s

          # How long to wait for an answer: less than the interval, so that scrapes never overlap. The exporter answers
          # within milliseconds, but after its start it first reads the logs that are there, for up to 5s.
          scrape_timeout: \(timeout)s
      \(hasNativeHistograms ? Self.native : "")
          # Where the exporter listens: one address for each exporter with this catalog. Prometheus puts `job` and
          # `instance` on each series.
          static_configs:
            - targets: ["localhost:8000"]

      """
  }

  private static let native = """

        # The catalog has native histograms. Prometheus stores them if it is told to: up to 3.7 by its flag
        # --enable-feature=native-histograms, from 3.8 on by this line.
        # scrape_native_histograms: true

    """

  /// Whether a watcher reads what answers somebody, and not a training.
  static func isOfInference(_ watcher: Watcher, _ catalog: Catalog) -> Bool {
    var fed = Set((watcher.eachRecord + watcher.fields.flatMap(\.targets)).map(\.metric))
    if watcher.readsEvents { fed.formUnion(catalog.metricsForEvents) }
    let names = [watcher.name] + watcher.files.map(\.source) + fed.map { catalog.metrics[$0].name }
    let words = Set(names.flatMap { name in name.split { !$0.isLetter } })
    return !words.isDisjoint(with: inferenceWords)
  }

  private static func pace(of watcher: Watcher, _ catalog: Catalog) -> Pace {
    let name = PrintableText.escape(watcher.name)
    return isOfInference(watcher, catalog)
      ? Pace(seconds: inference, why: "watcher `\(name)`: inference, where much happens in a short time")
      : Pace(seconds: training, why: "watcher `\(name)`: training, which changes by the step or epoch")
  }

  private static func pace(of collector: Catalog.Collector) -> Pace {
    let seconds = Int((collector.interval / .seconds(1)).rounded(.up))
    let bounded = min(max(seconds, systemBounds.lowerBound), systemBounds.upperBound)
    let name = PrintableText.escape(collector.name)
    let interval = DurationText.text(collector.interval)
    return Pace(seconds: bounded, why: "collector `\(name)`: the machine, read every \(interval)")
  }
}

extension Catalog {
  /// The metrics that nothing else feeds, by their places.
  fileprivate var metricsForEvents: Set<Int> {
    let mappings = watchers.flatMap(\.fields) + collectors.flatMap(\.readings)
    let targets = watchers.flatMap(\.eachRecord) + mappings.flatMap(\.targets)
    return Set(metrics.indices).subtracting(targets.map(\.metric))
  }
}
