import Foundation
import LogStations
import Tailing
import Testing

/// Random file-system actions with random looks between them; in the end what was seen is what the files hold.
@Suite struct RandomWriterTests {
  static let seeds: [UInt64] = Array(1...60) + [UInt64.random(in: 1000 ... .max)]

  @Test(arguments: seeds) func whatWasSeenIsWhatTheFilesHold(seed: UInt64) throws {
    var generator = SplitMix(state: seed)
    let scene = try Scene("**/*.log")
    var history: [String] = []
    for step in 0..<120 {
      // A link that leads in a circle is no place to write to.
      history.append((try? act(step, in: scene, &generator)) ?? "nothing")
      if Int.random(in: 0..<3, using: &generator) == 0 {
        scene.look()
        history.append("look")
      } else if Int.random(in: 0..<20, using: &generator) == 0 {
        scene.rest()
        history.append("rest")
      }
    }
    scene.look()
    scene.rest()
    scene.look()
    let trace = "seed \(seed): \(history.joined(separator: "; "))"
    var seen: Set<UInt64> = []
    var unfollowed: [(name: String, inode: UInt64)] = []
    for name in existing(in: scene) {
      var raw = stat()
      try #require(stat(scene.path(name), &raw) == 0)
      let content = try Data(contentsOf: URL(fileURLWithPath: scene.path(name)))
      guard let log = scene.follower(of: name) else {
        unfollowed.append((name, UInt64(raw.st_ino)))
        continue
      }
      #expect(seen.insert(UInt64(raw.st_ino)).inserted, "\(name) twice, \(trace)")
      let whole = content.prefix((content.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
      let isEqual = log.lines == RecordingConsumer.lines(of: whole)
      #expect(isEqual, "\(name): \(log.lines.prefix(3)), \(content.count) bytes, \(trace)")
    }
    // One of several names of a file is enough.
    for (name, inode) in unfollowed { #expect(seen.contains(inode), "\(name), \(trace)") }
  }

  private let names = ["a.log", "b.log", "d/c.log", "d/e.log", "f/c.log"]

  private func existing(in scene: Scene) -> [String] {
    names.filter { name in
      var raw = stat()
      return stat(scene.path(name), &raw) == 0 && raw.st_mode & S_IFMT == S_IFREG
    }
  }

  private func act(_ step: Int, in scene: Scene, _ generator: inout SplitMix) throws -> String {
    for directory in ["d", "f"] where !FileManager.default.fileExists(atPath: scene.path(directory)) {
      try scene.makeDirectory(directory)
    }
    let name = names.randomElement(using: &generator) ?? ""
    let other = names.randomElement(using: &generator) ?? ""
    let exists = existing(in: scene).contains(name)
    let line = "line \(step) \(String(repeating: "x", count: Int.random(in: 0..<40, using: &generator)))\n"
    switch Int.random(in: 0..<16, using: &generator) {
    case 0...3:
      try scene.append(line, to: name)
      return "append \(name)"
    case 4:
      try scene.append("part \(step)", to: name)
      return "append a part to \(name)"
    case 5:
      try scene.append((0..<4_000).map { "many \(step) \($0)\n" }.joined(), to: name)
      return "append much to \(name)"
    case 6:
      try scene.truncateAndWrite(line, to: name)
      return "truncate \(name)"
    case 7:
      guard exists else { return "nothing" }
      let content = try Data(contentsOf: URL(fileURLWithPath: scene.path(name)))
      try scene.truncateAndWrite(String(decoding: content, as: UTF8.self) + line, to: name)
      return "rewrite \(name) with more"
    case 8:
      guard exists else { return "nothing" }
      try scene.overwrite("HEADER \(step)\n", in: name)
      return "overwrite the beginning of \(name)"
    case 9:
      try scene.replace(name, with: line + line)
      return "replace \(name)"
    case 10:
      guard exists, name != other else { return "nothing" }
      try scene.rename(name, other)
      return "rename \(name) to \(other)"
    case 11:
      guard exists else { return "nothing" }
      try scene.remove(name)
      return "remove \(name)"
    case 12:
      guard exists, unlink(scene.path(name)) == 0 else { return "nothing" }
      try scene.append(line, to: name)
      return "remove and make \(name)"
    case 13, 14:
      guard exists, name != other else { return "nothing" }
      let content = try Data(contentsOf: URL(fileURLWithPath: scene.path(name)))
      try scene.truncateAndWrite(String(decoding: content, as: UTF8.self), to: other)
      guard Bool.random(using: &generator) else { return "copy \(name) to \(other)" }
      if Bool.random(using: &generator) { scene.look() }
      if Bool.random(using: &generator) {
        try scene.remove(name)
        return "copy \(name) to \(other) and remove it"
      }
      try scene.truncateAndWrite(Bool.random(using: &generator) ? "" : line, to: name)
      return "copy \(name) to \(other) and truncate it"
    default:
      guard exists, !FileManager.default.fileExists(atPath: scene.path(other)) else { return "nothing" }
      if Bool.random(using: &generator) {
        unlink(scene.path(other))
        try scene.link(other, to: scene.path(name))
        return "link \(other) to \(name)"
      }
      try? FileManager.default.removeItem(atPath: scene.path("d2"))
      try scene.rename("d", "d2")
      try scene.rename("d2", "f/../d")
      return "move d away and back"
    }
  }
}
