// Made by `training-exporter generate swift` from the catalog. Change that, and make it anew.
// swift-format-ignore-file

public import MetricModel
public import MetricRegistry

/// The metrics of the catalog. Each is a property; where a metric has labels, `with` gives one of its series.
///
/// Where the catalog's limits leave no room for a series, its updates are seen by nobody, and are counted in
/// `Registry.rejections()`.
public struct Metrics: Sendable {
  /// What has the values: a `MetricsServer` serves it.
  public let registry: Registry

  /// `images_processed_total`, a counter: Images processed
  public let imagesProcessedTotal: ImagesProcessedTotal
  /// `errors_total`, a counter: Errors
  public let errorsTotal: ErrorsTotal
  /// `failures_total`, a counter: Failures
  public let failuresTotal: FailuresTotal
  /// `app_starts_total`, a counter: Starts
  public var appStartsTotal: Counter { appStartsTotalFamily.with() }
  private let appStartsTotalFamily: AppStartsTotal
  /// `training_loss`, a gauge: Loss
  public let trainingLoss: TrainingLoss
  /// `queue_length`, a gauge: Length
  @available(*, deprecated, message: "use \"queue\"")
  public var queueLength: Gauge { queueLengthFamily.with() }
  private let queueLengthFamily: QueueLength
  /// `inference_time_seconds`, a histogram (seconds): Time
  public let inferenceTimeSeconds: InferenceTimeSeconds
  /// `startup_seconds`, a histogram: Time
  public var startupSeconds: Histogram { startupSecondsFamily.with() }
  private let startupSecondsFamily: StartupSeconds
  /// `batch_seconds`, a summary: Time
  public let batchSeconds: BatchSeconds
  /// `app_info`, an info: Application
  public let appInfo: AppInfo
  /// `run_state`, a stateset: State
  public let runState: RunState
  /// `phase`, a stateset: Phase
  public var phase: TypedStateSet<Phase.State> { phaseFamily.with() }
  private let phaseFamily: Phase
  /// `registry`, a gauge: A
  public var registryMetric: Gauge { registryMetricFamily.with() }
  private let registryMetricFamily: RegistryMetric
  /// `counter`, a gauge: B
  public let counter: CounterMetric
  /// `class`, a gauge: C
  public var `class`: Gauge { classFamily.with() }
  private let classFamily: ClassMetric
  /// `self`, a gauge: D
  public let selfMetric: SelfMetric
  /// `a:b`, a gauge: E
  public var aB: Gauge { aBFamily_2.with() }
  private let aBFamily_2: AB
  /// `a_b`, a gauge: F
  public let aBMetric: ABMetric
  /// `_`, a gauge: */ G
  public var value: Gauge { valueFamily.with() }
  private let valueFamily: Value
  /// `a_b_family`, a gauge: H
  public var aBFamily: Gauge { aBFamilyFamily.with() }
  private let aBFamilyFamily: ABFamily
  /// `descriptors_total`, a counter: I
  public let descriptorsTotal: DescriptorsTotal

