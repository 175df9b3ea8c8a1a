import LogStations
import Testing

@testable import Tailing

/// What is decided, as text: each block is what is there, one file a line with its number and what it holds, and below
/// it what the table asked (`?`) with the answer, and what it decided.
@Suite struct LogTableTests {
  private let sketch = Sketch()

  @Test func aLogIsRenamedAndItsNameIsTakenByANewOne() {
    expect("x.log 1 one", "begin x.log")
    expect(
      """
      x.log.1 1 one
      x.log 2 two
      """,
      """
      ? x.log.1 holds x.log: yes
      follow x.log to x.log.1
      begin x.log
      """
    )
  }

  @Test func aLogIsReplaced() {
    expect("x.log 1 one", "begin x.log")
    expect(
      "x.log 2 two",
      """
      ? x.log begins with x.log: no
      ? name of x.log: none
      finish x.log
      begin x.log
      """
    )
  }

  @Test func aLogIsRemoved() {
    expect("x.log 1 one", "begin x.log")
    expect("", "? name of x.log: none\nwait x.log")
    sketch.pass(50)
    expect("", "? name of x.log: none\nend x.log")
    expect("x.log 2 two", "begin x.log")
  }

  @Test func aLogComesBackInTime() {
    expect("x.log 1 one", "begin x.log")
    expect("", "? name of x.log: none\nwait x.log")
    expect("x.log 1 one", "keep x.log")
  }

  @Test func aLogGetsANameThatNoPatternReaches() {
    expect("x.log 1 one", "begin x.log")
    expect(
      "x.old 1 one",
      """
      ? name of x.log: x.old
      read on x.log
      """
    )
  }

  @Test func theNumberOfALogWithoutContentSaysNothing() {
    expect("x.log 1", "begin x.log")
    expect(
      "x.old 1 foreign",
      """
      ? name of x.log: none
      ? name of x.log: none
      wait x.log
      """
    )
  }

  @Test func oneMoreNameOfAFileIsNothing() {
    expect("b.log 1 one", "begin b.log")
    expect("a.log 1 one\nb.log 1 one", "")
    expect(
      "a.log 1 one",
      """
      ? a.log holds b.log: yes
      follow b.log to a.log
      """
    )
  }

  @Test func aFileThatALinkLeadsToIsReadUnderItsOwnName() {
    expect("latest.log 1 one", "begin latest.log")
    expect("latest.log 1 one\nz1.log 1 one", "? z1.log holds latest.log: yes\nfollow latest.log to z1.log")
    expect("latest.log 2 two\nz1.log 1 one\nz2.log 2 two", "begin z2.log")
    expect(
      "latest.log 2 two\nz1.log 1 one",
      "? latest.log holds z2.log: yes\nfollow z2.log to latest.log"
    )
  }

  /// Copied, then truncated, then renamed: what `logrotate` does with `copytruncate` in three steps.
  @Test func aLogIsCopiedTruncatedAndRenamed() {
    expect("x.log 1 one", "begin x.log")
    expect("x.log 1 one\nx.log.1 2 one", "? x.log.1 could be a copy of x.log: yes")
    expect(
      "x.log 1 two\nx.log.1 2 one",
      """
      ? x.log.1 begins with x.log: yes
      adopt x.log.1 for x.log
      begin x.log
      """
    )
    expect(
      "x.log 1 two\nx.log.2 2 one",
      """
      ? x.log.2 holds x.log.1: yes
      follow x.log.1 to x.log.2
      """
    )
  }

  /// What took a log along is its file now, whatever else has the same content.
  @Test func aLogWithATwinIsCopiedAndTruncated() {
    expect("x.log 1 one", "begin x.log")
    expect("x.log 1 one\ny.log 2 one", "? y.log could be a copy of x.log: yes")
    sketch.pass(2_000)
    expect("x.log 1 one\ny.log 2 one", "look x.log\nbegin y.log")
    expect("x.log 1 one\nx.log.1 3 one\ny.log 2 one", "? x.log.1 could be a copy of x.log: yes")
    expect(
      "x.log 1 two\nx.log.1 3 one\ny.log 2 one",
      """
      ? x.log.1 begins with x.log: yes
      adopt x.log.1 for x.log
      begin x.log
      """
    )
  }

  @Test func aLogThatWasCopiedIsRemoved() {
    expect("x.log 1 one", "begin x.log")
    expect("x.log 1 one\nx.log.1 2 one", "? x.log.1 could be a copy of x.log: yes")
    expect(
      "x.log.1 2 one",
      """
      ? x.log.1 begins with x.log: yes
      ? name of x.log: none
      adopt x.log.1 for x.log
      """
    )
  }

