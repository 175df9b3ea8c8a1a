import YAMLSyntax

@testable import Diagnostics

/// A validator for the part of JSON Schema draft-07 that the generated schema uses. A keyword that it does not know is a
/// reason to stop, so that none is passed over.
struct SchemaValidator {
  struct UnknownKeyword: Error {
    var name: String
  }

  private let root: [String: Any]
  private let expressions = Expressions()

  /// - Parameter root: as `JSONSerialization` reads it.
  init(_ root: [String: Any]) { self.root = root }

  func accepts(_ value: Instance) throws -> Bool { try accepts(value, root) }

  private func accepts(_ value: Instance, _ schema: Any) throws -> Bool {
    guard let schema = schema as? [String: Any] else { return schema as? Bool ?? false }
    for (keyword, argument) in schema {
      guard try accepts(value, keyword, argument, schema) else { return false }
    }
    return true
  }

  private func accepts(_ value: Instance, _ keyword: String, _ argument: Any, _ schema: [String: Any]) throws -> Bool {
    switch keyword {
    case "$schema", "title", "description", "default", "definitions", "then": return true
    case "$ref":
      let name = (argument as? String)?.split(separator: "/").last.map(String.init) ?? ""
      return try accepts(value, (root["definitions"] as? [String: Any])?[name] ?? false)
    case "type":
      let types = argument as? [String] ?? [argument as? String ?? ""]
      return types.contains { value.isOf(type: $0) }
    case "enum": return (argument as? [String])?.contains { value == .string($0) } ?? false
    case "const":
      if let text = argument as? String { return value == .string(text) }
      return value == .number(argument as? Double ?? .nan)
    case "pattern":
      guard case .string(let text) = value else { return true }
      return try expressions.find(argument as? String ?? "", in: text)
    case "minimum", "maximum":
      guard case .number(let number) = value, let bound = argument as? Double else { return true }
      return keyword == "minimum" ? number >= bound : number <= bound
    case "items":
      guard case .array(let items) = value else { return true }
      return try items.allSatisfy { try accepts($0, argument) }
    case "maxItems":
      guard case .array(let items) = value else { return true }
      return items.count <= argument as? Int ?? 0
    case "required":
      guard case .object(let members) = value else { return true }
      return (argument as? [String] ?? []).allSatisfy { members[$0] != nil }
    case "properties":
      guard case .object(let members) = value, let properties = argument as? [String: Any] else { return true }
      return try properties.allSatisfy { name, schema in try members[name].map { try accepts($0, schema) } ?? true }
    case "additionalProperties":
      guard case .object(let members) = value else { return true }
      let known = schema["properties"] as? [String: Any] ?? [:]
      return try members.allSatisfy { name, value in try known[name] != nil || accepts(value, argument) }
    case "dependencies":
      guard case .object(let members) = value, let needs = argument as? [String: [String]] else { return true }
      return needs.allSatisfy { name, needed in members[name] == nil || needed.allSatisfy { members[$0] != nil } }
    case "anyOf": return try count(value, argument) > 0
    case "oneOf": return try count(value, argument) == 1
    case "allOf": return try count(value, argument) == (argument as? [Any])?.count
    case "if":
      guard try accepts(value, argument) else { return true }
      return try accepts(value, schema["then"] ?? true)
    default: throw UnknownKeyword(name: keyword)
    }
  }

  private func count(_ value: Instance, _ schemas: Any) throws -> Int {
    try (schemas as? [Any] ?? []).count { try accepts(value, $0) }
  }
}

/// Regular expressions, each compiled once.
private final class Expressions {
  private var compiled: [String: Regex<AnyRegexOutput>] = [:]

  func find(_ expression: String, in text: String) throws -> Bool {
    let regex = try compiled[expression] ?? Regex(expression)
    compiled[expression] = regex
    return try regex.firstMatch(in: text) != nil
  }
}

/// A value as an editor sees it: YAML 1.2 by its core rules.
enum Instance: Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([Instance])
  case object([String: Instance])

  init(_ node: YAMLNode) {
    switch node.content {
    case .sequence(let items): self = .array(items.map { Instance($0) })
    case .mapping(let mapping):
      let members = mapping.entries.map { ($0.key.text, Instance($0.value)) }
      self = .object(Dictionary(members) { first, _ in first })
    case .scalar(let scalar):
      if scalar.isNull {
        self = .null
      } else if let value = scalar.bool {
        self = .boolean(value)
      } else if let value = scalar.double {
        self = .number(value)
      } else {
        self = .string(scalar.text)
      }
    }
  }

  func isOf(type: String) -> Bool {
    switch (self, type) {
    case (.null, "null"), (.boolean, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
      (.object, "object"):
      true
    case (.number(let value), "integer"): value == value.rounded()
    default: false
    }
  }
}
