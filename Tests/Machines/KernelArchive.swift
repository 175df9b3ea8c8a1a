import Foundation

/// A capture of `/proc` and `/sys` as one text file in ttar's form, laid out as a folder that collectors read in place
/// of `/`. The folder goes with it.
///
/// `Path: proc/stat`, `Lines: 3` and the lines; `Directory: …`; `SymlinkTo: …` under a path. In lines `NULLBYTE` stands
/// for a zero byte and `EOF` for the missing end of the last line. `Mode: …` is not looked at.
package final class KernelArchive {
  package let root: String

  /// - Parameter name: of a file in `Captures`, without `.ttar`.
  package convenience init(capture name: String) throws { try self.init(text: Self.capture(name)) }

  package init(text: String) throws {
    // In memory where that can be: tests that put a file in place a thousand times would wait for a busy disk.
    let memory = URL(filePath: "/dev/shm")
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    let folder = (isThere ? memory : FileManager.default.temporaryDirectory)
      .appending(path: "collectors-\(UUID().uuidString)")
    root = folder.path
    try Self.lay(text, in: folder)
  }

  package static func capture(_ name: String) throws -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Captures")
    return try String(contentsOf: folder.appending(path: name + ".ttar"), encoding: .utf8)
  }

  /// Makes files of the text, below the folder.
  package static func lay(_ text: String, in folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var index = 0
    var path = folder
    while index < lines.count {
      let line = lines[index]
      index += 1
      if let name = value(line, "Directory: ") {
        try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
      } else if let name = value(line, "Path: ") {
        path = folder.appending(path: name)
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(),
          withIntermediateDirectories: true
        )
      } else if let target = value(line, "SymlinkTo: ") {
        try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: target)
      } else if let count = value(line, "Lines: ").flatMap({ Int($0) }) {
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
  package func write(_ path: String, _ content: String) throws {
    let url = URL(filePath: root + path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: url)
  }

  package func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + path) }

  private static func value(_ line: String, _ key: String) -> String? {
    line.hasPrefix(key) ? String(line.dropFirst(key.count)) : nil
  }
}
