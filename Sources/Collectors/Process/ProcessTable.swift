internal import Glibc

/// The processes there are, each with its line of `stat` and with what the catalog's entries say of it. It keeps the
/// verdicts, so that a process whose program stays the same is looked at once: its command line and its environment are
/// read then, and never kept. It groups and counts nothing.
package final class ProcessTable {
  /// A process; its id alone may be another's later.
  package struct Identity: Hashable, Sendable {
    package var id: UInt64
    package var startTicks: UInt64

    package init(id: UInt64, startTicks: UInt64) {
      self.id = id
      self.startTicks = startTicks
    }
  }

  /// A process that matches: the labels it gets, and no more of what was read.
  package struct Label: Sendable, Hashable {
    package var names: [String]
    package var values: [String]

    package init(names: [String], values: [String]) {
      self.names = names
      self.values = values
    }
  }

  package struct Process: Sendable {
    package var identity: Identity
    package var stat: ProcessStat
    /// As the kernel shows it.
    package var name: String
    /// Nil: it matches no entry.
    package var label: Label?

    package init(identity: Identity, stat: ProcessStat, name: String, label: Label?) {
      self.identity = identity
      self.stat = stat
      self.name = name
      self.label = label
    }
  }

  /// More processes are left out: each costs a file at each collection.
  static let processesMax = 1 << 16
  /// Processes that are looked at for the first time in one collection; the others wait for the next one.
  static let verdictsMax = 4096
  /// A training's environment has some KiB; variables behind these are not seen.
  static let environmentBytesMax = 256 << 10

  private struct Entry {
    var identity: Identity
    /// What changes when a process runs another program or takes another name.
    var flags: UInt64
    var stackStart: UInt64
    var name: [UInt8]
    var text: String
    var label: Label?
    /// What could not be read; the verdict may be wrong.
    var problem: String?
    var round: UInt64

    func isOf(_ stat: ProcessStat, named name: UnsafeBufferPointer<UInt8>) -> Bool {
      identity.startTicks == stat.startTicks && stackStart == stat.stackStart
        && (flags ^ stat.flags) & ProcessStat.programFlags == 0 && self.name.elementsEqual(name)
    }
  }

  /// This one.
  static var ownProcess: UInt64 { UInt64(getpid()) }

  private let files: KernelFiles
  private let matches: [(entry: ProcessMatch, labelNames: [String])]
  /// This process, which is no training whatever its arguments say; nil below another root.
  private let own: UInt64?
  private var entries: [UInt64: Entry] = [:]
  /// Parents before their children, whose end shows in the parents' numbers: read the other way round, a child that ends
  /// in between would count twice.
  private var order: [UInt64] = []
  private var round: UInt64 = 0
  private var users = UserNumbers()
  private var commandLine: [UInt8] = []

  init(_ files: KernelFiles, matches: [ProcessMatch], own: UInt64?) {
    self.files = files
    self.matches = matches.map { ($0, $0.labelNames) }
    self.own = own
  }

  /// Reads all processes, parents first, without the kernel's own threads. Those that this user may not see are left out.
  func scan(into batch: inout ReadingBatch) -> [Process] {
    let ids: [UInt64]
    do {
      ids = try files.numbers("/proc", most: Self.processesMax + 1)
    } catch {
      batch.fail(error.reason ?? "/proc: there is no such folder")
      return []
    }
    if ids.count > Self.processesMax {
      batch.fail("/proc: more than \(Self.processesMax) processes, the others are left out")
    }
    for name in matches.flatMap(\.entry.users) where users[name] == nil { batch.fail("there is no user `\(name)`") }
    round += 1
    var new: [UInt64] = []
    for id in ids.prefix(Self.processesMax) {
      if entries[id] == nil { new.append(id) } else { entries[id]?.round = round }
    }
    var verdicts = 0
    var found: [Process] = []
    found.reserveCapacity(ids.count)
    for id in order.filter({ entries[$0]?.round == round }) + new {
      if let process = read(id, &verdicts, &batch) {
        found.append(process)
      } else {
        entries[id] = nil
      }
    }
    if entries.count > found.count { entries = entries.filter { $0.value.round == round } }
    found.sort { ($0.identity.startTicks, $0.identity.id) < ($1.identity.startTicks, $1.identity.id) }
    order = found.map(\.identity.id)
    found.removeAll { $0.stat.isKernelThread }
    return found
  }

  private func read(_ id: UInt64, _ verdicts: inout Int, _ batch: inout ReadingBatch) -> Process? {
    var isSame = false
    let known = entries[id]
    var name: [UInt8] = []
    let path = "/proc/\(id)/stat"
    guard
      let stat = try? files.read(
        path,
        { bytes -> ProcessStat? in
          guard let stat = ProcessStat(parsing: bytes), let text = ProcessStat.name(in: bytes) else { return nil }
          isSame = known?.isOf(stat, named: text) ?? false
          if !isSame { name = Array(text) }
          return stat
        }
      )
    else { return nil }
    let identity = Identity(id: id, startTicks: stat.startTicks)
    if isSame, let known {
      if let problem = known.problem { batch.fail(problem) }
      return Process(identity: identity, stat: stat, name: known.text, label: known.label)
    }
    var entry = Entry(
      identity: identity,
      flags: stat.flags,
      stackStart: stat.stackStart,
      name: name,
      text: String(decoding: name, as: UTF8.self),
      label: known?.identity == identity ? known?.label : nil,
      round: round
    )
    // A zombie has neither arguments nor an environment any more, and is what it was.
    if !stat.isKernelThread, !stat.isZombie, id != own {
      guard verdicts < Self.verdictsMax else {
        return Process(identity: identity, stat: stat, name: entry.text, label: nil)
      }
      verdicts += 1
      judge(id, &entry)
    }
    if let problem = entry.problem { batch.fail(problem) }
    entries[id] = entry
    return Process(identity: identity, stat: stat, name: entry.text, label: entry.label)
  }
}

