import Foundation
import PromQL
import PromQLMutations
import Testing

/// The queries of the folder `Cases`: each with what the parser makes of it, written below.
@Suite struct CasesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
  private static let updates = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  @Test(arguments: ["taken", "refused", "variables"])
  func eachQueryBecomesWhatStandsBelowIt(name: String) throws {
    let file = Self.folder.appending(path: name + ".txt")
    let before = try String(contentsOf: file, encoding: .utf8)
    let variables: Parser.Variables = name == "variables" ? .grafana : .none
    var after = ""
    for block in before.split(separator: "\n\n") {
      if !after.isEmpty { after += "\n" }
      let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
      let query = lines.prefix { $0.hasPrefix(">") }.map { $0.dropFirst(2) }.joined(separator: "\n")
      guard lines[0].hasPrefix(">") else {
        after += block + "\n"
        continue
      }
      after += lines.prefix { $0.hasPrefix(">") }.joined(separator: "\n") + "\n" + Self.outcome(query, variables)
      let isRefused = fault(query, variables) != nil
      if name != "variables" { #expect(isRefused == (name == "refused"), "\(query)") }
    }
    if Self.updates, before != after {
      try after.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("\(name).txt has been written anew: read its diff, and run again without UPDATE_GOLDEN")
    }
    #expect(before.split(separator: "\n") == after.split(separator: "\n"))
  }

  private static func outcome(_ text: String, _ variables: Parser.Variables) -> String {
    let query: Query
    do throws(PromQLError) {
      query = try Parser.parse(text, variables: variables)
      let again = try Parser.parse(query.description, variables: variables)
      #expect(again.expression == query.expression, "\(text)")
    } catch {
      return error.rendered(in: Array(text.utf8))
    }
    var outcome = "\(query.expression.type): \(query)\n"
    outcome += Standing.of(query.expression).map { "  \($0)\n" }.joined()
    for use in query.features { outcome += "  \(use.name) needs \(use.feature.flag)\n" }
    return outcome
  }
}

/// What the variables of a tree stand for.
private struct Standing {
  private var lines: [String] = []

  static func of(_ expression: PromQL.Expression) -> [String] {
    var standing = Standing()
    expression.walk { standing.add($0) }
    return standing.lines
  }

  private mutating func add(_ template: Template?, _ what: String) {
    for variable in template?.variables ?? [] { lines.append("\(variable) is \(what)") }
  }

  private mutating func add(_ labels: [Label]?, _ what: String) {
    for label in labels ?? [] { add(label.name, (label.isQuoted ? "in the name of one label" : "labels") + " " + what) }
  }

  private mutating func add(_ expression: PromQL.Expression) {
    switch expression.kind {
    case .number, .unary, .parentheses: break
    case .string(let content): add(content, "in a string")
    case .selector(let selector): add(selector)
    case .rangeSelector(let range):
      add(range.selector)
      add(range.range)
    case .subquery(let subquery):
      add(subquery.range)
      subquery.step.map { add($0) }
      add(subquery.at, subquery.offset)
    case .call(let call): add(call.name, "in a function's name")
    case .aggregation(let aggregation):
      add(aggregation.name, "an aggregation")
      add(aggregation.grouping?.labels, "of \(aggregation.grouping?.kind.rawValue ?? "")")
    case .binary(let binary):
      add(binary.matching?.labels, "of \(binary.matching?.kind.rawValue ?? "")")
      add(binary.group?.labels, "of \(binary.group?.side.rawValue ?? "")")
    case .placeholder(let name): add(name, expression.type == .scalar ? "a number" : "an expression")
    }
  }

  private mutating func add(_ selector: Selector) {
    add(selector.name, "in a metric's name")
    for matcher in selector.matchers {
      switch matcher.kind {
      case .name(let name): add(name, "in a metric's name")
      case .placeholder(let name): add(name, "matchers")
      case .label(let label, _, let value):
        add([label], "of a matcher")
        switch value {
        case .quoted(let text): add(text, text.variable == nil ? "in a value" : "a value")
        case .placeholder(let name): add(name, "a value with its quotes")
        }
      }
    }
    add(selector.at, selector.offset)
  }

  private mutating func add(_ at: At?, _ offset: DurationExpression?) {
    if case .placeholder(let name) = at { add(name, "a moment") }
    offset.map { add($0) }
  }

  private mutating func add(_ duration: DurationExpression) {
    switch duration.kind {
    case .number, .step, .range: break
    case .smaller(let a, let b), .larger(let a, let b), .binary(let a, _, let b):
      add(a)
      add(b)
    case .unary(_, let inner), .parentheses(let inner): add(inner)
    case .placeholder(let name): add(name, name.variable == nil ? "in a duration" : "a duration")
    }
  }
}
