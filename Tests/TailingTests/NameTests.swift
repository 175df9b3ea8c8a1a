import Clocks
import Foundation
import Testing

@testable import Tailing

/// Names that are strange, long, or lead elsewhere.
@Suite struct NameTests {
  @Test(arguments: [
    "-rf", "a*b?[c]", "a\\b", "\"quoted\" 'name'", "{braces}", "new\nline", "tab\t", " blank ",
    String(repeating: "x", count: 250),
  ])
  func anyName(name: String) throws {
    let scene = try Scene("{name}.log")
    try scene.append("a\n", to: name + ".log")
    scene.look()
    try scene.append("b\n", to: name + ".log")
    scene.look()
    #expect(scene.only?.file.captures == ["name": name])
    #expect(scene.only?.lines == ["a", "b"])
  }

  @Test func directoriesThatAreTooDeepAreLeftAlone() throws {
    let scene = try Scene("**/x.log")
    let deep = Array(repeating: "d", count: TailerLimits.depthMax)
    try scene.makeDirectory(deep.joined(separator: "/") + "/e")
    try scene.append("a\n", to: deep.joined(separator: "/") + "/x.log")
    try scene.append("b\n", to: deep.joined(separator: "/") + "/e/x.log")
    scene.look()
    #expect(scene.only?.lines == ["a"])
  }

  @Test func aLinkThatLeadsOutOfTheRootIsFollowed() throws {
    let elsewhere = try Scene("*")
    try elsewhere.append("a\n", to: "target")
    let scene = try Scene("*.log")
    try scene.link("x.log", to: elsewhere.path("target"))
    scene.look()
    try elsewhere.append("b\n", to: "target")
    scene.look()
    #expect(scene.only?.lines == ["a", "b"])
  }

  /// `latest` leads to the newest run, as many trainers make it: before the run's folder in the alphabet, and after it.
  @Test(arguments: ["a", "latest"]) func aRunThatALinkLeadsToHasItsOwnName(latest: String) throws {
    let scene = try Scene("{run}/results.csv")
    try scene.makeDirectory("b1")
    try scene.append("a\n", to: "b1/results.csv")
    try scene.link(latest, to: "b1")
    scene.look()
    try scene.makeDirectory("b2")
    try scene.append("c\n", to: "b2/results.csv")
    try scene.link(".next", to: "b2")
    try scene.rename(".next", latest)
    try scene.append("b\n", to: "b1/results.csv")
    scene.look()
    try scene.append("d\n", to: "b2/results.csv")
    scene.look()
    #expect(scene.consumers.map { $0.file.captures["run"] } == ["b1", "b2"])
    #expect(scene.consumers.map(\.lines) == [["a", "b"], ["c", "d"]])
  }

  @Test func aFileReplacedByALinkIsAnotherFile() throws {
    let scene = try Scene("x.log")
    try scene.append("a\n", to: "x.log")
    scene.look()
    try scene.append("b\n", to: "other")
    try scene.remove("x.log")
    try scene.link("x.log", to: "other")
    scene.look()
    #expect(scene.only?.lines == ["b"])
    #expect(scene.only?.restarts == 1)
  }

  @Test func aLinkThatIsRemovedEndsItsLog() throws {
    let scene = try Scene("x.log")
    try scene.append("a\nb", to: "target")
    try scene.link("x.log", to: "target")
    scene.look()
    try scene.remove("x.log")
    scene.look()
    scene.rest()
    #expect(scene.only?.timesVanished == 1)
    try scene.append("c\n", to: "target")
    scene.look()
    try scene.link("x.log", to: "target")
    scene.look()
    #expect(scene.only?.lines == ["a", "bc"])
  }

  @Test func logsThatAreGoneAreForgottenWhenTheyAreTooMany() throws {
    let scene = try Scene("runs/*.log")
    var options = TailerOptions()
    options.usesInotify = false
    options.vanishedLogsMax = 3
    let clock = Scene.Clock()
    let tailer = Tailer(
      watchers: scene.watchers,
      options: options,
      clock: { clock.now },
      open: { RecordingConsumer($0) }
    )
    func look() {
      clock.monotonic += 1_000_000_000
      tailer.turn(looksEverywhere: true)
    }
    for (count, kept) in [(3, 3), (1, 0)] {
      try scene.makeDirectory("runs")
      for number in 0..<count { try scene.append("a\n", to: "runs/\(count)-\(number).log") }
      look()
      try scene.remove("runs")
      for _ in 0..<3 { look() }
      #expect(tailer.tables[0].logs.count == kept)
    }
  }

  @Test func remoteFileSystemsAreKnownByTheirTypes() {
    let known = RemoteDevices.parse(
      """
      36 35 98:0 / /mnt rw,noatime shared:1 - nfs4 server:/export rw
      37 35 0:45 / /fuse rw - fuse.sshfs host: rw
      38 35 8:1 / / rw,relatime shared:1 master:2 - ext4 /dev/sda1 rw
      39 35 nonsense
      """
    )
    #expect(known == [98 << 8: true, 45: true, 8 << 8 | 1: false])
  }
}
