internal import Glibc
package import Tailing

/// inotify on the simulated file system: watches stand on inodes, and what it tells can be lost, come twice, come late,
/// or overflow. One exporter's; the next one begins with none.
package final class SimulatedNotifier: ChangeNotifier {
  /// Never waited on.
  package var descriptor: Int32? { hasDescriptor ? -1 : nil }
  package private(set) var shortage: SystemError?

  /// What happens to the events to come.
  package struct Disturbance {
    package var lost = 0
    package var doubled = 0
    package var delayed = 0
    package var delayNanoseconds: Int64 = 0
  }

  private enum Event {
    case entry(UInt64, name: String, isStructural: Bool)
    case itself(UInt64)
    case gone(UInt64)
    case overflow
  }

  var disturbance = Disturbance()
  /// Whether the next watch is refused for want of room.
  var isFull = false
  private let hasDescriptor: Bool
  private let files: SimulatedFileSystem
  private var queue: [(event: Event, due: Int64)] = []
  /// By the watched node's watch, which no other node ever gets.
  private var paths: [UInt64: Set<LogPath>] = [:]
  private var watches: [LogPath: UInt64] = [:]
  private var watchOfNode: [ObjectIdentifier: UInt64] = [:]
  private var nodes: [UInt64: SimulatedFileSystem.Node] = [:]
  private var nextWatch: UInt64 = 1

  init(files: SimulatedFileSystem, usesEvents: Bool) {
    self.files = files
    hasDescriptor = usesEvents
    files.changed = { [unowned self] node, name, change in
      guard let watch = watchOfNode[ObjectIdentifier(node)] else { return }
      if let name {
        send(.entry(watch, name: name, isStructural: change == .name))
      } else {
        send(.itself(watch))
      }
    }
    files.deleted = { [unowned self] node in
      guard let watch = watchOfNode[ObjectIdentifier(node)] else { return }
      queue.append((.gone(watch), files.clock.monotonic))
    }
  }

  /// Whether an event waits to be read.
  var hasNotes: Bool { queue.contains { $0.due <= files.clock.monotonic } }

  package func add(_ path: LogPath, forNames: Bool) {
    files.beforeCall()
    files.trace?("watch \(path.text)")
    guard hasDescriptor, let node = try? files.place(of: path.text, asRoot: false).node, node.isReadable else { return }
    let known = watchOfNode[ObjectIdentifier(node)]
    if known == nil, isFull {
      shortage = SystemError(code: ENOSPC)
      return
    }
    let watch = known ?? nextWatch
    if known == nil {
      nextWatch += 1
      watchOfNode[ObjectIdentifier(node)] = watch
      nodes[watch] = node
    }
    if let before = watches[path], before != watch { forget(path, of: before) }
    watches[path] = watch
    paths[watch, default: []].insert(path)
  }

  package func covers(_ path: LogPath) -> Bool { watches[path] != nil }

  package func prune(keeping isWanted: (LogPath) -> Bool) {
    for (path, watch) in watches.sorted(by: { $0.key < $1.key }) where !isWanted(path) {
      watches[path] = nil
      forget(path, of: watch)
    }
  }

  package func drain(_ body: (ChangeNote) -> Void) {
    let now = files.clock.monotonic
    let due = queue.filter { $0.due <= now }
    queue.removeAll { $0.due <= now }
    for (event, _) in due {
      switch event {
      case .entry(let watch, let name, let isStructural):
        for path in (paths[watch] ?? []).sorted() {
          body(.entry(directory: path, name: Array(name.utf8), isStructural: isStructural))
        }
      case .itself(let watch):
        for path in (paths[watch] ?? []).sorted() { body(.itself(path)) }
      case .gone(let watch):
        for path in (paths[watch] ?? []).sorted() {
          body(.itself(path))
          if watches[path] == watch { watches[path] = nil }
        }
        drop(watch)
      case .overflow:
        body(.overflow)
      }
    }
  }

  func overflow() {
    queue = queue.filter { if case .gone = $0.event { true } else { false } }
    queue.append((.overflow, files.clock.monotonic))
  }

  /// Late events come now, and no more are disturbed.
  func heal() {
    disturbance = Disturbance()
    for index in queue.indices { queue[index].due = min(queue[index].due, files.clock.monotonic) }
  }

  private func send(_ event: Event) {
    let now = files.clock.monotonic
    if disturbance.lost > 0 {
      disturbance.lost -= 1
    } else if disturbance.delayed > 0 {
      disturbance.delayed -= 1
      queue.append((event, now + disturbance.delayNanoseconds))
    } else {
      queue.append((event, now))
      if disturbance.doubled > 0 {
        disturbance.doubled -= 1
        queue.append((event, now))
      }
    }
  }

  private func forget(_ path: LogPath, of watch: UInt64) {
    paths[watch]?.remove(path)
    if paths[watch]?.isEmpty == true { drop(watch) }
  }

  private func drop(_ watch: UInt64) {
    paths[watch] = nil
    if let node = nodes.removeValue(forKey: watch) { watchOfNode[ObjectIdentifier(node)] = nil }
  }
}
