public import MetricModel
public import PatternSyntax

/// A catalog that has been checked: every name is resolved, every label of every target is settled.
///
/// It is a value without behaviour. `CatalogLoader` makes it from YAML; the registry, the watchers and the collectors
/// are built from it.
public struct Catalog: Sendable {
  /// The file it was read from, as given; messages name it.
  public var path: String
  public var limits: Limits
  public var metrics: [MetricDescriptor]
  public var watchers: [Watcher]
  public var collectors: [Collector]
  public var state: StateSettings

  public init(
    path: String,
    limits: Limits = Limits(),
    metrics: [MetricDescriptor] = [],
    watchers: [Watcher] = [],
    collectors: [Collector] = [],
    state: StateSettings = StateSettings()
  ) {
    self.path = path
    self.limits = limits
    self.metrics = metrics
    self.watchers = watchers
    self.collectors = collectors
    self.state = state
  }

  /// The folder of the catalog, which relative paths are relative to; without a trailing slash.
  public var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// `limits:`.
  public struct Limits: Sendable, Hashable {
    public var registry: RegistryLimits
    /// The longest line that is read, in bytes without its end.
    public var lineBytes: Int

    public init(registry: RegistryLimits = RegistryLimits(), lineBytes: Int = 4 << 20) {
      self.registry = registry
      self.lineBytes = lineBytes
    }
  }

  /// `state:`; where what was read is remembered across restarts.
  public struct StateSettings: Sendable, Hashable {
    /// nil: not given in the catalog.
    public var path: String?
    public var interval: Duration

    public init(path: String? = nil, interval: Duration = .seconds(1)) {
      self.path = path
      self.interval = interval
    }
  }

  /// A collector that the catalog asks for. What it offers and reads is not the catalog's to know.
  public struct Collector: Sendable {
    /// The value of a key of the collector's own.
    public enum Option: Sendable, Hashable {
      case duration(Duration)
      case texts([String])
      case matches([Match])
    }

    /// An entry of `match:`: all that it names has to hold; what its patterns take are labels.
    public struct Match: Sendable, Hashable {
      public struct Variable: Sendable, Hashable {
        public var name: String
        public var pattern: Pattern
      }

      public struct Label: Sendable, Hashable {
        public var name: String
        public var value: String
      }

      public var name: Pattern?
      public var commandLine: Pattern?
      public var environment: [Variable]
      public var labels: [Label]
    }

    public var name: String
    public var interval: Duration
    public var timeout: Duration
    public var readings: [FieldMapping]
    /// The keys of its own, as far as they are given.
    public var options: [String: Option]

    public init(
      name: String,
      interval: Duration = .seconds(15),
      timeout: Duration = .seconds(5),
      readings: [FieldMapping],
      options: [String: Option] = [:]
    ) {
      self.name = name
      self.interval = interval
      self.timeout = timeout
      self.readings = readings
      self.options = options
    }
  }
}
