internal import Tailing

/// Who makes one tree of a `Birth`, one call at a time: folders and a log below them, in one of several ways, more rows
/// later, and all of it anew after it was taken away. Its rows are other ones than those of all others.
final class TreeBuilder {
  enum Manner: CaseIterable {
    /// Each folder where it stands, from above.
    case inPlace
    /// Beside, and renamed as a whole.
    case renamed
    /// Beside, and the topmost new folder is a link that leads there.
    case linkedFolder
    /// The log is a link to a file beside.
    case linkedFile
    /// Each folder where it stands; the last one cannot be read until the log is there.
    case locked
  }

  let run: Int
  private(set) var manner = Manner.inPlace
  private(set) var path = ""
  /// The topmost folder that is no other tree's, too; or the log.
  private var own = ""
  private let files: SimulatedFileSystem
  private var random: SeededRandom
  private var calls: [() throws(SystemError) -> Void] = []
  private var rows = 0
  /// How many watchers follow the log.
  private var watchers = 1
  /// Names of what is prepared.
  private var prepared = 0
  /// What is to be taken away before it is made anew.
  private var top: String?

  init(run: Int, files: SimulatedFileSystem, random: SeededRandom) {
    self.run = run
    self.files = files
    self.random = random
    choosePlace()
  }

  var isDone: Bool { calls.isEmpty }
  var rowsExpected: Int { rows * watchers }

  func step() {
    guard !calls.isEmpty else { return }
    try? calls.removeFirst()()
  }

  /// Another tree, or more rows.
  func plan() {
    guard calls.isEmpty else { return }
    if let top, random.below(2) == 0 {
      removeAll(top)
      self.top = nil
      // It may be made anew at once, or much later.
      if random.below(2) == 0 { return make(after: top) }
    } else if top == nil {
      make()
    } else {
      write(to: path, isNew: false)
    }
  }

  /// - Parameter removed: what will be gone by then.
  private func make(after removed: String? = nil) {
    manner = Manner.allCases[random.below(Manner.allCases.count)]
    let folders = path.split(separator: "/").dropLast().map(String.init)
    let missing = folders.indices.first { last in
      let folder = Self.path(folders[...last])
      return folder == removed || files.node(at: folder) == nil
    }
    guard let missing else {
      // Nothing but the log can be made.
      top = path
      if manner == .linkedFile { linkFile() } else { write(to: path) }
      return
    }
    let top = Self.path(folders[...missing])
    self.top = own.count > top.count ? own : top
    let rest = folders[(missing + 1)...]
    prepared += 1
    let beside = "/prepared/\(run)-\(prepared)"
    switch manner {
    case .inPlace, .linkedFile, .locked:
      for last in missing..<folders.count { makeFolder(Self.path(folders[...last])) }
      let last = Self.path(folders[...])
      let isLocked = manner == .locked
      if isLocked { call { [files] () throws(SystemError) in try files.setReadable(false, last) } }
      if manner == .linkedFile { linkFile() } else { write(to: path) }
      if isLocked { call { [files] () throws(SystemError) in try files.setReadable(true, last) } }
    case .renamed, .linkedFolder:
      makeFolder(beside)
      var place = beside
      for name in rest {
        place += "/" + name
        makeFolder(place)
      }
      write(to: place + "/" + Self.name(path))
      if manner == .renamed {
        call { [files] () throws(SystemError) in try files.rename(beside, top) }
      } else {
        call { [files] () throws(SystemError) in try files.link(top, to: beside) }
      }
    }
  }

  private func choosePlace() {
    switch random.below(5) {
    case 0: (own, path) = ("/w/runs/r\(run)", "/w/runs/r\(run)/x/results.csv")
    case 1: (own, path) = ("/w/tree/a\(run)", "/w/tree/a\(run)/b/r\(run).csv")
    case 2: (own, path) = ("/scratch/deep/r\(run).csv", "/scratch/deep/r\(run).csv")
    default: (own, path) = ("/w/born\(run)", "/w/born\(run)/b/c/r\(run).csv")
    }
    watchers = path.hasPrefix("/w/runs") ? 2 : 1
  }

  /// Whether nothing that it makes is made by others, too.
  var isAlone: Bool { path.hasPrefix("/w/born") }

  private func linkFile() {
    let target = "/prepared/file\(run)-\(prepared)"
    prepared += 1
    write(to: target)
    call { [files, path] () throws(SystemError) in try files.link(path, to: target) }
  }

  /// A header where there is none, and rows; in one call, or in several.
  private func write(to path: String, isNew: Bool = true) {
    var text = isNew ? "loss,time\n" : ""
    for _ in 0...random.below(3) {
      rows += 1
      text += "\(run * 100_000 + rows),\(rows)\n"
    }
    if random.below(4) == 0 { write("", to: path) }
    let cut = random.below(2) == 0 ? random.below(text.utf8.count) : 0
    if cut > 0 { write(String(text.prefix(cut)), to: path) }
    write(String(text.dropFirst(cut)), to: path)
  }

  private func write(_ text: String, to path: String) {
    call { [files] () throws(SystemError) in
      files.trace?("    > write \(text.utf8.count) bytes to \(path)")
      try files.write(Array(text.utf8), to: path)
    }
  }

  private func makeFolder(_ path: String) {
    call { [files] () throws(SystemError) in
      files.trace?("    > make \(path)")
      try files.makeDirectory(path)
    }
  }

  private func removeAll(_ path: String) {
    guard let place = try? files.place(of: path, followsLast: false), let node = place.node else { return }
    for name in (node.entries ?? [:]).keys.sorted() { removeAll(path + "/" + name) }
    call { [files] () throws(SystemError) in
      files.trace?("    > remove \(path)")
      try files.remove(path)
    }
  }

  private func call(_ body: @escaping () throws(SystemError) -> Void) { calls.append(body) }

  private static func path(_ names: ArraySlice<String>) -> String { "/" + names.joined(separator: "/") }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
}
