import Foundation

/// What a real training tool did to its logs, system call by system call, as `strace` saw it.
package struct LogRecording: Sendable {
  package struct Call: Decodable, Sendable {
    package var op: String
    package var path: String
    /// Seconds since the first call.
    package var t: Double?
    var flags: String?
    var off: Int?
    var data: String?
    var to: String?
    var n: Int?
    var bytesLatin1: String?

    enum CodingKeys: String, CodingKey {
      case op, path, t, flags, off, data, to, n
      case bytesLatin1 = "data_latin1"
    }

    package var bytes: [UInt8] {
      bytesLatin1.map { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } } ?? Array((data ?? "").utf8)
    }
  }

  package var name: String
  package var calls: [Call]

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recordings")

  package static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(".jsonl".count)) }.sorted()
  }()

  package init(_ name: String) throws {
    self.name = name
    let text = try String(contentsOf: Self.folder.appending(path: name + ".jsonl"), encoding: .utf8)
    calls = try text.split(separator: "\n").map { try JSONDecoder().decode(Call.self, from: Data($0.utf8)) }
  }
}

/// Performs a recording's calls below a folder.
package final class LogPerformer {
  private let root: String
  private var opened: [String: Int32] = [:]

  package init(in root: String) {
    self.root = root
  }

  deinit {
    for descriptor in opened.values { close(descriptor) }
  }

  package struct Failed: Error {
    package var call: String
    package var code: Int32
  }

  package func perform(_ call: LogRecording.Call) throws {
    let path = root + "/" + call.path
    let folder = URL(filePath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    switch call.op {
    case "open":
      if let before = opened[path] { close(before) }
      opened[path] = open(path, Self.flags(call.flags ?? ""), 0o644)
    case "write":
      let descriptor = opened[path] ?? open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
      opened[path] = descriptor
      if let offset = call.off { lseek(descriptor, offset, SEEK_SET) }
      let bytes = call.bytes
      try check(Glibc.write(descriptor, bytes, bytes.count) == bytes.count, call)
    case "close":
      if let descriptor = opened.removeValue(forKey: path) { close(descriptor) }
    case "truncate":
      try check(truncate(path, call.n ?? 0) == 0, call)
    case "rename":
      try check(rename(path, root + "/" + (call.to ?? "")) == 0, call)
    case "link":
      try check(link(path, root + "/" + (call.to ?? "")) == 0, call)
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

  private static func flags(_ text: String) -> Int32 {
    let known = [
      ("O_WRONLY", O_WRONLY), ("O_RDWR", O_RDWR), ("O_APPEND", O_APPEND), ("O_TRUNC", O_TRUNC), ("O_EXCL", O_EXCL),
    ]
    let names = text.split(separator: "|")
    return known.reduce(O_CREAT) { names.contains(Substring($1.0)) ? $0 | $1.1 : $0 }
  }

  private func check(_ isDone: Bool, _ call: LogRecording.Call) throws {
    if !isDone { throw Failed(call: "\(call.op) \(call.path)", code: errno) }
  }
}
