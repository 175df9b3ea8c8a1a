import Collectors
import Foundation

/// A capture of `/proc` and `/sys` as one text file in ttar's form, laid out as a folder that collectors read in place
/// of `/`. The folder goes with it.
///
/// `Path: proc/stat`, `Lines: 3` and the lines; `Directory: …`; `SymlinkTo: …` under a path. In lines `NULLBYTE` stands
/// for a zero byte and `EOF` for the missing end of the last line. `Mode: …` is not looked at.
final class KernelArchive {
  let root: String

  /// - Parameter name: of a file in `Captures`, without `.ttar`.
  convenience init(capture name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Captures")
    try self.init(text: String(contentsOf: folder.appending(path: name + ".ttar"), encoding: .utf8))
  }

  init(text: String) throws {
    // In memory where that can be: tests that put a file in place a thousand times would wait for a busy disk.
    let memory = URL(filePath: "/dev/shm")
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    let folder = (isThere ? memory : FileManager.default.temporaryDirectory)
      .appending(path: "collectors-\(UUID().uuidString)")
    root = folder.path
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var index = 0
    var path = folder
    while index < lines.count {
      let line = lines[index]
      index += 1
      if let name = Self.value(line, "Directory: ") {
        try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
      } else if let name = Self.value(line, "Path: ") {
        path = folder.appending(path: name)
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(),
          withIntermediateDirectories: true
        )
      } else if let target = Self.value(line, "SymlinkTo: ") {
        try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: target)
      } else if let count = Self.value(line, "Lines: ").flatMap({ Int($0) }) {
        let end = min(index + count, lines.count)
        var content = lines[index..<end].joined(separator: "\n") + (count > 0 ? "\n" : "")
        content = content.replacing("NULLBYTE", with: "\0")
        if content.hasSuffix("EOF\n") { content.removeLast(4) }
        try Data(content.utf8).write(to: path)
        index = end
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// Puts a file in place, or another in its place.
  func write(_ path: String, _ content: String) throws {
    let url = URL(filePath: root + path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: url)
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + path) }

  private static func value(_ line: String, _ key: String) -> String? {
    line.hasPrefix(key) ? String(line.dropFirst(key.count)) : nil
  }
}

/// Bytes that a test hands to a parser.
func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
  Array(text.utf8).withUnsafeBufferPointer(body)
}

extension ReadingBatch {
  /// The values of a record by reading name, found by the collector's descriptor: what a test looks at.
  func values(_ collector: (some Collector).Type, _ record: String, _ labels: String...) -> [String: Double]? {
    guard let kind = collector.descriptor.records.firstIndex(where: { $0.name == record }),
      let found = records.first(where: { $0.kind == kind && Array($0.labels.prefix(labels.count)) == labels })
    else { return nil }
    let names = collector.descriptor.records[kind].readings.map(\.name)
    return Dictionary(
      uniqueKeysWithValues: zip(names, values[found.values]).compactMap { name, value in
        value.map { (name, $0) }
      }
    )
  }
}
