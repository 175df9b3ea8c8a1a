import Foundation

/// The sources, the manifest and the table of rooms, as text; what the policy tests look at.
struct SourceTree {
  struct File {
    /// Relative to the package.
    var path: String
    /// Without comments.
    var code: [(line: Int, text: String)]
  }

  struct Room {
    var name: String
    /// Local targets that the manifest gives it.
    var dependencies: Set<String>
  }

  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The rooms of `docs/architecture.md`, lowest first, each with what it may import.
  static func table() throws -> [Room] {
    var rooms: [Room] = []
    for line in try text("docs/architecture.md").split(separator: "\n") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count == 5, let name = names(cells[1]).first else { continue }
      let allowed = cells[3] == "all above" ? Set(rooms.map(\.name)) : Set(names(cells[3]))
      rooms.append(Room(name: name, dependencies: allowed))
    }
    return rooms
  }

  /// The targets of `Package.swift` that are not tests, in its order.
  static func targets() throws -> [Room] {
    let manifest = try text("Package.swift")
    let starts = manifest.matches(of: /\.(target|executableTarget|systemLibrary|testTarget)\(\s*name: "([^"]+)"/)
    return starts.enumerated().compactMap { index, start in
      guard start.1 != "testTarget" else { return nil }
      let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : manifest.endIndex
      let body = manifest[start.range.upperBound..<end]
      let list = body.firstMatch(of: /dependencies: \[((?:[^\[\]]|\[[^\[\]]*\])*)\]/)?.1 ?? ""
      let local = list.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"([^"]+)"/).map { String($0.1) }
      return Room(name: String(start.2), dependencies: Set(local))
    }
  }

  /// Every Swift file below a folder.
  static func swiftFiles(in folder: String) throws -> [File] {
    try paths(below: folder).filter { $0.hasSuffix(".swift") }.map { path in
      let lines = try text(path).split(separator: "\n", omittingEmptySubsequences: false)
      let code = lines.enumerated().map { index, line in
        (line: index + 1, text: String(line.replacing(/(^|\s)\/\/.*$/, with: "")))
      }
      return File(path: path, code: code)
    }
  }

  /// Markdown files of the project.
  static func documents() throws -> [String] {
    let top = try FileManager.default.contentsOfDirectory(atPath: package.path)
    let folders = ["docs", "examples", "Benchmarks", "Tests"]
    return try (top + folders.flatMap { try paths(below: $0) }).filter { $0.hasSuffix(".md") }.sorted()
  }

  static func paths(below folder: String) throws -> [String] {
    let enumerator = FileManager.default.enumerator(atPath: package.appending(path: folder).path)
    return (enumerator?.compactMap { $0 as? String } ?? []).map { "\(folder)/\($0)" }.sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: package.appending(path: path), encoding: .utf8)
  }

  /// The words between backticks.
  private static func names(_ cell: String) -> [String] {
    cell.matches(of: /`([^`]+)`/).map { String($0.1) }
  }
}
