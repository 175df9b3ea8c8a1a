internal import Diagnostics
internal import MetricCatalog

extension Generator {
  /// What editors know a catalog by: a JSON Schema (draft-07, which is what they support).
  static let schema = Generator(
    name: "schema",
    help: "a JSON Schema of metrics.yaml, for editors; it needs no catalog",
    source: .program { collectors in SchemaText(CatalogShape.whole(collectors: collectors)).text }
  )
}

/// The schema of a shape. It refuses what the decoder refuses, as far as a schema can see: names that do not exist, what
/// stands in patterns, and how values fit together are for `validate`.
struct SchemaText {
  private var definitions: [JSON.Member] = []
  private var root: [JSON.Member] = []

  init(_ shape: ValueShape) {
    root = schema(shape)
  }

  var text: String {
    let head: [JSON.Member] = [
      .init("$schema", "http://json-schema.org/draft-07/schema#"),
      .init("title", "training-exporter: metrics.yaml"),
      .init("description", "The catalog of training-exporter: which metrics there are, and what feeds them."),
    ]
    return JSON.object(head + root + [.init("definitions", .object(definitions))]).text
  }

  private mutating func schema(_ shape: ValueShape) -> [JSON.Member] {
    switch shape {
    case .text: [.init("type", ["string", "number", "boolean"])]
    case .matching(let expression): [.init("type", "string"), .init("pattern", .string(expression))]
    case .number: [.init("type", "number")]
    case .integer(let bounds) where bounds.count == 1: [.init("const", .integer(bounds.lowerBound))]
    case .integer(let bounds):
      [
        .init("type", "integer"), .init("minimum", .integer(bounds.lowerBound)),
        .init("maximum", .integer(bounds.upperBound)),
      ]
    case .boolean: [.init("type", "boolean")]
    case .choice(let words): [.init("enum", .array(words.map { .string($0) }))]
    case .nothing: [.init("type", "null")]
    case .list(let item, let countMax):
      [.init("type", "array"), .init("items", .object(schema(item)))]
        + (countMax.map { [.init("maxItems", .integer($0))] } ?? [])
    case .map(let item): [.init("type", "object"), .init("additionalProperties", .object(schema(item)))]
    case .mapping(let mapping): schema(mapping)
    case .either(let shapes): either(shapes.map { schema($0) })
    case .named(let name, let shape): reference(to: name, shape)
    }
  }

  /// Alternatives of different types are one schema, since each keyword is about values of one type: editors then say
  /// what is wrong with a value, and not that it is none of several.
  private func either(_ alternatives: [[JSON.Member]]) -> [JSON.Member] {
    var types: [JSON] = []
    var members: [JSON.Member] = []
    for member in alternatives.joined() {
      switch (member.name, member.value) {
      case ("type", .array(let several)): types += several
      case ("type", let one): types.append(one)
      case ("$ref", _), ("enum", _), ("const", _), ("anyOf", _):
        return [.init("anyOf", .array(alternatives.map { .object($0) }))]
      default: members.append(member)
      }
    }
    let names = members.map(\.name)
    guard Set(names).count == names.count else { return [.init("anyOf", .array(alternatives.map { .object($0) }))] }
    return [.init("type", .array(types))] + members
  }

  private mutating func reference(to name: String, _ shape: ValueShape) -> [JSON.Member] {
    if !definitions.contains(where: { $0.name == name }) {
      let place = definitions.count
      definitions.append(.init(name, .null))
      definitions[place].value = .object(schema(shape))
    }
    return [.init("$ref", .string("#/definitions/\(name)"))]
  }

  private mutating func schema(_ mapping: MappingShape) -> [JSON.Member] {
    var members: [JSON.Member] = [.init("type", "object")]
    members.append(.init("properties", .object(mapping.keys.map { .init($0.name, property($0)) })))
    let others: JSON = if let others = mapping.others { .object(schema(others)) } else { false }
    members.append(.init("additionalProperties", others))
    let required = mapping.keys.filter(\.isRequired).map(\.name)
    if !required.isEmpty { members.append(.init("required", Self.names(required))) }
    if !mapping.anyOf.isEmpty { members.append(.init("anyOf", Self.alternatives(mapping.anyOf))) }
    if !mapping.needs.isEmpty {
      members.append(.init("dependencies", .object(mapping.needs.map { .init($0.key, Self.names([$0.needed])) })))
    }
    let variants = mapping.variants.filter { !$0.without.isEmpty || !$0.choice.isEmpty }
    if !variants.isEmpty { members.append(.init("allOf", .array(variants.map(Self.variant)))) }
    return members
  }

  /// Draft-07 looks at nothing beside a reference, so a key that has one of its own is put around it.
  private mutating func property(_ key: MappingShape.Key) -> JSON {
    var members: [JSON.Member] = [.init("description", .string(PlainText.sentence(key.help)))]
    if let byDefault = key.byDefault { members.append(.init("default", byDefault)) }
    let schema = schema(key.shape)
    let isReference = schema.contains { $0.name == "$ref" }
    return .object(members + (isReference ? [.init("allOf", [.object(schema)])] : schema))
  }

  private static func variant(_ variant: MappingShape.Variant) -> JSON {
    var then: [JSON.Member] = []
    if !variant.without.isEmpty {
      then.append(.init("properties", .object(variant.without.map { .init($0, false) })))
    }
    if !variant.choice.isEmpty { then.append(.init("oneOf", alternatives(variant.choice))) }
    let condition: JSON = [
      "properties": .object([.init(variant.key, ["const": .string(variant.word)])]),
      "required": names([variant.key]),
    ]
    return ["if": condition, "then": .object(then)]
  }

  private static func names(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }

  private static func alternatives(_ keys: [String]) -> JSON {
    .array(keys.map { ["required": names([$0])] })
  }
}

/// Markdown of the documentation as plain text.
enum PlainText {
  /// With a capital letter and a full stop, and without the addresses of links.
  static func sentence(_ markdown: String) -> String {
    var text = markdown.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { String($0.1) }
    if let first = text.first, first.isLowercase { text = first.uppercased() + text.dropFirst() }
    return text.hasSuffix(".") ? text : text + "."
  }
}