  @Test func aLogIsTruncatedWithoutACopy() {
    expect("x.log 1 one\ny.log 2 other", "begin x.log\nbegin y.log")
    expect("x.log 1 two\ny.log 2 other", "restart x.log")
  }

  /// Its directory is listed later than the log is looked at.
  @Test func aLogIsTruncatedBeforeItsCopyIsListed() {
    expect("x.log 1 one", "begin x.log")
    sketch.isSearching = true
    expect("x.log 1 two", "")
    expect("x.log 1 two", "")
    expect(
      "x.log 1 two\nx.log.1 2 one",
      """
      ? x.log.1 begins with x.log: yes
      adopt x.log.1 for x.log
      begin x.log
      """
    )
  }

  @Test func aLogIsReadAnewWhenNoCopyIsListed() {
    expect("x.log 1 one", "begin x.log")
    sketch.isSearching = true
    expect("x.log 1 two", "")
    expect("x.log 1 two\nx.log.1 2 other", "? x.log.1 begins with x.log: no\nbegin x.log.1")
    sketch.isSearching = false
    expect("x.log 1 two\nx.log.1 2 other", "restart x.log")
  }

  @Test func anEqualFileIsReadOnceItHasWaited() {
    expect("x.log 1 one", "begin x.log")
    expect("x.log 1 one\ny.log 2 one", "? y.log could be a copy of x.log: yes")
    sketch.pass(2_000)
    expect("x.log 1 one\ny.log 2 one", "look x.log\nbegin y.log")
  }

  private func expect(_ world: String, _ decided: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(sketch.settle(world) == decided, sourceLocation: sourceLocation)
  }
}

/// A watcher's table on files that are words; plays all that surrounds it.
private final class Sketch: LogHands {
  struct File: Equatable {
    var name: String
    var inode: UInt64
    var content: String

    var status: FileStatus { FileStatus(device: 1, inode: inode, size: content.utf8.count, modified: 1, changed: 1) }
  }

  private lazy var table = LogTable(watcher: 0, hands: self)
  private var files: [String: File] = [:]
  private var lines: [String] = []
  private var begun: [FollowedLog] = []
  private var read: [ObjectIdentifier: String] = [:]
  private(set) var now: Int64 = 0
  let vanishTime: Int64 = 50_000_000
  let vanishedLogsMax = 10
  let namesPerTurnMax = 100
  let isLooking = false
  var isSearching = false

  func pass(_ milliseconds: Int64) { now += milliseconds * 1_000_000 }

