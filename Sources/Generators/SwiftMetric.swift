internal import MetricModel

/// A metric in the Swift file: a property of `Metrics`, and a struct.
struct SwiftMetric {
  private let metric: MetricDescriptor
  private let labels: [SwiftLabel]
  let type: String
  private let property: String
  /// Its property for a metric without labels.
  private let family: String

  init(_ metric: MetricDescriptor, labels: [SwiftLabel], type: String, property: String, family: String) {
    self.metric = metric
    self.labels = labels
    self.type = type
    self.property = SwiftNames.quoted(property)
    self.family = family
  }

  /// The handle's type in `MetricRegistry`, and the registry's function that gives its family.
  private var library: (handle: String, function: String) {
    switch metric.type {
    case .counter: ("Counter", "counter")
    case .gauge: ("Gauge", "gauge")
    case .histogram: ("Histogram", "histogram")
    case .summary: ("Summary", "summary")
    case .info: ("Info", "info")
    case .stateset: ("StateSet", "stateSet")
    }
  }

  private var comment: String {
    let unit = metric.unit.map { " (\($0))" } ?? ""
    let article = metric.type == .info ? "an" : "a"
    return SwiftText.comment("`\(metric.name)`, \(article) \(metric.type)\(unit): \(metric.help)")
  }

  private var deprecation: String {
    metric.deprecated.map { "@available(*, deprecated, message: \(SwiftText.literal($0)))\n" } ?? ""
  }

  var properties: String {
    if !labels.isEmpty { return indented(comment + "public let \(property): \(type)\n", by: 2) }
    let result = metric.type == .stateset ? "TypedStateSet<\(type).State>" : library.handle
    return indented(
      comment + deprecation + "public var \(property): \(result) { \(family).with() }\n"
        + "private let \(family): \(type)\n",
      by: 2
    )
  }

  var initialization: String {
    let names = SwiftText.list(labels.map { SwiftText.literal($0.label.name) })
    let family = "registry.\(library.function)(\(SwiftText.literal(metric.name)), labels: \(names))"
    return "    \(labels.isEmpty ? self.family : property) = \(type)(family: try \(family))\n"
  }

  var structure: String {
    let parameters = labels.map { "\($0.parameter): \($0.parameterType)" }.joined(separator: ", ")
    let arguments = labels.map(\.argument).joined(separator: ", ")
    // `handle` has six parameters; an array is what has any number.
    let handle = "family.handle(\(labels.count > 6 ? "[\(arguments)]" : arguments))"
    let isStateSet = metric.type == .stateset
    var body = "/// The metric, for labels as texts.\npublic let family: Family<\(library.handle)>\n"
    body += "/// What the catalog says of the metric.\npublic static let descriptor = \(declaration)\n"
    body += "/// The series with these label values.\n" + (labels.isEmpty ? "" : deprecation)
    body += "public func with(\(parameters)) -> \(isStateSet ? "TypedStateSet<State>" : library.handle) {\n"
    body += "  \(isStateSet ? "TypedStateSet(\(handle))" : handle)\n}\n"
    if metric.type == .counter, labels.contains(where: { $0.label.name == "error_type" }) { body += countErrors }
    let states = isStateSet ? swiftEnumeration("State", metric.states, indent: 4) : ""
    let head = indented(comment + "public struct \(type): Sendable {\n", by: 2)
    return "\n" + head + states + indented(body, by: 4) + "  }\n"
  }

  private var countErrors: String {
    let others = labels.filter { $0.label.name != "error_type" }
    let pairs = others.map { "\(SwiftText.literal($0.label.name)): \($0.argument)" }
    let texts = pairs.isEmpty ? "[:]" : SwiftText.list(pairs)
    func function(_ attribute: String, _ isolation: String?, _ effects: String, _ call: String) -> String {
      let parameters = others.map { "\($0.parameter): \($0.parameterType)" } + (isolation.map { [$0] } ?? [])
      return """
        /// Runs the operation. Where it throws, adds 1 with the error's type as `error_type`, and throws the error on.
        \(attribute)public func countErrors<Result: ~Copyable, Failure: Error>(
          \((parameters + ["_ operation: () \(effects)throws(Failure) -> Result"]).joined(separator: ",\n  "))
        ) \(effects)throws(Failure) -> Result {
          try \(call)
        }

        """
    }
    return function("", nil, "", "family.countErrors(labels: \(texts), operation)")
      + function(
        "@_disfavoredOverload\n",
        "isolation: isolated (any Actor)? = #isolation",
        "async ",
        "await family.countErrors(labels: \(texts), isolation: isolation, operation)"
      )
  }

  /// All that the catalog says, as an expression.
  private var declaration: String {
    var arguments = [
      "name: \(SwiftText.literal(metric.name))", "type: .\(metric.type)", "help: \(SwiftText.literal(metric.help))",
    ]
    if let unit = metric.unit { arguments.append("unit: \(SwiftText.literal(unit))") }
    if !labels.isEmpty { arguments.append("labels: \(SwiftText.list(labels.map { "Declarations.\($0.parameter)" }))") }
    if let most = metric.maxSeries { arguments.append("maxSeries: \(most)") }
    if let expiry = metric.expireAfter {
      let (seconds, attoseconds) = expiry.components
      arguments.append("expireAfter: .seconds(\(seconds)) + .nanoseconds(\(attoseconds / 1_000_000_000))")
    }
    if let why = metric.deprecated { arguments.append("deprecated: \(SwiftText.literal(why))") }
    if metric.type == .histogram { arguments.append("buckets: \(SwiftText.list(metric.buckets.map { "\($0)" }))") }
    if let native = metric.nativeHistogram {
      arguments.append("nativeHistogram: .init(factor: \(native.factor), maxBuckets: \(native.maxBuckets))")
    }
    if !metric.quantiles.isEmpty {
      arguments.append("quantiles: \(SwiftText.list(metric.quantiles.map { "\($0)" }))")
    }
    if metric.type == .summary { arguments.append("window: \(metric.window)") }
    if metric.exposesCreated { arguments.append("exposesCreated: true") }
    if !metric.constant.isEmpty {
      let constant = metric.constant.map {
        ".init(name: \(SwiftText.literal($0.name)), value: \(SwiftText.literal($0.value)))"
      }
      arguments.append("constant: \(SwiftText.list(constant))")
    }
    if metric.type == .stateset { arguments.append("states: \(SwiftText.list(metric.states.map(SwiftText.literal)))") }
    return "MetricDescriptor(\n  \(arguments.joined(separator: ",\n  "))\n)"
  }
}
