internal import MetricCatalog
internal import MetricModel

extension Generator {
  /// A Swift file that needs the library `MetricRegistry` alone.
  static let swift = Generator(name: "swift", help: "a Swift file with a typed accessor for each metric") { catalog in
    SwiftFile(catalog).text
  }
}

/// The Swift file of one catalog: `struct Metrics`, in which labels with declared values are enums, and each metric is a
/// struct whose `with` has its labels as parameters.
private struct SwiftFile {
  private let catalog: Catalog
  private var labels: [String: SwiftLabel] = [:]
  /// Each label once, in the order in which metrics have them.
  private let labelNames: [String]
  private let metrics: [SwiftMetric]

  /// What the file names, or the language where types are named.
  private static let typesTaken: Set<String> = [
    "Any", "AnyObject", "Actor", "Bool", "CaseIterable", "Counter", "Declarations", "Double", "Duration", "Error",
    "Failure", "Family", "Gauge", "Histogram", "Info", "Int", "LabelDescriptor", "MetricDescriptor", "Metrics", "Never",
    "Optional", "Protocol", "Registry", "RegistryError", "RegistryLimits", "Result", "Self", "Sendable", "State",
    "StateSet", "String", "Summary", "Type", "TypedStateSet",
  ]
  private static let propertiesTaken: Set<String> = ["descriptors", "init", "limits", "registry", "self"]
  private static let parametersTaken: Set<String> = ["family", "init", "isolation", "operation", "self"]

  init(_ catalog: Catalog) {
    self.catalog = catalog
    var seen: Set<String> = []
    let declared = catalog.metrics.flatMap(\.labels).filter { seen.insert($0.name).inserted }
    labelNames = declared.map(\.name)
    var types = SwiftNames(taken: Self.typesTaken)
    var parameters = SwiftNames(taken: Self.parametersTaken)
    let labelTypes = types.names(for: declared.map { SwiftNames.upperCamelCase($0.name) }, suffix: "Label")
    let labelParameters = parameters.names(for: declared.map { SwiftNames.lowerCamelCase($0.name) }, suffix: "Label")
    for (position, label) in declared.enumerated() {
      labels[label.name] = SwiftLabel(label, type: labelTypes[position], parameter: labelParameters[position])
    }
    var properties = SwiftNames(taken: Self.propertiesTaken)
    let names = catalog.metrics.map(\.name)
    let metricTypes = types.names(for: names.map(SwiftNames.upperCamelCase), suffix: "Metric")
    let metricProperties = properties.names(for: names.map(SwiftNames.lowerCamelCase), suffix: "Metric")
    let families = properties.names(for: metricProperties.map { $0 + "Family" })
    let labels = labels
    metrics = catalog.metrics.indices.map { position in
      SwiftMetric(
        catalog.metrics[position],
        labels: catalog.metrics[position].labels.compactMap { labels[$0.name] },
        type: metricTypes[position],
        property: metricProperties[position],
        family: families[position]
      )
    }
  }

  var text: String {
    let labels = labelNames.compactMap { self.labels[$0] }
    let body = [head, metrics.map(\.properties).joined(), initializer, declarations] + labels.map(\.enumeration)
    let ends = ["\n  private enum Declarations {\n"] + labels.map(\.declaration) + ["  }\n}\n"]
    return (body + metrics.map(\.structure) + ends).joined()
  }

  private var head: String {
    """
    // Made by `training-exporter generate swift` from the catalog. Change that, and make it anew.
    // swift-format-ignore-file

    \(["MetricModel", "MetricRegistry"].map { "public import \($0)" }.joined(separator: "\n"))

    /// The metrics of the catalog. Each is a property; where a metric has labels, `with` gives one of its series.
    ///
    /// Where the catalog's limits leave no room for a series, its updates are seen by nobody, and are counted in
    /// `Registry.rejections()`.
    public struct Metrics: Sendable {
      /// What has the values: a `MetricsServer` serves it.
      public let registry: Registry


    """
  }

  private var initializer: String {
    """

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
    \(metrics.map(\.initialization).joined())\
      }

    """
  }

  private var declarations: String {
    let limits = catalog.limits.registry
    return """

        /// The catalog's metrics, in its order.
        public static let descriptors: [MetricDescriptor] = \(SwiftText.list(metrics.map { "\($0.type).descriptor" }))

        /// How many time series the catalog allows.
        public static let limits = RegistryLimits(series: \(limits.series), seriesPerMetric: \(limits.seriesPerMetric))

      """
  }
}
