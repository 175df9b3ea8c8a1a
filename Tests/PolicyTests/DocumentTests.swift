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
