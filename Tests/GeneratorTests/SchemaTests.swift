import Diagnostics
import ExporterKit
import Foundation
import LogStations
import Testing
import YAMLSyntax

@testable import MetricCatalog

/// `schemas/metrics.schema.json` and the decoder are of one mind.
@Suite struct SchemaTests {
  private static let path = "schemas/metrics.schema.json"

  @Test func theCommittedSchemaIsThatOfTheSources() throws {
    try expectGolden(generate("schema"), at: Self.path)
  }

  /// What editors look for, and where the schema is from there.
  @Test(arguments: shippedCatalogs)
  func everyShippedCatalogNamesTheSchema(path: String) throws {
    let up = String(repeating: "../", count: path.split(separator: "/").count - 1)
    let line = "# yaml-language-server: $schema=\(up)\(Self.path)"
    #expect(try text(at: path).split(separator: "\n").first.map(String.init) == line, "\(path)")
  }

  @Test func everyCatalogOfTheTestsGetsTheSameVerdict() throws {
    let judge = try Judge()
    let catalogs = try Self.catalogs()
    for catalog in catalogs { try judge.compare(catalog) }
    #expect(judge.accepted > 100, "\(judge.accepted) of \(catalogs.count) accepted, \(judge.refused) refused")
  }

  /// One value becomes something else, one key is added or lost: `SEED=` and `ROUNDS=` try others.
  @Test func everyMutantGetsTheSameVerdict() throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
    var random = SplitMix(state: seed)
    let judge = try Judge()
    let texts = try (shippedCatalogs + ["Tests/MetricCatalogTests/Fixtures/every-key.yaml"]).map { try text(at: $0) }
    for round in 0..<(environment["ROUNDS"].flatMap { Int($0) } ?? 300) {
      let mutant = Mutation.mutant(of: texts[round % texts.count], &random)
      try judge.compare(mutant, "SEED=\(seed) round \(round)")
    }
    #expect(judge.refused > 60, "SEED=\(seed): \(judge.accepted) accepted, \(judge.refused) refused")
  }

  /// Fixtures, examples of rules, what scenes write.
  private static func catalogs() throws -> [String] {
    var paths = shippedCatalogs
    paths += ["every-key.yaml", "design.yaml", "thirty-mistakes.yaml"].map { "Tests/MetricCatalogTests/Fixtures/\($0)" }
    var catalogs = try paths.map { try text(at: $0) }
    for example in RuleID.all.flatMap({ [$0.triggers, $0.passes] }) where !example.hasPrefix("$ ") {
      catalogs += RuleID.catalogs(of: example)
    }
    let files = FileManager.default.enumerator(atPath: repository.appending(path: "Tests").path)
    for case let path as String in files ?? .init() where path.hasSuffix(".txt") {
      guard let text = try? text(at: "Tests/" + path) else { continue }
      if path.hasSuffix("rules.txt") { catalogs += examples(in: text) }
      if path.hasPrefix("Scripts/") { catalogs += blocks(in: text) }
    }
    return catalogs
  }

  private static func examples(in text: String) -> [String] {
    var given = "version: 1\n"
    var catalogs: [String] = []
    for line in text.split(separator: "\n") where line.contains(": ") && !line.hasPrefix("== ") {
      let lines = line.replacing("\\n", with: "\n").replacing("↓", with: "") + "\n"
      if lines.hasPrefix("given ") {
        given = "version: 1\n" + lines.dropFirst("given ".count)
      } else {
        catalogs.append(given + lines)
      }
    }
    return catalogs
  }

  /// The indented lines that begin with a version.
  private static func blocks(in text: String) -> [String] {
    var (blocks, block): ([String], String?) = ([], nil)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  version: 1") {
        block = "version: 1\n"
      } else if line.hasPrefix("  "), let begun = block {
        block = begun + line.dropFirst(2) + "\n"
      } else if let whole = block {
        blocks.append(whole)
        block = nil
      }
    }
    return blocks + [block].compactMap(\.self)
  }
}

/// Asks the decoder and the schema.
private final class Judge {
  /// What is wrong with the form of a value.
  private static let ofShapes = Set(DecodingID.all.map(\.name)).subtracting([DecodingID.more.name])

