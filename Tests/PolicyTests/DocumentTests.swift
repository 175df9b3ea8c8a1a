import Foundation
import Testing

/// What the documents point at exists.
struct DocumentTests {
  @Test func everyLinkResolves() throws {
    var count = 0
    for document in try SourceTree.documents() {
      let text = try SourceTree.text(document)
      let folder = SourceTree.package.appending(path: document).deletingLastPathComponent()
      for match in text.matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") && !match.1.hasPrefix("mailto:") {
        count += 1
        let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let file = parts[0].isEmpty ? SourceTree.package.appending(path: document) : folder.appending(path: parts[0])
        #expect(FileManager.default.fileExists(atPath: file.path), "\(document): \(match.1)")
        guard parts.count == 2, let target = try? String(contentsOf: file, encoding: .utf8) else { continue }
        #expect(Self.anchors(of: target).contains(String(parts[1])), "\(document): \(match.1)")
      }
    }
    #expect(count > 5)
  }

  @Test func everyMakeTargetThatIsNamedExists() throws {
    let makefile = try SourceTree.text("Makefile")
    let targets = Set(makefile.matches(of: /(?m)^([a-z][a-z-]*):/).map { String($0.1) })
    for document in try SourceTree.documents() {
      for match in try SourceTree.text(document).matches(of: /`?\bmake ([a-z-]+)`/) {
        #expect(targets.contains(String(match.1)), "\(document): make \(match.1)")
      }
    }
    #expect(targets.isSuperset(of: ["deps", "build", "test", "demo", "lint", "bench", "clean", "help"]))
  }

  @Test func noDocumentNamesAPathOfOneMachine() throws {
    for document in try SourceTree.documents() {
      let text = try SourceTree.text(document)
      #expect(!text.contains(/(^|[\s`"(=])\/(root|home|work)\//), "\(document)")
    }
  }

  /// Folders, files and types of the project, and a word each of HTTP and of Foundation.
  private static let known = Result {
    let paths = try ["Sources", "Tests", "Fuzz", "Benchmarks", "tools"].flatMap { try SourceTree.paths(below: $0) }
    let declaration = /\b(?:struct|class|enum|protocol|actor|typealias|import) (\w+)/
    var known = Set(paths.flatMap { $0.split(separator: "/") }.map(String.init))
    for path in paths where path.hasSuffix(".swift") {
      known.formUnion(try SourceTree.text(path).matches(of: declaration).map { String($0.1) })
    }
    return known.union(["Accept", "JSONDecoder"])
  }

  /// Pages that explain the code name types, folders and files that there are. `X` stands for a name that a reader chooses.
  @Test(arguments: ["docs/architecture.md", "docs/state.md", "CONTRIBUTING.md"])
  func whatIsSaidOfTheCodeExists(document: String) throws {
    let known = try Self.known.get()
    var count = 0
    let reference = /`([A-Z]\w*[a-z]\w*)((?:\+\w+)?\.swift|\.[A-Z]\w*[a-z]\w*)?(?:[.(][^`\/]*)?`/
    for match in try SourceTree.text(document).matches(of: reference) {
      let more = match.2.map(String.init) ?? ""
      let names =
        more.hasPrefix(".") && !more.hasSuffix(".swift")
        ? [String(match.1), String(more.dropFirst())] : [match.1 + more]
      count += 1
      for name in names where name.wholeMatch(of: /X[A-Z].*/) == nil {
        #expect(known.contains(name), "there is no \(name)")
      }
    }
    #expect(count > 5)
  }

  /// Headings as GitHub turns them into anchors.
  private static func anchors(of text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
        line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " " }
          .replacing(" ", with: "-")
      }
    )
  }
}
