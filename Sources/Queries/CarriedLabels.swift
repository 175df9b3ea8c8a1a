internal import PromQL

/// The labels that the series of an expression may carry.
struct CarriedLabels {
  var names: Set<String>
  /// Whether there may be others, since something unknown is in it.
  var isOpen: Bool

  static let unknown = CarriedLabels(names: [], isOpen: true)
  static let none = CarriedLabels(names: [], isOpen: false)

  func has(_ name: String) -> Bool { isOpen || names.contains(name) }

  func with(_ more: some Sequence<String>) -> CarriedLabels {
    CarriedLabels(names: names.union(more), isOpen: isOpen)
  }

  func without(_ less: some Sequence<String>) -> CarriedLabels {
    CarriedLabels(names: names.subtracting(less), isOpen: isOpen)
  }

  func joined(_ other: CarriedLabels) -> CarriedLabels {
    CarriedLabels(names: names.union(other.names), isOpen: isOpen || other.isOpen)
  }
}

extension KnownMetrics {
  /// What a selector selects; nil if that is not one known name.
  func series(of selector: Selector) -> Series? { selector.metric.flatMap { $0.name.text }.flatMap { series[$0] } }

  func labels(of selector: Selector) -> CarriedLabels {
    guard let series = series(of: selector), let labels = series.labels else { return .unknown }
    // What a rule records has the labels that are left of its expression, and those that a server adds to all.
    let added = series.kind == .recorded ? namedTargetLabels : targetLabels
    return CarriedLabels(names: added.union(labels.keys), isOpen: false)
  }

  /// The labels of all that an expression selects, whether they reach its result or not.
  func labelsBelow(_ expression: Expression) -> CarriedLabels {
    var all = CarriedLabels.none
    expression.walk { part in
      if let selector = part.selector { all = all.joined(labels(of: selector)) }
      if case .placeholder = part.kind { all.isOpen = true }
      if case .call(let call) = part.kind { all = all.with(Self.added(by: call)) }
      if case .aggregation(let aggregation) = part.kind, aggregation.aggregator == .countValues {
        all = all.with(Self.text(aggregation.parameter).map { [$0] } ?? [])
      }
    }
    return all
  }

  /// The labels of what an expression gives.
  func labels(of expression: Expression) -> CarriedLabels {
    switch expression.kind {
    case .number, .string: return .none
    case .placeholder: return .unknown
    case .selector(let selector): return labels(of: selector)
    case .rangeSelector(let range): return labels(of: range.selector)
    case .subquery(let subquery): return labels(of: subquery.expression)
    case .unary(_, let operand), .parentheses(let operand): return labels(of: operand)
    case .call(let call): return labels(of: call)
    case .aggregation(let aggregation): return labels(of: aggregation)
    case .binary(let binary): return labels(of: binary)
    }
  }

  private func labels(of call: Expression.Call) -> CarriedLabels {
    guard let function = call.function else { return .unknown }
    let vector = call.arguments.first { $0.type != .scalar && $0.type != .string }
    switch function.name {
    case "absent", "absent_over_time": return .unknown
    case "info": return .unknown
    case "histogram_quantile", "histogram_fraction", "histogram_quantiles":
      return (vector.map(labels) ?? .unknown).without(["le"]).with(Self.added(by: call))
    default:
      guard function.result == .instantVector, let vector else { return .none }
      return labels(of: vector).with(Self.added(by: call))
    }
  }

  /// The labels that a call writes.
  private static func added(by call: Expression.Call) -> [String] {
    switch call.function?.name {
    case "label_replace", "label_join", "histogram_quantiles":
      call.arguments.dropFirst().first.flatMap { text($0) }.map { [$0] } ?? []
    default: []
    }
  }

  private static func text(_ expression: Expression?) -> String? {
    if case .string(let template)? = expression?.unwrapped.kind { template.text } else { nil }
  }

  private func labels(of aggregation: Expression.Aggregation) -> CarriedLabels {
    let inner = labels(of: aggregation.expression)
    switch aggregation.aggregator {
    case nil: return .unknown
    case .topk, .bottomk, .limitk, .limitRatio: return inner
    default: break
    }
    var kept = CarriedLabels.none
    if let grouping = aggregation.grouping {
      let names = grouping.labels.compactMap(\.name.text)
      switch grouping.kind {
      case .without: kept = inner.without(names)
      case .by:
        kept.names = Set(names.filter { inner.has($0) })
        // A variable may stand for labels.
        kept.isOpen = names.count < grouping.labels.count
      }
    }
    if aggregation.aggregator == .countValues { kept = kept.with(Self.text(aggregation.parameter).map { [$0] } ?? []) }
    return kept
  }

  private func labels(of binary: Expression.Binary) -> CarriedLabels {
    func isVector(_ operand: Expression) -> Bool { operand.type != .scalar }
    guard isVector(binary.left) else { return isVector(binary.right) ? labels(of: binary.right) : .none }
    guard isVector(binary.right) else { return labels(of: binary.left) }
    switch binary.operation {
    case .and, .unless: return labels(of: binary.left)
    case .or: return labels(of: binary.left).joined(labels(of: binary.right))
    default: break
    }
    if let group = binary.group {
      let many = group.side == .left ? binary.left : binary.right
      return labels(of: many).with(group.labels.compactMap(\.name.text))
    }
    let left = labels(of: binary.left)
    guard let matching = binary.matching else { return left }
    let names = matching.labels.compactMap(\.name.text)
    switch matching.kind {
    case .ignoring: return left.without(names)
    case .on:
      let isOpen = names.count < matching.labels.count
      return CarriedLabels(names: Set(names.filter { left.has($0) }), isOpen: isOpen)
    }
  }
}