  /// Creates the accessors of a registry.
  ///
  /// - Parameter registry: by default a new one, with the metrics and limits of the catalog. An `Exporter` has one
  ///   too: ask for new accessors where a reload of its catalog has made another.
  /// - Throws: `RegistryError` if the registry does not declare each metric with this type and these labels. The
  ///   default never throws.
  public init(registry: Registry = Registry(metrics: Metrics.descriptors, limits: Metrics.limits))
    throws(RegistryError)
  {
    self.registry = registry
    imagesProcessedTotal = ImagesProcessedTotal(family: try registry.counter("images_processed_total", labels: ["stage", "model"]))
    errorsTotal = ErrorsTotal(family: try registry.counter("errors_total", labels: ["stage", "error_type"]))
    failuresTotal = FailuresTotal(family: try registry.counter("failures_total", labels: ["error_type"]))
    appStartsTotalFamily = AppStartsTotal(family: try registry.counter("app_starts_total", labels: []))
    trainingLoss = TrainingLoss(family: try registry.gauge("training_loss", labels: ["run", "iou_threshold", "device_id", "shift", "step"]))
    queueLengthFamily = QueueLength(family: try registry.gauge("queue_length", labels: []))
    inferenceTimeSeconds = InferenceTimeSeconds(family: try registry.histogram("inference_time_seconds", labels: ["model", "run"]))
    startupSecondsFamily = StartupSeconds(family: try registry.histogram("startup_seconds", labels: []))
    batchSeconds = BatchSeconds(family: try registry.summary("batch_seconds", labels: ["stage"]))
    appInfo = AppInfo(family: try registry.info("app_info", labels: ["run"]))
    runState = RunState(family: try registry.stateSet("run_state", labels: ["run"]))
    phaseFamily = Phase(family: try registry.stateSet("phase", labels: []))
    registryMetricFamily = RegistryMetric(family: try registry.gauge("registry", labels: []))
    counter = CounterMetric(family: try registry.gauge("counter", labels: ["string"]))
    classFamily = ClassMetric(family: try registry.gauge("class", labels: []))
    selfMetric = SelfMetric(family: try registry.gauge("self", labels: ["class", "self", "operation", "string", "state", "Model", "run", "stage"]))
    aBFamily_2 = AB(family: try registry.gauge("a:b", labels: []))
    aBMetric = ABMetric(family: try registry.gauge("a_b", labels: ["state"]))
    valueFamily = Value(family: try registry.gauge("_", labels: []))
    aBFamilyFamily = ABFamily(family: try registry.gauge("a_b_family", labels: []))
    descriptorsTotal = DescriptorsTotal(family: try registry.counter("descriptors_total", labels: ["operation", "error_type"]))
  }

  /// The catalog's metrics, in its order.
  public static let descriptors: [MetricDescriptor] = [ImagesProcessedTotal.descriptor, ErrorsTotal.descriptor, FailuresTotal.descriptor, AppStartsTotal.descriptor, TrainingLoss.descriptor, QueueLength.descriptor, InferenceTimeSeconds.descriptor, StartupSeconds.descriptor, BatchSeconds.descriptor, AppInfo.descriptor, RunState.descriptor, Phase.descriptor, RegistryMetric.descriptor, CounterMetric.descriptor, ClassMetric.descriptor, SelfMetric.descriptor, AB.descriptor, ABMetric.descriptor, Value.descriptor, ABFamily.descriptor, DescriptorsTotal.descriptor]

  /// How many time series the catalog allows.
  public static let limits = RegistryLimits(series: 100000, seriesPerMetric: 10000)

  /// `stage`
  public enum Stage: String, Sendable, CaseIterable {
    case training = "training"
    case inference = "inference"
  }

  /// `model`: Model "variant" of two lines
  public enum Model: String, Sendable, CaseIterable {
    case yolov11m = "yolov11m"
    case yolov11mObb = "yolov11m-obb"
    case yolov11mObbValue = "yolov11m_obb"
    case other = "other"
  }

  /// `iou_threshold`
  public enum IouThreshold: String, Sendable, CaseIterable {
    case _0_5 = "0.5"
    case _0_5_0_95 = "0.5:0.95"
    case _05 = "05"
  }

  /// `device_id`
  public enum DeviceId: String, Sendable, CaseIterable {
    case _0 = "0"
    case _1 = "1"
    case _2 = "2"
    case _3 = "3"

    /// The value that is this integer; nil if the catalog does not allow it.
    public init?(_ value: Int) { self.init(rawValue: String(value)) }
  }

  /// `shift`
  public enum Shift: String, Sendable, CaseIterable {
    case minus1 = "-1"
    case _0 = "0"
    case _1 = "1"

    /// The value that is this integer; nil if the catalog does not allow it.
    public init?(_ value: Int) { self.init(rawValue: String(value)) }
  }

