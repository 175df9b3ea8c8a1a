import Diagnostics
import MetricModel
import Testing

@testable import MetricCatalog

/// What the schema calls a default means the same as leaving the key out.
@Suite struct DefaultTests {
  @Test func aKeyWithItsDefaultSaysNothing() throws {
    for key in MetricDeclaration.keys.map(\.shaped) {
      guard let value = key.byDefault else { continue }
      let types = MetricDeclaration.keys.first { $0.name == key.name }?.types ?? []
      for type in types.isEmpty ? MetricType.allCases : types {
        let name = type == .counter ? "m_total" : "m"
        let start = "version: 1\nmetrics: { \(name): { type: \(type.rawValue), help: h"
        let given = try catalog("\(start), \(key.name): \(value.line) } }\n").metrics
        #expect(given == (try catalog("\(start) } }\n").metrics), "\(type): \(key.name)")
      }
    }
    for key in CatalogDeclaration.Limits.keys.map(\.shaped) {
      let value = try #require(key.byDefault).line
      #expect(try catalog("version: 1\nlimits: { \(key.name): \(value) }\n").limits == Catalog.Limits(), "\(key.name)")
    }
    for key in CatalogDeclaration.State.keys.map(\.shaped) {
      guard let value = key.byDefault?.line else { continue }
      let given = try catalog("version: 1\nstate: { \(key.name): \(value) }\n").state
      #expect(given == Catalog.StateSettings(), "\(key.name)")
    }
    let target = """
      version: 1
      metrics: { m: { type: gauge, help: h } }
      watchers: { w: { files: f, format: csv, fields: { x:
      """
    for key in TargetDeclaration.Long.keys.map(\.shaped) {
      guard let value = key.byDefault?.line else { continue }
      let given = try catalog("\(target) { metric: m, \(key.name): \(value) } } } }\n").watchers[0].fields[0].targets
      #expect(given == (try catalog("\(target) m } } }\n").watchers[0].fields[0].targets), "\(key.name)")
    }
    for key in RunDeclaration.keys.map(\.shaped) {
      guard let value = key.byDefault?.line else { continue }
      let run = "version: 1\nwatchers: { w: { files: f, format: csv, run: { score: s"
      let given = try catalog("\(run), \(key.name): \(value) } } }\n").watchers[0].run
      #expect(given == (try catalog("\(run) } } }\n").watchers[0].run), "\(key.name)")
    }
    for key in CollectorDeclaration.keys.map(\.shaped) {
      guard let value = key.byDefault?.line else { continue }
      let given = try catalog("version: 1\ncollectors: { system: { \(key.name): \(value) } }\n").collectors[0]
      let absent = Catalog.Collector(name: "system", readings: [])
      #expect(given.interval == absent.interval && given.timeout == absent.timeout, "\(key.name)")
    }
  }

  private func catalog(_ text: String) throws -> Catalog {
    let loading = load(text)
    return try #require(loading.catalog, "\(render(loading))")
  }
}
