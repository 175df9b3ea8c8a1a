import Foundation
import Queries
import Testing

@testable import MetricCatalog

struct RuleExamplesTests {
  private static let ids = RuleID.all + QueryChecks.ruleIDs

  /// The example in a rule's own file gives its id and nothing else, and what is put right gives nothing.
  @Test(arguments: CatalogLoader.ruleIDs.map(\.name)) func anExampleGivesItsIdAlone(name: String) throws {
    let id = try #require(CatalogLoader.ruleIDs.first { $0.name == name })
    let loading = try loadExample(id.triggers)
    let others: Set = id.name == "catalog/more" ? ["key/unknown", id.name] : [id.name]
    #expect(Set(loading.diagnostics.map(\.id)) == others, "\(render(loading))")
    #expect(Set(loading.diagnostics.filter { $0.id == id.name }.map(\.severity)) == [id.severity])
    guard !id.passes.isEmpty else { return }
    let passing = try loadExample(id.passes)
    #expect(passing.diagnostics.isEmpty, "\(render(passing))")
  }

  /// Lines that begin with `$ ` make the file, and the last one of them checks it.
  private func loadExample(_ example: String) throws -> CatalogLoading {
    guard example.hasPrefix("$ ") else { return load(RuleID.catalog(of: example)) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let commands = example.split(separator: "\n").map { $0.dropFirst(2) }
    #expect(commands.last == "training-exporter validate metrics.yaml")
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", commands.dropLast().joined(separator: "\n")]
    shell.currentDirectoryURL = folder
    try shell.run()
    shell.waitUntilExit()
    return CatalogLoader.load(path: folder.appending(path: "metrics.yaml").path, collectors: offered)
  }

  /// Each example with a `↓` gives one diagnostic there, of an id of its section, and the others give none.
  @Test func whatElseEachRuleFinds() throws {
    let sections = try fixture("rules.txt").split(separator: "\n== ").dropFirst().map { section in
      section.split(separator: "\n").map(String.init)
    }
    let titles = Rules.all.map { $0.ids.map(\.name).joined(separator: ", ") }
    let known = Set(sections.map { $0[0] })
    #expect(sections.map { $0[0] } == titles.filter(known.contains))
    let absence = Rules.all.filter { $0.concludesFromAbsence }.flatMap { $0.ids.map(\.name) }
    for section in sections {
      let own = Set(section[0].split(separator: ", ").map(String.init))
      // The small catalogs here lack much.
      let ignored = absence.filter { !own.contains($0) }
      var given = "version: 1\n"
      for line in section.dropFirst() {
        let lines = line.replacing("\\n", with: "\n") + "\n"
        if lines.hasPrefix("given ") {
          given = "version: 1\n" + lines.dropFirst("given ".count)
          continue
        }
        let text = given + lines
        let mark = text.range(of: "↓").map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) }
        let loading = load(text.replacing("↓", with: ""))
        let told = loading.diagnostics.filter { !ignored.contains($0.id) }
        #expect(told.compactMap { $0.range?.start } == [mark].compactMap(\.self), "\(render(loading))")
        #expect(told.allSatisfy { own.contains($0.id) }, "\(render(loading))")
        #expect((loading.catalog == nil) == loading.diagnostics.contains { $0.severity == .error })
      }
    }
  }

  /// `UPDATE_GOLDEN=1` writes the pages of docs/rules, and fails the run.
  @Test func everyIdHasItsPage() throws {
    let ids = Self.ids
    #expect(Set(ids.map(\.name)).count == ids.count)
    try expectGolden(RulePage.index(of: ids), at: repository.appending(path: "docs/rules.md"))
    let folder = repository.appending(path: RulePage.folder)
    for id in ids {
      let file = folder.appending(path: id.name + ".md")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      let page =
        QueryChecks.ruleIDs.contains(id)
        ? QueryChecks.page(of: id) { load($0, name: $1) } : RulePage(id) { load($0, name: $1) }
      try expectGolden(page.markdown, at: file)
    }
    let pages = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
    #expect(Set(pages) == Set(ids.map { $0.name + ".md" }), "a page without its id: remove it")
  }

  @Test(arguments: ids.map(\.name)) func everyIdSaysAllThereIsToSay(name: String) throws {
    let id = try #require(Self.ids.first { $0.name == name })
    #expect(name.wholeMatch(of: /[a-z]+\/[a-z-]+/) != nil)
    for text in [id.why, id.remedy] {
      #expect(text.count > 20 && text.hasSuffix("."), "\(text)")
      #expect(!text.contains("\n"))
    }
    #expect(!id.summary.hasSuffix(".") && (!id.triggers.isEmpty || name.hasPrefix("reference/")))
  }
}
