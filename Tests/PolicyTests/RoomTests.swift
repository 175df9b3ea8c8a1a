import Foundation
import Testing

/// A target imports what `docs/architecture.md` and `Package.swift` let it import, and nothing else.
struct RoomTests {
  @Test func theTableAndTheManifestAgree() throws {
    let table = try SourceTree.table()
    let targets = try SourceTree.targets()
    #expect(table.count > 5)
    #expect(targets.map(\.name) == table.map(\.name).filter(Set(targets.map(\.name)).contains), "another order")
    for target in targets {
      let room = try #require(table.first { $0.name == target.name }, "\(target.name) is not in the table")
      let extra = target.dependencies.subtracting(room.dependencies)
      #expect(extra.isEmpty, "Package.swift lets \(target.name) import \(extra.sorted())")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: SourceTree.package.appending(path: "Sources").path)
    {
      #expect(targets.contains { $0.name == name }, "Sources/\(name) is no target")
    }
  }

  /// What somebody wrote into the top folder to try something does not stay there.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: SourceTree.package.appending(path: ".git").path), "no git"))
  func theTopFolderHasWhatAStrangerExpects() throws {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-C", SourceTree.package.path, "ls-files", "-z"]
    let pipe = Pipe()
    git.standardOutput = pipe
    try git.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    git.waitUntilExit()
    let top = Set(output.split(separator: "\0").compactMap { $0.split(separator: "/").first }.map(String.init))
    #expect(
      top.filter { !$0.hasPrefix(".") }.sorted() == [
        "Benchmarks", "CHANGELOG.md", "CONTRIBUTING.md", "Fuzz", "LICENSE", "Makefile", "Package.swift", "README.md",
        "SECURITY.md", "Sources", "Tests", "action.yml", "deploy", "docs", "examples", "metrics.yaml", "schemas",
        "tools",
      ]
    )
  }

  @Test func everyImportIsAllowed() throws {
    let targets = try SourceTree.targets()
    let names = Set(targets.map(\.name))
    for target in targets {
      for file in try SourceTree.swiftFiles(in: "Sources/\(target.name)") {
        for (line, module) in imports(of: file) {
          let isLocal = names.contains(module)
          #expect(
            !isLocal || target.dependencies.contains(module),
            "\(file.path):\(line): \(target.name) may not import \(module)"
          )
          #expect(!module.hasPrefix("Foundation"), "\(file.path):\(line): Foundation is too large for the product")
        }
      }
    }
  }

  @Test func everyRoomThatATargetIsGivenIsImported() throws {
    for target in try SourceTree.targets() {
      let files = try SourceTree.swiftFiles(in: "Sources/\(target.name)")
      let unused = target.dependencies.subtracting(files.flatMap(imports).map(\.module))
      #expect(files.isEmpty || unused.isEmpty, "\(target.name) imports no \(unused.sorted())")
    }
  }

  private func imports(of file: SourceTree.File) -> [(line: Int, module: String)] {
    let kinds = "(?:struct|class|enum|protocol|func|typealias|let|var)"
    let pattern = try? Regex(
      #"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:\#(kinds)\s+)?(\w+)"#,
      as: (Substring, Substring).self
    )
    return file.code.compactMap { line, text in
      guard let pattern, let match = text.firstMatch(of: pattern) else { return nil }
      return (line, String(match.1))
    }
  }

  @Test(arguments: ["import A", "  package import A", "@testable import A", "@preconcurrency public import struct A.B"])
  func anImportIsFound(text: String) {
    let file = SourceTree.File(path: "", code: [(1, text)])
    #expect(imports(of: file).map(\.module) == ["A"])
  }
}
