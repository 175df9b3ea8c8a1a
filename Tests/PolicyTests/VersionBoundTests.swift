import Foundation
import Testing

/// `bound` of `Package.swift`, tried on small packages: what it says where two of them want a version each.
@Suite struct VersionBoundTests {
  @Test(.timeLimit(.minutes(2))) func aPackageThatUsesThisOneDecides() throws {
    let packages = try SmallPackages()
    try packages.write("library")
    try packages.commit("library", versions: ["1.0.0", "1.1.0", "2.0.0"])
    let bound = #"bound("\#(packages.url("library"))", "1.0.0")"#
    try packages.write("exporter", [("library", bound)], try Self.bound())
    try packages.commit("exporter", versions: ["1.0.0"])
    #expect(try packages.resolve("exporter") == ["library": "1.0.0"], "this one and no other")

    let later = ("library", #".package(url: "\#(packages.url("library"))", from: "1.1.0")"#)
    let used = ("exporter", #".package(url: "\#(packages.url("exporter"))", from: "1.0.0")"#)
    try packages.write("user", [used, later])
    #expect(try packages.resolve("user") == ["exporter": "1.0.0", "library": "1.1.0"])

    try packages.write("neighbour", [("exporter", #".package(path: "../exporter")"#), later])
    #expect(throws: SmallPackages.Failure.self, "from a folder it is as in a build of its own") {
      try packages.resolve("neighbour")
    }
  }

  /// The function as the manifest has it.
  private static func bound() throws -> String {
    let manifest = try String(contentsOf: SourceTree.package.appending(path: "Package.swift"), encoding: .utf8)
    let start = try #require(manifest.range(of: "func bound(")).lowerBound
    let end = try #require(manifest.range(of: "\n}\n", range: start..<manifest.endIndex)).upperBound
    return String(manifest[start..<end])
  }
}

/// Packages of one library in a folder that goes with them.
private final class SmallPackages {
  struct Failure: Error {
    var output: String
  }

  private struct Resolved: Decodable {
    struct Pin: Decodable {
      struct State: Decodable { var version: String }
      var identity: String
      var state: State
    }
    var pins: [Pin]
  }

  private let folder = FileManager.default.temporaryDirectory.appending(path: "packages-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  func url(_ name: String) -> String { "file://\(folder.path)/\(name)" }

  /// - Parameters:
  ///   - dependencies: the packages whose library it uses, with what the manifest says of them.
  ///   - before: what stands above the package in the manifest.
  func write(_ name: String, _ dependencies: [(name: String, text: String)] = [], _ before: String = "") throws {
    let sources = folder.appending(path: "\(name)/Sources/\(name)")
    try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
    try Data().write(to: sources.appending(path: "T.swift"))
    let used = dependencies.map { #".product(name: "\#($0.name)", package: "\#($0.name)")"# }
    let manifest = """
      // swift-tools-version: 6.1
      import PackageDescription
      \(before)
      let package = Package(
        name: "\(name)",
        products: [.library(name: "\(name)", targets: ["\(name)"])],
        dependencies: [\(dependencies.map(\.text).joined(separator: ", "))],
        targets: [.target(name: "\(name)", dependencies: [\(used.joined(separator: ", "))])]
      )

      """
    try Data(manifest.utf8).write(to: folder.appending(path: "\(name)/Package.swift"))
  }

  func commit(_ name: String, versions: [String]) throws {
    let user = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    try run("git", "init", "-q", in: name)
    try run("git", "add", "-A", in: name)
    try run(["git"] + user + ["commit", "-q", "-m", "t"], in: name)
    for version in versions { try run("git", "tag", "--no-sign", version, in: name) }
  }

  /// Which versions are taken, by name.
  @discardableResult func resolve(_ name: String) throws -> [String: String] {
    try run("swift", "package", "--cache-path", folder.appending(path: "cache").path, "resolve", in: name)
    let file = folder.appending(path: "\(name)/Package.resolved")
    let pins = try JSONDecoder().decode(Resolved.self, from: Data(contentsOf: file)).pins
    return Dictionary(uniqueKeysWithValues: pins.map { ($0.identity, $0.state.version) })
  }

  private func run(_ arguments: String..., in name: String) throws { try run(arguments, in: name) }

  private func run(_ arguments: [String], in name: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = folder.appending(path: name)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(output: String(decoding: bytes, as: UTF8.self)) }
  }
}
