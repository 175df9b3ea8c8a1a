internal import PatternSyntax

/// What the watchers' patterns say of paths, whether there is such a file or not. Pure.
struct WatchedPatterns {
  /// How a pattern stands in a directory.
  struct Reached: Hashable {
    fileprivate var rule: Int
    fileprivate var position: PathPattern.Position
  }

  private struct Rule {
    var watcher: Int
    var pattern: PathPattern
  }

  private let rules: [Rule]
  private let excluded: [[PathPattern]]
  /// The watchers that follow links, whoever made them.
  private let followers: Set<Int>
  /// Each watcher alone, as nearly all files have it: one array for all of them.
  private let oneWatcher: [[Int]]
  /// The directories that the patterns begin with.
  let bases: [LogPath: [Reached]]

  init(_ watchers: [TailedWatcher]) {
    var rules: [Rule] = []
    for (index, watcher) in watchers.enumerated() {
      rules += watcher.files.map { Rule(watcher: index, pattern: PathPattern($0, root: watcher.root)) }
    }
    var bases: [LogPath: [Reached]] = [:]
    for (index, rule) in rules.enumerated() {
      let base = LogPath(rule.pattern.base.isEmpty ? "." : rule.pattern.base)
      bases[base, default: []].append(Reached(rule: index, position: rule.pattern.start))
    }
    self.rules = rules
    followers = Set(watchers.indices.filter { watchers[$0].followsLinks })
    self.bases = bases
    oneWatcher = watchers.indices.map { [$0] }
    excluded = watchers.map { watcher in watcher.exclude.map { PathPattern($0, root: watcher.root) } }
  }

  /// What an entry of a directory could be: a file that ends these patterns, and a directory that these lead into.
  func follow(_ name: [UInt8], _ kind: EntryKind, from reached: [Reached]) -> (ending: [Reached], leading: [Reached]) {
    var ending: [Reached] = []
    var leading: [Reached] = []
    for state in reached {
      let pattern = rules[state.rule].pattern
      if kind != .directory, pattern.accepts(state.position, name: name) { ending.append(state) }
      if kind != .regular, let next = pattern.descend(state.position, into: name) {
        leading.append(Reached(rule: state.rule, position: next))
      }
    }
    return (ending, leading)
  }

  /// The folder just below the fixed part of a pattern that a directory is in, or the fixed part itself.
  func topFolder(ofDirectory path: LogPath) -> LogPath {
    if bases[path] != nil { return path }
    var below = path
    while let above = below.parent {
      if bases[above] != nil { return below }
      below = above
    }
    return path
  }

  /// The same of a file.
  func topFolder(of path: LogPath) -> LogPath { path.parent.map(topFolder(ofDirectory:)) ?? path }

  /// How the patterns stand of those watchers that follow all links.
  func followingLinks(_ reached: [Reached]) -> [Reached] {
    reached.filter { followers.contains(rules[$0.rule].watcher) }
  }

  /// The watchers whose patterns stand somewhere.
  func watchers(of reached: [Reached]) -> Set<Int> { Set(reached.map { rules[$0.rule].watcher }) }

  /// The watchers that want a file which ends these patterns.
  func watchers(of path: LogPath, ending: [Reached]) -> [Int] {
    var watchers: [Int] = []
    for watcher in ending.lazy.map({ rules[$0.rule].watcher }) where !watchers.contains(watcher) {
      if !isExcluded(path, watcher) { watchers.append(watcher) }
    }
    return watchers.count == 1 ? oneWatcher[watchers[0]] : watchers.sorted()
  }

  /// What the first of a watcher's patterns that matches a path takes from it; nil: it is none of the watcher's.
  func captures(of path: LogPath, watcher: Int) -> [String: String]? {
    guard !isExcluded(path, watcher) else { return nil }
    for rule in rules where rule.watcher == watcher {
      guard let taken = rule.pattern.match(path.bytes) else { continue }
      return Dictionary(zip(rule.pattern.pattern.captureNames, taken), uniquingKeysWith: { first, _ in first })
    }
    return nil
  }

  private func isExcluded(_ path: LogPath, _ watcher: Int) -> Bool {
    excluded[watcher].contains { $0.match(path.bytes) != nil }
  }
}