extension ProcessTable {
  /// Finds the first entry that the process matches.
  private func judge(_ id: UInt64, _ entry: inout Entry) {
    entry.label = nil
    entry.problem = nil
    guard readCommandLine(id) else { return }
    let user = matches.contains { !$0.entry.users.isEmpty } ? readUser(id) : nil
    for match in matches {
      guard match.entry.users.isEmpty || match.entry.users.contains(where: { user != nil && users[$0] == user }) else {
        continue
      }
      var problem: String?
      let outcome = entry.name.withUnsafeBufferPointer { name in
        commandLine.withUnsafeBufferPointer { command in
          match.entry.match(ProcessMatch.Subject(name: name, commandLine: command)) { body in
            do throws(KernelFiles.Failure) {
              try files.read("/proc/\(id)/environ", most: Self.environmentBytesMax) { body($0) }
              return true
            } catch {
              problem = error.reason
              return false
            }
          }
        }
      }
      switch outcome {
      case .matched(let values):
        entry.label = Label(names: match.labelNames, values: values)
        entry.problem = nil
        return
      case .failed: break
      case .unknown:
        // Others' processes are unreadable for good reason, unless it is known that they are meant.
        if match.entry.name != nil || match.entry.commandLine != nil { entry.problem = problem }
      }
    }
  }

  /// Whose it is: the user by whom it is judged what it may do; nil: that cannot be read.
  private func readUser(_ id: UInt64) -> UInt64? {
    let user = try? files.read("/proc/\(id)/status") { bytes -> UInt64? in
      var lines = ByteScanner(bytes)
      while var line = lines.line() {
        // `Uid: 1000 1000 1000 1000`: real, effective, saved, of file systems.
        guard let key = line.word(), key.equals("Uid:") else { continue }
        _ = line.word()
        return line.integer()
      }
      return nil
    }
    return user ?? nil
  }

  /// False: it has none. The arguments are ended by zero bytes.
  private func readCommandLine(_ id: UInt64) -> Bool {
    let most = ProcessMatch.commandLineBytesMax
    commandLine.removeAll(keepingCapacity: true)
    let result: Void? = try? files.read("/proc/\(id)/cmdline", most: most) { commandLine.append(contentsOf: $0) }
    guard result != nil else { return false }
    while commandLine.last == 0 { commandLine.removeLast() }
    for index in commandLine.indices where commandLine[index] == 0 { commandLine[index] = UInt8(ascii: " ") }
    return !commandLine.isEmpty
  }
}

extension KernelFiles.Failure {
  /// Nil: what is not there is no problem.
  fileprivate var reason: String? {
    if case .unreadable(let reason) = self { reason } else { nil }
  }
}
