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