  /// `string`
  public enum StringLabel: String, Sendable, CaseIterable {
    case a = "a"
    case aValue = "A"
  }

  /// `class`
  public enum Class: String, Sendable, CaseIterable {
    case `class` = "class"
    case selfValue = "self"
    case initValue = "init"
    case type = "Type"
    case `default` = "default"
    case `nil` = "nil"
    case `true` = "true"
    case allCasesValue = "all_cases"
    case 日本 = "日本"
    case größe = "größe"
    case _1 = "\"\\(1)\\"
    case value = "+"
    case valueValue = "-"
  }

  /// `state`
  public enum StateLabel: String, Sendable, CaseIterable {
    case x = "x"
  }

  /// `Model`
  public enum ModelLabel: String, Sendable, CaseIterable {
    case get = "GET"
    case post = "POST"
  }

  /// `images_processed_total`, a counter: Images processed
  public struct ImagesProcessedTotal: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Counter>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "images_processed_total",
      type: .counter,
      help: "Images processed",
      labels: [Declarations.stage, Declarations.model]
    )
    /// The series with these label values.
    public func with(stage: Stage, model: Model) -> Counter {
      family.handle(stage.rawValue, model.rawValue)
    }
  }

  /// `errors_total`, a counter: Errors
  public struct ErrorsTotal: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Counter>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "errors_total",
      type: .counter,
      help: "Errors",
      labels: [Declarations.stage, Declarations.errorType]
    )
    /// The series with these label values.
    public func with(stage: Stage, errorType: String) -> Counter {
      family.handle(stage.rawValue, errorType)
    }
    /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
    public func countErrors<Result: ~Copyable, Failure: Error>(
      stage: Stage,
      _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try family.countErrors(labels: ["stage": stage.rawValue], operation)
    }
    /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
    @_disfavoredOverload
    public func countErrors<Result: ~Copyable, Failure: Error>(
      stage: Stage,
      isolation: isolated (any Actor)? = #isolation,
      _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
      try await family.countErrors(labels: ["stage": stage.rawValue], isolation: isolation, operation)
    }
  }

  /// `failures_total`, a counter: Failures
  public struct FailuresTotal: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Counter>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "failures_total",
      type: .counter,
      help: "Failures",
      labels: [Declarations.errorType]
    )
    /// The series with these label values.
    public func with(errorType: String) -> Counter {
      family.handle(errorType)
    }
    /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
    public func countErrors<Result: ~Copyable, Failure: Error>(
      _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try family.countErrors(labels: [:], operation)
    }
    /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
    @_disfavoredOverload
    public func countErrors<Result: ~Copyable, Failure: Error>(
      isolation: isolated (any Actor)? = #isolation,
      _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
      try await family.countErrors(labels: [:], isolation: isolation, operation)
    }
  }

  /// `app_starts_total`, a counter: Starts
  public struct AppStartsTotal: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Counter>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "app_starts_total",
      type: .counter,
      help: "Starts",
      exposesCreated: true
    )
    /// The series with these label values.
    public func with() -> Counter {
      family.handle()
    }
  }

  /// `training_loss`, a gauge: Loss
  public struct TrainingLoss: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "training_loss",
      type: .gauge,
      help: "Loss",
      labels: [Declarations.run, Declarations.iouThreshold, Declarations.deviceId, Declarations.shift, Declarations.step],
      maxSeries: 100000
    )
    /// The series with these label values.
    public func with(run: String, iouThreshold: IouThreshold, deviceId: DeviceId, shift: Shift, step: Int) -> Gauge {
      family.handle(run, iouThreshold.rawValue, deviceId.rawValue, shift.rawValue, String(step))
    }
  }

  /// `queue_length`, a gauge: Length
  public struct QueueLength: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "queue_length",
      type: .gauge,
      help: "Length",
      maxSeries: 10,
      deprecated: "use \"queue\""
    )
    /// The series with these label values.
    public func with() -> Gauge {
      family.handle()
    }
  }

  /// `inference_time_seconds`, a histogram (seconds): Time
  public struct InferenceTimeSeconds: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Histogram>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "inference_time_seconds",
      type: .histogram,
      help: "Time",
      unit: "seconds",
      labels: [Declarations.model, Declarations.run],
      buckets: [0.1, 1.0, 1000000000.0],
      nativeHistogram: .init(factor: 1.1, maxBuckets: 160)
    )
    /// The series with these label values.
    public func with(model: Model, run: String) -> Histogram {
      family.handle(model.rawValue, run)
    }
  }

  /// `startup_seconds`, a histogram: Time
  public struct StartupSeconds: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Histogram>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "startup_seconds",
      type: .histogram,
      help: "Time",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
    )
    /// The series with these label values.
    public func with() -> Histogram {
      family.handle()
    }
  }

  /// `batch_seconds`, a summary: Time
  public struct BatchSeconds: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Summary>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "batch_seconds",
      type: .summary,
      help: "Time",
      labels: [Declarations.stage],
      expireAfter: .seconds(90) + .nanoseconds(0),
      quantiles: [0.5, 0.99],
      window: 10
    )
    /// The series with these label values.
    public func with(stage: Stage) -> Summary {
      family.handle(stage.rawValue)
    }
  }

  /// `app_info`, an info: Application
  public struct AppInfo: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Info>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "app_info",
      type: .info,
      help: "Application",
      labels: [Declarations.run],
      constant: [.init(name: "version", value: "1.0")]
    )
    /// The series with these label values.
    public func with(run: String) -> Info {
      family.handle(run)
    }
  }

  /// `run_state`, a stateset: State
  public struct RunState: Sendable {
    public enum State: String, Sendable, CaseIterable {
      case running = "running"
      case stopped = "stopped"
      case selfValue = "self"
    }
    /// The metric, for labels as texts.
    public let family: Family<StateSet>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "run_state",
      type: .stateset,
      help: "State",
      labels: [Declarations.run],
      states: ["running", "stopped", "self"]
    )
    /// The series with these label values.
    public func with(run: String) -> TypedStateSet<State> {
      TypedStateSet(family.handle(run))
    }
  }

  /// `phase`, a stateset: Phase
  public struct Phase: Sendable {
    public enum State: String, Sendable, CaseIterable {
      case warmUp = "warm-up"
      case main = "main"
    }
    /// The metric, for labels as texts.
    public let family: Family<StateSet>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "phase",
      type: .stateset,
      help: "Phase",
      states: ["warm-up", "main"]
    )
    /// The series with these label values.
    public func with() -> TypedStateSet<State> {
      TypedStateSet(family.handle())
    }
  }

  /// `registry`, a gauge: A
  public struct RegistryMetric: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "registry",
      type: .gauge,
      help: "A"
    )
    /// The series with these label values.
    public func with() -> Gauge {
      family.handle()
    }
  }

  /// `counter`, a gauge: B
  public struct CounterMetric: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "counter",
      type: .gauge,
      help: "B",
      labels: [Declarations.string]
    )
    /// The series with these label values.
    public func with(string: StringLabel) -> Gauge {
      family.handle(string.rawValue)
    }
  }

  /// `class`, a gauge: C
  public struct ClassMetric: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "class",
      type: .gauge,
      help: "C"
    )
    /// The series with these label values.
    public func with() -> Gauge {
      family.handle()
    }
  }

  /// `self`, a gauge: D
  public struct SelfMetric: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "self",
      type: .gauge,
      help: "D",
      labels: [Declarations.`class`, Declarations.selfLabel, Declarations.operationLabel, Declarations.string, Declarations.state, Declarations.modelLabel, Declarations.run, Declarations.stage]
    )
    /// The series with these label values.
    public func with(`class`: Class, selfLabel: String, operationLabel: String, string: StringLabel, state: StateLabel, modelLabel: ModelLabel, run: String, stage: Stage) -> Gauge {
      family.handle([`class`.rawValue, selfLabel, operationLabel, string.rawValue, state.rawValue, modelLabel.rawValue, run, stage.rawValue])
    }
  }

  /// `a:b`, a gauge: E
  public struct AB: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "a:b",
      type: .gauge,
      help: "E"
    )
    /// The series with these label values.
    public func with() -> Gauge {
      family.handle()
    }
  }

  /// `a_b`, a gauge: F
  public struct ABMetric: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "a_b",
      type: .gauge,
      help: "F",
      labels: [Declarations.state]
    )
    /// The series with these label values.
    public func with(state: StateLabel) -> Gauge {
      family.handle(state.rawValue)
    }
  }

  /// `_`, a gauge: */ G
  public struct Value: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "_",
      type: .gauge,
      help: "*/ G \u{202e}"
    )
    /// The series with these label values.
    public func with() -> Gauge {
      family.handle()
    }
  }

  /// `a_b_family`, a gauge: H
  public struct ABFamily: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Gauge>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "a_b_family",
      type: .gauge,
      help: "H"
    )
    /// The series with these label values.
    public func with() -> Gauge {
      family.handle()
    }
  }

  /// `descriptors_total`, a counter: I
  public struct DescriptorsTotal: Sendable {
    /// The metric, for labels as texts.
    public let family: Family<Counter>
    /// What the catalog says of the metric.
    public static let descriptor = MetricDescriptor(
      name: "descriptors_total",
      type: .counter,
      help: "I",
      labels: [Declarations.operationLabel, Declarations.errorType]
    )
    /// The series with these label values.
    public func with(operationLabel: String, errorType: String) -> Counter {
      family.handle(operationLabel, errorType)
    }
    /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
    public func countErrors<Result: ~Copyable, Failure: Error>(
      operationLabel: String,
      _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
      try family.countErrors(labels: ["operation": operationLabel], operation)
    }
    /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
    @_disfavoredOverload
    public func countErrors<Result: ~Copyable, Failure: Error>(
      operationLabel: String,
      isolation: isolated (any Actor)? = #isolation,
      _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
      try await family.countErrors(labels: ["operation": operationLabel], isolation: isolation, operation)
    }
  }

  private enum Declarations {
    static let stage = LabelDescriptor(name: "stage", allowed: .list(["training", "inference"]))
    static let model = LabelDescriptor(name: "model", help: "Model \"variant\"\nof two lines", allowed: .list(["yolov11m", "yolov11m-obb", "yolov11m_obb", "other"]), otherwise: "other")
    static let errorType = LabelDescriptor(name: "error_type", maxValues: 3)
    static let run = LabelDescriptor(name: "run", maxValues: 2)
    static let iouThreshold = LabelDescriptor(name: "iou_threshold", allowed: .list(["0.5", "0.5:0.95", "05"]))
    static let deviceId = LabelDescriptor(name: "device_id", allowed: .range(0...3))
    static let shift = LabelDescriptor(name: "shift", allowed: .range(-1...1))
    static let step = LabelDescriptor(name: "step", allowed: .range(0...1000))
    static let string = LabelDescriptor(name: "string", allowed: .list(["a", "A"]))
    static let `class` = LabelDescriptor(name: "class", allowed: .list(["class", "self", "init", "Type", "default", "nil", "true", "all_cases", "日本", "größe", "\"\\(1)\\", "+", "-"]))
    static let selfLabel = LabelDescriptor(name: "self", maxValues: 3)
    static let operationLabel = LabelDescriptor(name: "operation", maxValues: 3)
    static let state = LabelDescriptor(name: "state", allowed: .list(["x"]))
    static let modelLabel = LabelDescriptor(name: "Model", allowed: .list(["GET", "POST"]))
  }
}
