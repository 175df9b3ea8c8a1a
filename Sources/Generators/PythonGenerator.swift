internal import MetricCatalog
internal import MetricModel

extension Generator {
  /// A Python module without dependencies: what `Python/*.py` has, and behind it each metric of the catalog.
  static let python = Generator(name: "python", help: "a Python module whose attributes are the metrics") { catalog in
    PythonModule(catalog).text
  }
}

/// The module of one catalog.
struct PythonModule {
  private let catalog: Catalog
  private let library: String
  /// The attribute of each metric.
  private let attributes: [String]

  init(_ catalog: Catalog) {
    self.catalog = catalog
    library = [PackageResources.runtime_py, PackageResources.callbacks_py]
      .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n\n")
    var names = PythonNames(taken: PythonNames.defined(in: library).union(PythonNames.builtins))
    attributes = catalog.metrics.map { names.name(for: $0.name) }
  }

  var text: String {
    var pieces = ["# Made by `training-exporter generate python` from the catalog. Change that, and make it anew.\n"]
    pieces.append(library)
    pieces.append("\n\n# The metrics of the catalog\n\n")
    pieces += labels.map { "_label_\($0.name) = \(Self.declaration(of: $0))\n" }
    for (metric, attribute) in zip(catalog.metrics, attributes) { pieces.append(definition(of: metric, as: attribute)) }
    pieces += aliases
    pieces.append(Self.end)
    return pieces.joined()
  }

  /// Each label once, in the order in which metrics have them.
  private var labels: [LabelDescriptor] {
    var seen: Set<String> = []
    return catalog.metrics.flatMap(\.labels).filter { seen.insert($0.name).inserted }
  }

  private static func declaration(of label: LabelDescriptor) -> String {
    var parts = [PythonText.literal(label.name)]
    switch label.allowed {
    case .any: break
    case .list(let values): parts.append("values=\(PythonText.tuple(values.map(PythonText.literal)))")
    case .range(let range): parts.append("range=(\(range.lowerBound), \(range.upperBound))")
    }
    if let otherwise = label.otherwise { parts.append("otherwise=\(PythonText.literal(otherwise))") }
    if !label.named.isEmpty { parts.append("named=\(PythonText.dictionary(label.named.sorted { $0.key < $1.key }))") }
    return "_Label(\(parts.joined(separator: ", ")))"
  }

  private func definition(of metric: MetricDescriptor, as attribute: String) -> String {
    let type = Self.type(of: metric)
    let labels = metric.type == .info ? [] : metric.labels
    let kind = metric.nativeHistogram == nil ? metric.type.pythonClass : "NativeHistogram"
    var arguments = [PythonText.literal(metric.name), kind, PythonText.literal(metric.help)]
    let references = PythonText.tuple(metric.labels.map { "_label_\($0.name)" })
    if !metric.labels.isEmpty { arguments.append("\(metric.type == .info ? "facts" : "labels")=\(references)") }
    if metric.type == .histogram {
      arguments.append("buckets=\(PythonText.tuple(metric.buckets.map { "\($0)" }))")
    }
    if let native = metric.nativeHistogram {
      arguments.append("native=_Native(\(native.factor), \(native.maxBuckets))")
    }
    if !metric.constant.isEmpty {
      let constant = metric.constant.map { (key: $0.name, value: $0.value) }
      arguments.append("constant=\(PythonText.dictionary(constant))")
    }
    if metric.type == .stateset {
      arguments.append("states=\(PythonText.tuple(metric.states.map(PythonText.literal)))")
    }
    let timeSeries = metric.maxSeries ?? catalog.limits.registry.seriesPerMetric
    arguments.append("max_series=\(max(timeSeries / metric.timeSeriesPerChild, 1))")
    if labels.contains(where: \.evictsOldest) { arguments.append("evicts=True") }
    let definition = "_Definition(\n    \(arguments.joined(separator: ",\n    ")),\n)"
    if labels.isEmpty {
      return "\n\(attribute): \(type) = \(kind)(\(definition))\n"
    }
    return """


      \(family(attribute, type, labels))

      \(attribute) = _Family_\(attribute)(\(definition))

      """
  }

  /// A class for the metric's own `labels`, which type checkers see with the values that are allowed, and which is fast
  /// where its series is known.
  private func family(_ attribute: String, _ type: String, _ labels: [LabelDescriptor]) -> String {
    var names = PythonNames(taken: ["self", "more", "others"])
    let parameters = labels.map { names.name(for: $0.name) }
    let typed = zip(parameters, labels).map { "\($0): \(Self.type(of: $1))" }.joined(separator: ", ")
    let plain = parameters.map { "\($0)=\"\"" }.joined(separator: ", ")
    let key = parameters.joined(separator: ", ") + (parameters.count == 1 ? "," : "")
    return """
      class _Family_\(attribute)(_Family[\(type)]):
          __slots__ = ()
          if _t.TYPE_CHECKING:

              def labels(self, /, \(typed)) -> \(type): ...

          else:

              def labels(self, /, \(plain), *more, **others):
                  if not more and not others:
                      try:
                          return self._series[\(key)]
                      except (KeyError, TypeError):
                          pass
                  return self._find((\(key)), more, others)

      """
  }

  /// What a type checker is told of a metric's series.
  private static func type(of metric: MetricDescriptor) -> String {
    guard metric.type == .stateset else { return metric.type.pythonClass }
    return "StateSet[_t.Literal[\(metric.states.map(PythonText.literal).joined(separator: ", "))]]"
  }

  /// What a type checker is told of a label's value.
  private static func type(of label: LabelDescriptor) -> String {
    guard case .list(let values) = label.allowed, label.otherwise == nil else { return "str | int" }
    let texts = values + label.named.keys.sorted().filter { !values.contains($0) }
    let literal = "_t.Literal[\(texts.map(PythonText.literal).joined(separator: ", "))]"
    return values.contains("true") && values.contains("false") ? "\(literal) | bool" : literal
  }

  /// The names that programs for prometheus_client have: without what the name of a metric says of its type and unit.
  private var aliases: [String] {
    var taken = Set(attributes).union(PythonNames.defined(in: library)).union(PythonNames.builtins)
    var lines: [String] = []
    for (metric, attribute) in zip(catalog.metrics, attributes) {
      var name = metric.name
      if name.hasSuffix("_total") { name.removeLast("_total".count) }
      for unit in [metric.unit ?? "seconds", "seconds", "bytes", "ratio", "percent"] where name.hasSuffix("_\(unit)") {
        name.removeLast(unit.count + 1)
        break
      }
      guard name != metric.name, PythonNames.isName(name), taken.insert(name).inserted else { continue }
      lines.append("\(name) = \(attribute)\n")
    }
    return lines.isEmpty ? [] : ["\n# Without what a name says of its type and unit\n"] + lines
  }

  private static let end = """


    if not _t.TYPE_CHECKING:

        def __getattr__(name):
            \"""Whatever else the module is asked for: a metric by its own name, or a callback class.\"""
            if name in _attributes:
                return _attributes[name]
            if name in _callback_classes:
                return _callback_class(name)
            hint = _hint(name, [each for each in globals() if not each.startswith("_")])
            raise AttributeError(f"no metric `{name}` is declared{hint}")

    """
}

extension MetricType {
  /// The class of its series.
  fileprivate var pythonClass: String {
    switch self {
    case .counter: "Counter"
    case .gauge: "Gauge"
    case .histogram: "Histogram"
    case .summary: "Summary"
    case .info: "Info"
    case .stateset: "StateSet"
    }
  }
}