  /// What follows when this is all there is.
  func settle(_ world: String) -> String {
    lines = []
    let there = world.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      return File(name: String(words[0]), inode: UInt64(words[1]) ?? 0, content: words.dropFirst(2).joined())
    }
    let before = files
    files = Dictionary(uniqueKeysWithValues: there.map { ($0.name, $0) })
    for name in Set(before.keys).union(files.keys).filter(isMatched) where before[name]?.inode != files[name]?.inode {
      table.note(LogPath(name), before: before[name].map(found), after: files[name].map(found))
    }
    table.checkHeld(everything: false)
    for log in table.logs.values { look(at: log) }
    table.checkWaited()
    table.settle()
    for log in table.logs.values where log.isOverwritten && !isSearching {
      lines.append("restart \(log.path.text)")
      begun.append(log)
    }
    for log in table.logs.values where log.standing == .adopted { log.standing = .following }
    for log in begun {
      guard let file = files[log.path.text] else { continue }
      log.tracker.restart()
      _ = try? log.tracker.observe(file.status, now: .max) { _ in true }
      Array(file.content.utf8).withUnsafeBytes { log.tracker.consume($0) }
      log.head = Array(file.content.utf8)
      read[ObjectIdentifier(log)] = file.content
      log.standing = .following
      log.hadContentAt = now
      table.update(log)
    }
    begun = []
    return lines.joined(separator: "\n")
  }

  private func look(at log: FollowedLog) {
    if case .missing = log.standing { table.unsettle(log.path) }
    guard let file = files[log.path.text], log.standing == .following, log.file == FileID(file.status) else { return }
    log.hadContentAt = now
    if !file.content.hasPrefix(content(of: log)) {
      _ = table.noteOverwritten(log, mayBeListed: true, isFrequent: false)
    }
  }

  private func content(of log: FollowedLog) -> String { read[ObjectIdentifier(log)] ?? "" }

  private func isMatched(_ name: String) -> Bool { name.contains(".log") }

  private func answer(_ question: String, _ isSo: Bool) -> Bool {
    lines.append("? \(question): \(isSo ? "yes" : "no")")
    return isSo
  }

  // MARK: Questions

  func listed(_ path: LogPath, _ watcher: Int) -> Discovery.Found? {
    isMatched(path.text) ? files[path.text].map(found) : nil
  }

  /// A name that begins with `latest` leads through a link.
  private func found(_ file: File) -> Discovery.Found {
    let isLink = file.name.hasPrefix("latest")
    return Discovery.Found(
      path: LogPath(file.name),
      status: PathStatus(kind: .regular, file: file.status),
      isLink: isLink,
      isDetour: isLink,
      watchers: [0]
    )
  }

  func status(of path: LogPath) -> FileStatus? { files[path.text]?.status }
  func isMatched(_ path: LogPath, _ watcher: Int) -> Bool { isMatched(path.text) }
  func topFolder(of path: LogPath) -> LogPath { path }
  func isFarFromEnd(_ log: FollowedLog) -> Bool { false }
  func isTooOld(_ found: Discovery.Found, _ watcher: Int) -> Bool { false }
  func isSearching(_ log: FollowedLog) -> Bool { isSearching }
  func mayBeOld(_ directory: LogPath?) -> Bool { false }

  func leads(_ path: LogPath, to log: FollowedLog) -> Bool {
    answer("\(path.text) holds \(log.path.text)", isContinuation(files[path.text], of: log))
  }

  private func isContinuation(_ file: File?, of log: FollowedLog) -> Bool {
    guard let file, !content(of: log).isEmpty else { return false }
    return file.inode == log.file?.inode && file.content.hasPrefix(content(of: log))
  }

  func currentName(of log: FollowedLog) -> LogPath? {
    let name = files.values.first { isContinuation($0, of: log) }?.name
    lines.append("? name of \(log.path.text): \(name ?? "none")")
    return name.map { LogPath($0) }
  }

  func isLinked(_ log: FollowedLog) -> Bool { false }

  func begins(_ path: LogPath, with log: FollowedLog) -> Bool {
    answer("\(path.text) begins with \(log.path.text)", files[path.text]?.content.hasPrefix(content(of: log)) == true)
  }

  func compare(_ path: LogPath, _ status: FileStatus, with log: FollowedLog) -> Bool? {
    guard let file = files[path.text] else { return nil }
    let isEqual = file.content == content(of: log)
    if isEqual { lines.append("? \(path.text) could be a copy of \(log.path.text): yes") }
    return isEqual ? true : nil
  }

  func head(of path: LogPath) -> [UInt8]? { files[path.text].map { Array($0.content.utf8) } }
  func hasLines(_ path: LogPath, within bytes: Int) -> Bool {
    files[path.text]?.content.utf8.prefix(bytes).count { $0 == UInt8(ascii: "\n") } ?? 0 > 1
  }

  func isBeginning(_ path: LogPath, _ status: FileStatus, of log: FollowedLog) -> Bool {
    files[path.text].map { content(of: log).hasPrefix($0.content) } ?? false
  }

  // MARK: Decisions

  func makeLog(_ found: Discovery.Found, _ watcher: Int) -> FollowedLog {
    let file = makeFile(found)
    let consumer = RecordingConsumer(file)
    return FollowedLog(file, at: found.path, .awaited(found.id), consumer: consumer, counters: TailerCounters())
  }

  func carryOut(_ decision: LogDecision) {
    switch decision {
    case .begin(let log, _):
      lines.append("begin \(log.path.text)")
      begun.append(log)
    case .keep(let log, _): lines.append("keep \(log.path.text)")
    case .follow(let log, let found): lines.append("follow \(log.consumerPath) to \(found?.path.text ?? "nothing")")
    case .adopt(let log, let copy):
      lines.append("adopt \(copy.path.text) for \(log.path.text)")
      log.tracker.follow(copy.status.file)
      (log.consumer as? RecordingConsumer)?.handle(.moved(to: makeFile(copy)))
    case .readOn(let log): lines.append("read on \(log.path.text)")
    case .wait(let log): lines.append("wait \(log.path.text)")
    case .finish(let log, let isReplaced): lines.append("\(isReplaced ? "finish" : "end") \(log.path.text)")
    case .drain, .list: break
    case .drop(let log): lines.append("drop \(log.path.text)")
    case .look(let log): lines.append("look \(log.path.text)")
    case .forget(let log): lines.append("forget \(log.path.text)")
    case .refuse(let found, _): lines.append("refuse \(found.path.text)")
    }
    if case .follow(let log, let found?) = decision {
      (log.consumer as? RecordingConsumer)?.handle(.moved(to: makeFile(found)))
    }
  }

  private func makeFile(_ found: Discovery.Found) -> LogFile {
    LogFile(watcher: 0, path: found.path.text, captures: [:], status: found.status.file)
  }
}

extension FollowedLog {
  /// The name that its consumer knows.
  fileprivate var consumerPath: String { (consumer as? RecordingConsumer)?.path ?? "" }
}
