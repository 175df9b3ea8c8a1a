import Foundation
import LogStations
import Tailing
import Testing

/// Whoever may write into one folder shows nothing by links that is not their own.
@Suite struct LinkTests {
  private let files = WatchedFileSystem()
  private let elsewhere: LogFolder

  init() throws {
    elsewhere = try LogFolder()
    try Data("secret\n".utf8).write(to: elsewhere.url.appending(path: "x.csv"))
  }

  private func scene(followsLinks: Bool = false) throws -> Scene {
    let scene = try Scene(["**/*.csv"], files: files, followsLinks: followsLinks)
    try scene.append("own\n", to: "own.csv")
    return scene
  }

  private func link(_ name: String, to target: String, in scene: Scene) throws {
    try FileManager.default.createSymbolicLink(
      atPath: scene.path(name),
      withDestinationPath: elsewhere.url.appending(path: target).path
    )
  }

  @Test func whatIsNotTheirOwnersIsNotFollowed() throws {
    files.linkOwner = 4_000_000_000
    let scene = try scene()
    try link("folder", to: "", in: scene)
    try link("file.csv", to: "x.csv", in: scene)
    for _ in 0..<3 { scene.rest() }
    #expect(scene.consumers.map(\.lines) == [["own"]])
    #expect(scene.counters.linksRefused.load(ordering: .relaxed) == 2)
    #expect(scene.warnings.count == 2)
    let warning = try #require(scene.warnings.first { $0.contains("file.csv") })
    #expect(warning.contains("belongs to user 4000000000, and what it leads to to user \(getuid())"))
    #expect(warning.contains("`links: follow`"))
  }

  @Test func whatIsTheirOwnersIsFollowedAndAllOfItWhereTheWatcherSaysSo() throws {
    let own = try scene()
    try link("folder", to: "", in: own)
    try link("file.csv", to: "x.csv", in: own)
    own.look()
    #expect(own.consumers.map(\.lines).sorted { $0[0] < $1[0] } == [["own"], ["secret"]])

    files.linkOwner = 4_000_000_000
    let all = try scene(followsLinks: true)
    try link("folder", to: "", in: all)
    all.look()
    #expect(all.consumers.map(\.lines).sorted { $0[0] < $1[0] } == [["own"], ["secret"]])
    #expect(all.warnings.isEmpty)
  }

  /// What was looked at was no link; what is opened then is one, or lies behind one.
  @Test(arguments: ["inner/run/a.csv", "inner/run"]) func aNameThatBecomesALinkShowsNothing(swapped: String) throws {
    let outside = elsewhere.url.appending(path: "inner/run")
    try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
    try Data("secret\n".utf8).write(to: outside.appending(path: "a.csv"))
    try Data("secret\n".utf8).write(to: outside.appending(path: "b.csv"))
    let scene = try scene()
    try FileManager.default.createDirectory(atPath: scene.path("inner/run"), withIntermediateDirectories: true)
    try scene.append("a\n", to: "inner/run/a.csv")
    scene.look()
    files.linkOwner = 4_000_000_000
    try FileManager.default.moveItem(atPath: scene.path(swapped), toPath: scene.path("aside"))
    try link(swapped, to: swapped, in: scene)
    for _ in 0..<3 { scene.rest(looksEverywhere: false) }
    for _ in 0..<3 { scene.rest() }
    #expect(!scene.consumers.contains { $0.lines.contains("secret") })
  }
}
