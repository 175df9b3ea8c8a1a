import PromQL
import PromQLMutations

extension FuzzTarget {
  /// A query, with and without the variables of a dashboard.
  static let promql = FuzzTarget("promql") { bytes in
    for variables in [Parser.Variables.none, .grafana] {
      guard case .broken(let what) = Law.judge(bytes, variables) else { continue }
      preconditionFailure(what)
    }
  }
}
