internal import Diagnostics
internal import PatternSyntax
package import Tailing

/// Why a pattern leads to no log: how far it leads, and what is there that comes near. For people.
package struct MissingFiles: Sendable, Hashable {
  /// The pattern, as it is written.
  package var pattern = ""
  /// What is so, as a sentence without its full stop.
  package var message: String
  /// What may be meant.
  package var help: String?

  /// How many entries of folders are looked at for one pattern, if nobody else waits meanwhile.
  package static let entriesMax = 20_000
  /// How many names of a folder are told.
  private static let namesMax = 5

  /// Looks why a watcher has no logs: one answer for each of its patterns.
  ///
  /// - Parameter entriesMax: how many entries of folders are looked at for one pattern. Each costs some 5 µs.
  package static func reasons(of watcher: TailedWatcher, entriesMax: Int = MissingFiles.entriesMax) -> [MissingFiles] {
    watcher.files.map { pattern in
      var reason = reason(of: pattern, watcher, RealFileSystem(), entriesMax: entriesMax)
      reason.pattern = pattern.source
      return reason
    }
  }

  static func reason(
    of pattern: Pattern,
    _ watcher: TailedWatcher,
    _ files: any FileSystem,
    entriesMax: Int = MissingFiles.entriesMax
  ) -> MissingFiles {
    var search = Search(watcher, PathPattern(pattern, root: watcher.root), files, left: entriesMax)
    let base = LogPath(search.pattern.base.isEmpty ? "." : search.pattern.base)
    let said = "`\(pattern.source)`"
    if let missing = search.missingFolder(of: base) {
      return MissingFiles(message: "\(said) matches no file: \(missing.message)", help: missing.help)
    }
    search.walk(base)
    if !search.matching.isEmpty { return whyLeftOut(search.matching, said, watcher) }
    let deepest = search.deepest ?? base
    if let error = search.failed[deepest] {
      return MissingFiles(message: "\(said) matches no file: cannot list \(deepest.text): \(error.text)")
    }
    let names = search.entries[deepest] ?? []
    let wanted = search.wantedName
    let near = wanted.flatMap { Spelling.closest(to: $0, among: names) }
    let there =
      names.isEmpty ? "\(deepest.text) is empty" : "in \(deepest.text) there is \(list(names, first: near))"
    return MissingFiles(
      message: "\(said) matches no file: \(there)",
      help: near.map { "did you mean `\($0)`?" }
    )
  }

  private static func whyLeftOut(_ found: [LogPath], _ said: String, _ watcher: TailedWatcher) -> MissingFiles {
    let excluding = watcher.exclude.map { PathPattern($0, root: watcher.root) }
    let kept = found.filter { path in excluding.allSatisfy { $0.match(path.bytes) == nil } }
    let count = found.count == 1 ? "the one file" : "all \(found.count) files"
    if kept.isEmpty {
      return MissingFiles(
        message: "\(said) matches \(found[0].text), and `exclude` leaves out \(count) that it matches"
      )
    }
    return MissingFiles(
      message: "\(said) matches \(kept[0].text), and \(count) that it matches did not change for longer than "
        + "`ignore_older`"
    )
  }

  /// Some of the names in a folder.
  private static func list(_ names: [String], first: String?) -> String {
    var shown = names.sorted()
    if let first { shown = [first] + shown.filter { $0 != first } }
    let rest = shown.count - namesMax
    return shown.prefix(namesMax).map { "`\($0)`" }.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private struct Search {
    let pattern: PathPattern
    let files: any FileSystem
    private(set) var matching: [LogPath] = []
    /// The folder that the pattern leads to over the most others.
    private(set) var deepest: LogPath?
    private(set) var entries: [LogPath: [String]] = [:]
    private(set) var failed: [LogPath: SystemError] = [:]
    private var depth = -1
    private var left: Int
    private let watcher: TailedWatcher

    init(_ watcher: TailedWatcher, _ pattern: PathPattern, _ files: any FileSystem, left: Int) {
      self.watcher = watcher
      self.pattern = pattern
      self.files = files
      self.left = left
    }

    /// The name that the pattern wants in the deepest folder, if it writes that out.
    var wantedName: String? {
      let segments = pattern.pattern.source.split(separator: "/").map(String.init)
      guard !segments.contains(where: { $0.contains("**") }) else { return nil }
      // A relative pattern has fewer segments than the path of its base: what is left behind that counts from the end.
      let place = segments.count - (Self.count(pattern.pattern, behind: pattern.base)) + max(depth, 0)
      guard segments.indices.contains(place), !segments[place].contains(where: { "{*".contains($0) }) else {
        return nil
      }
      return segments[place]
    }

    /// How many segments of a pattern stand behind its base.
    private static func count(_ pattern: Pattern, behind base: String) -> Int {
      let segments = pattern.source.split(separator: "/")
      let fixed = segments.prefix { !$0.contains("{") && !$0.contains("*") }.count
      return segments.count - min(fixed, segments.count - 1)
    }

    /// Why the base is no folder; nil: it is one.
    func missingFolder(of base: LogPath) -> MissingFiles? {
      for path in sequence(first: base, next: \.parent).reversed() {
        do throws(SystemError) {
          if try files.status(of: path).kind == .directory { continue }
          return MissingFiles(message: "\(path.text) is no folder")
        } catch {
          let name = String(decoding: path.name, as: UTF8.self)
          guard error.meansAbsent else { return MissingFiles(message: "cannot look at \(path.text): \(error.text)") }
          guard let parent = path.parent else { return MissingFiles(message: "there is no folder `\(path.text)`") }
          var names: [String] = []
          try? files.list(parent) { name, kind, _ in
            if kind != .regular { names.append(String(decoding: name, as: UTF8.self)) }
            return names.count < MissingFiles.entriesMax
          }
          let near = Spelling.closest(to: name, among: names)
          return MissingFiles(
            message: "there is no folder `\(name)` in \(parent.text)",
            help: near.map { "did you mean `\($0)`?" }
          )
        }
      }
      return nil
    }

    mutating func walk(_ base: LogPath) {
      var waiting = [(path: base, position: pattern.start, depth: 0)]
      while !waiting.isEmpty, left > 0 {
        let (path, position, depth) = waiting.removeFirst()
        if depth > self.depth { (self.depth, deepest) = (depth, path) }
        for (name, kind) in list(path, below: base) {
          let entry = path.appending(name)
          if kind == .regular, pattern.accepts(position, name: name) { matching.append(entry) }
          guard kind == .directory, depth < TailerLimits.depthMax,
            let next = pattern.descend(position, into: name)
          else { continue }
          waiting.append((entry, next, depth + 1))
        }
      }
    }

    /// The entries of a folder, with what links lead to that are followed. What others would not show nobody is told.
    private mutating func list(_ path: LogPath, below base: LogPath) -> [(name: [UInt8], kind: EntryKind)] {
      var found: [(name: [UInt8], kind: EntryKind)] = []
      do throws(SystemError) {
        let directory = try files.openDirectory(path, below: base) { watcher.follows($0, to: $1, user: files.user) }
        defer { files.close(directory) }
        try files.list(directory) { name, kind, _ in
          found.append((name, kind))
          left -= 1
          return left > 0
        }
        entries[path] = found.map { String(decoding: $0.name, as: UTF8.self) }
        found = found.compactMap { name, kind in
          guard kind == .link || kind == .unknown else { return (name, kind) }
          guard let status = try? files.status(of: name, in: directory) else { return nil }
          guard let target = status.target else { return (name, status.itself.kind) }
          return watcher.follows(status.itself, to: target, user: files.user) ? (name, target.kind) : nil
        }
      } catch {
        failed[path] = error
        entries[path] = entries[path] ?? []
      }
      return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }
  }
}
