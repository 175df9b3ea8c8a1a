import Foundation
import Tailing
import Testing

/// Performs the system calls of real training tools on their logs, one by one, with a look after each.
@Suite struct RecordingTests {
  struct Call: Decodable {
    var op: String
    var path: String
    var flags: String?
    var off: Int?
    var data: String?
    var to: String?
    var n: Int?
    var bytesLatin1: String?

    enum CodingKeys: String, CodingKey {
      case op, path, flags, off, data, to, n
      case bytesLatin1 = "data_latin1"
    }

    var bytes: [UInt8] {
      bytesLatin1.map { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } } ?? Array((data ?? "").utf8)
    }
  }

  static let names = [
    "keras-append", "lightning-2.6-new-columns", "lightning-2.0-rewrites-every-flush", "mmengine",
    "stable-baselines3-overwrites-in-place", "transformers-checkpoints", "transformers-console-unbuffered",
    "ultralytics-resume",
  ]

  @Test(arguments: names) func whatWasSeenIsWhatTheFilesHold(name: String) throws {
    let scene = try Scene("**")
    let calls = try recording(name)
    var opened: [String: Int32] = [:]
    defer { for descriptor in opened.values { close(descriptor) } }
    for call in calls {
      try perform(call, in: scene, &opened)
      scene.look()
    }
    scene.rest()
    let files = try FileManager.default.subpathsOfDirectory(atPath: scene.root.path).filter { path in
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: scene.path(path), isDirectory: &isDirectory)
        && !isDirectory.boolValue
    }
    #expect(!files.isEmpty)
    for file in files {
      let content = try Data(contentsOf: URL(fileURLWithPath: scene.path(file)))
      let whole = content.prefix((content.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
      let lines = RecordingConsumer.lines(of: whole)
      let log = try #require(scene.consumer(file), "\(file)")
      #expect(log.lines == lines, "\(file)")
      #expect(log.timesVanished <= log.restarts, "\(file)")
    }
  }

  private func recording(_ name: String) throws -> [Call] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    let text = try String(contentsOf: folder.appendingPathComponent(name + ".jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Call.self, from: Data($0.utf8)) }
  }

  private func perform(_ call: Call, in scene: Scene, _ opened: inout [String: Int32]) throws {
    let path = scene.path(call.path)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    switch call.op {
    case "open":
      var flags = O_CREAT
      for (name, flag) in [
        ("O_WRONLY", O_WRONLY), ("O_RDWR", O_RDWR), ("O_APPEND", O_APPEND), ("O_TRUNC", O_TRUNC), ("O_EXCL", O_EXCL),
      ] where call.flags?.split(separator: "|").contains(Substring(name)) == true { flags |= flag }
      if let before = opened[path] { close(before) }
      opened[path] = open(path, flags, 0o644)
    case "write":
      let descriptor = opened[path] ?? open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
      opened[path] = descriptor
      if let offset = call.off { lseek(descriptor, offset, SEEK_SET) }
      try #require(write(descriptor, call.bytes, call.bytes.count) == call.bytes.count)
    case "close":
      if let descriptor = opened.removeValue(forKey: path) { close(descriptor) }
    case "truncate":
      try #require(truncate(path, call.n ?? 0) == 0)
    case "rename":
      try #require(rename(path, scene.path(call.to ?? "")) == 0)
    case "link":
      try #require(link(path, scene.path(call.to ?? "")) == 0)
    case "unlink":
      unlink(path)
    case "rmdir":
      rmdir(path)
    case "mkdir":
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    default:
      break
    }
  }
}