  private let validator: SchemaValidator
  private(set) var accepted = 0
  private(set) var refused = 0

  init() throws {
    let object = try JSONSerialization.jsonObject(with: Data(try generate("schema").utf8))
    validator = SchemaValidator(try #require(object as? [String: Any]))
  }

  /// A catalog that the decoder refuses for its form is refused, and one that is valid is accepted. Others are for rules.
  func compare(_ catalog: String, _ comment: String = "") throws {
    let loading = CatalogLoader.load(bytes: Array(catalog.utf8), path: "metrics.yaml", collectors: offeredCollectors)
    let document = YAMLDocument.parse(SourceFile(path: "metrics.yaml", bytes: Array(catalog.utf8)))
    guard document.diagnostics.isEmpty, let root = document.root, !Self.hasNullText(root) else { return }
    let isAccepted = try validator.accepts(Instance(root))
    let wrong = loading.diagnostics.filter { Self.ofShapes.contains($0.id) && !Self.cannotBeSeen($0) }
    if let wrong = wrong.first {
      refused += 1
      #expect(!isAccepted, "the schema accepts what the decoder refuses: \(wrong.message) \(comment)\n\(catalog)")
    } else if loading.catalog != nil {
      accepted += 1
      #expect(isAccepted, "the schema refuses what is valid \(comment)\n\(catalog)")
    }
  }

  /// A `null` that is written is a text where one is wanted. A schema cannot tell it from nothing.
  private static func hasNullText(_ node: YAMLNode) -> Bool {
    switch node.content {
    case .scalar(let scalar): scalar.isNull && !scalar.text.isEmpty
    case .sequence(let items): items.contains(where: hasNullText)
    case .mapping(let mapping): mapping.entries.contains { hasNullText($0.value) }
    }
  }

  /// Two numbers in one text, sums, and names are not for a schema; nor is a whole number that is written as `1.0`.
  private static func cannotBeSeen(_ diagnostic: Diagnostic) -> Bool {
    let message = diagnostic.message
    return diagnostic.id == "label/range" && message.hasPrefix("the range")
      || message.hasSuffix("at most 3650d") || message.hasPrefix("a watcher's name")
      || message.contains("the number 1, not a number")
  }
}

/// Changes of a catalog that concern the form of its values.
private enum Mutation {
  private static let values = [
    "xyz", "-1", "0", "0.5", "7", "1e9", "true", "[a, b]", "[1, 2]", "{ a: b }", "[]", "{}", "", "15s", "0s", "1y",
    "0..9",
    "\"a{b}\"", "a{b=\"c\"}", "a{b=c}", "gauge", "csv", "oldest", "[[a]]", "{ a: [b] }",
  ]

  static func mutant(of text: String, _ random: inout SplitMix) -> String {
    let document = YAMLDocument.parse(SourceFile(path: "", bytes: Array(text.utf8)))
    var entries: [(key: YAMLScalar, value: YAMLNode, isFlow: Bool)] = []
    func visit(_ node: YAMLNode) {
      switch node.content {
      case .scalar: break
      case .sequence(let items): for item in items { visit(item) }
      case .mapping(let mapping):
        entries += mapping.entries.map { ($0.key, $0.value, mapping.isFlow) }
        for entry in mapping.entries { visit(entry.value) }
      }
    }
    document.root.map(visit)
    let entry = entries[Int.random(in: 0..<entries.count, using: &random)]
    var bytes = Array(text.utf8)
    func replace(_ range: SourceRange, _ new: String) {
      bytes.replaceSubrange(range.start..<range.end, with: Array(new.utf8))
    }
    let column = entry.key.range.start - (bytes[..<entry.key.range.start].lastIndex(of: 0x0A) ?? -1) - 1
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      let start = SourceRange(entry.key.range.start, entry.key.range.start)
      replace(start, entry.isFlow ? "zzz: 1, " : "zzz: 1\n" + String(repeating: " ", count: column))
    case 1: replace(entry.key.range, "\(entry.key.text)zz")
    default:
      guard !entry.value.range.isEmpty, entry.value.scalar != nil || entry.isFlow else { break }
      replace(entry.value.range, values[Int.random(in: 0..<values.count, using: &random)])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
