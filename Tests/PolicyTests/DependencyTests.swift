import Foundation
import Testing

/// The packages that the program is built with are bound to one version each, and it says which.
struct DependencyTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: SourceTree.package.appending(path: path), encoding: .utf8)
  }

  /// By name.
  private static func bound() throws -> [String: String] {
    let matches = try text("Package.swift").matches(of: /bound\("\S*\/([a-z0-9-]+?)(?:\.git)?", "([0-9.]+)"\)/)
    return Dictionary(uniqueKeysWithValues: matches.map { (String($0.1), String($0.2)) })
  }

  @Test func theProgramSaysWhatItIsBuiltWith() throws {
    let said = try Self.text("Sources/training-exporter/BuiltWith.swift").matches(of: /\("([a-z0-9-]+)", "([0-9.]+)"\)/)
    let bound = try Self.bound()
    #expect(bound.count > 8)
    #expect(Dictionary(uniqueKeysWithValues: said.map { (String($0.1), String($0.2)) }) == bound)
    #expect(try Self.text("Package.swift").components(separatedBy: ".package(").count == 3, "each is bound")
  }

  private struct Resolved: Decodable {
    struct Pin: Decodable {
      struct State: Decodable { var version: String? }
      var identity: String
      var state: State
    }
    var pins: [Pin]
  }

  /// Packages that nothing of is built are resolved, too, and need not be bound.
  private static let unused = ["swift-system"]

  @Test func nothingElseIsResolved() throws {
    guard let resolved = try? Data(contentsOf: SourceTree.package.appending(path: "Package.resolved")) else { return }
    let pins = try JSONDecoder().decode(Resolved.self, from: resolved).pins
    let versions = Dictionary(uniqueKeysWithValues: pins.map { ($0.identity, $0.state.version) })
    let bound = try Self.bound()
    #expect(versions.filter { !Self.unused.contains($0.key) } == bound.mapValues { $0 })
  }
}
