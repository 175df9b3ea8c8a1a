public import MetricModel
public import PatternSyntax

/// A catalog that has been checked: every name in it is resolved, and every label of every target has its value.
///
/// It is a plain value. `CatalogLoader` makes it from YAML (docs/catalog.md describes the language); the registry, the
/// watchers and the collectors are built from it. A program that makes one itself has to follow the catalog's rules,
/// which are not checked again.
public struct Catalog: Sendable {
  /// The file that it was read from, as given to the loader. Messages name it, and a reload reads it again.
  public var path: String
  /// How many time series there may be, and how long a line: `limits:`.
  public var limits: Limits
  /// The metrics in the order of the file, which is that of the exposition. `Target.metric` is a place in this list.
  public var metrics: [MetricDescriptor]
  /// What reads logs, in the order of the file.
  public var watchers: [Watcher]
  /// What reads the machine, in the order of the file.
  public var collectors: [Collector]
  /// What the catalog says about saving what was read: `state:`.
  public var state: StateSettings
  /// The YAML that it was loaded from, byte for byte, which an exporter serves at `/-/catalog`; empty for a catalog that
  /// a program made.
  public var text: [UInt8]

  /// Creates a catalog from its properties; `path` alone is required.
  public init(
    path: String,
    limits: Limits = Limits(),
    metrics: [MetricDescriptor] = [],
    watchers: [Watcher] = [],
    collectors: [Collector] = [],
    state: StateSettings = StateSettings(),
    text: [UInt8] = []
  ) {
    self.path = path
    self.limits = limits
    self.metrics = metrics
    self.watchers = watchers
    self.collectors = collectors
    self.state = state
    self.text = text
  }

  /// The folder of the catalog, to which relative paths in it are relative. It has no slash at its end, and is `.` if
  /// `path` has no slash.
  public var folder: String { Self.folder(of: path) }

  /// The folder of a file, written the same way.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The limits that a catalog can set: `limits:`.
  public struct Limits: Sendable, Hashable {
    /// How many time series there may be: `series:` and `series_per_metric:`.
    public var registry: RegistryLimits
    /// The longest line of a log that is read, in bytes without its end: `line_bytes:`, 4 MiB by default. Longer lines
    /// are skipped.
    public var lineBytes: Int

    /// Creates limits; without arguments, the catalog's defaults.
    public init(registry: RegistryLimits = RegistryLimits(), lineBytes: Int = 4 << 20) {
      self.registry = registry
      self.lineBytes = lineBytes
    }
  }

  /// Where and how often what was read is saved for the next start: `state:`.
  public struct StateSettings: Sendable, Hashable {
    /// The folder, as written: `path:`. It is nil if the catalog does not say.
    public var path: String?
    /// How old the saved state may become while logs change: `interval:`, 1 s by default.
    public var interval: Duration

    /// Creates settings; without arguments, the catalog's defaults.
    public init(path: String? = nil, interval: Duration = .seconds(1)) {
      self.path = path
      self.interval = interval
    }
  }

  /// A collector that the catalog asks for, with its settings: an entry of `collectors:`.
  public struct Collector: Sendable {
    /// The value of a key that only this collector has, by the key's form (`CollectorDescriptor.OwnKey.Form`).
    public enum Option: Sendable, Hashable {
      /// A duration of at least 10 ms.
      case duration(Duration)
      /// A list of texts, also where the catalog has a single one.
      case texts([String])
      /// What processes are looked for. Of several entries that match a process the first counts.
      case matches([Match])
    }

    /// A description of processes: an entry of `match:`. A process has to match all that the entry names.
    ///
    /// What the captures of the patterns take are labels of the process.
    public struct Match: Sendable, Hashable {
      /// An environment variable that a process has to have.
      public struct Variable: Sendable, Hashable {
        /// The variable's name.
        public var name: String
        /// What its whole value has to match, as `FieldPattern` does.
        public var pattern: Pattern
      }

      /// A label that all processes of the entry get.
      public struct Label: Sendable, Hashable {
        /// The label's name.
        public var name: String
        /// The label's value.
        public var value: String
      }

      /// What the whole name of the process has to match, as `FieldPattern` does; nil for any name. The kernel cuts
      /// names after 15 bytes.
      public var name: Pattern?
      /// What has to be found in the arguments, which are joined by blanks, as `LinePattern` does; nil for any
      /// arguments.
      public var commandLine: Pattern?
      /// The users that the process may be of, by name or number; empty for any user.
      public var users: [String]
      /// The environment variables that the process has to have; empty for any environment.
      public var environment: [Variable]
      /// Labels with a fixed value.
      public var labels: [Label]
    }

    /// The collector's name, such as `system`. An exporter runs none for a name that it does not know.
    public var name: String
    /// How often it collects: `interval:`, 15 s by default and at least 10 ms.
    public var interval: Duration
    /// How long a collection may take: `timeout:`, 5 s by default and at least 10 ms. One that takes longer ends the
    /// collector's series until a later one is in time.
    public var timeout: Duration
    /// Which reading feeds which metrics: `readings:`. An exact name goes before patterns, and an earlier pattern
    /// before a later one.
    public var readings: [FieldMapping]
    /// The keys that only this collector has, as far as the catalog gives them, by their names.
    public var options: [String: Option]

    /// Creates a collector's settings from their values; `name` and `readings` are required.
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
