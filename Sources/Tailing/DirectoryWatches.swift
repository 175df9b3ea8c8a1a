internal import Glibc

/// inotify, as far as it says "look again at this path". Never says what happened there, and is never believed to have
/// said everything.
final class DirectoryWatches: ChangeNotifier {
  private(set) var descriptor: Int32?
  private(set) var shortage: SystemError?

  /// Nearly always one each: several lead to one directory only through links.
  private var paths: [Int32: [LogPath]] = [:]
  private var watches: [LogPath: Int32] = [:]
  private var buffer = [UInt8](repeating: 0, count: DirectoryWatches.bufferBytes)

  /// Some thousand events a read.
  private static let bufferBytes = 64 << 10
  /// Enough for a full queue of the kernel's; a writer that makes events as fast as they are read must not keep the
  /// tailer from its files.
  private static let readsMax = 64
  /// The name follows the event's four words.
  private static let headerBytes = 16

  private static let structural = UInt32(
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT
  )
  private static let content = UInt32(IN_MODIFY | IN_CLOSE_WRITE)

  init(isWanted: Bool) {
    guard isWanted else { return }
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    if descriptor >= 0 { self.descriptor = descriptor } else { shortage = SystemError(code: errno) }
  }

  deinit {
    if let descriptor { close(descriptor) }
  }

  func add(_ path: LogPath, forNames: Bool) {
    guard let descriptor else { return }
    // What was asked for under another of its names stays.
    let mask = Self.structural | UInt32(IN_ATTRIB | IN_MASK_ADD) | (forNames ? 0 : Self.content)
    let watch = path.withCString { inotify_add_watch(descriptor, $0, mask) }
    guard watch >= 0 else {
      let error = SystemError(code: errno)
      if error.code == ENOSPC || error.code == ENOMEM { shortage = shortage ?? error }
      return
    }
    if let before = watches[path], before != watch { forget(path, of: before) }
    watches[path] = watch
    if paths[watch]?.contains(path) != true { paths[watch, default: []].append(path) }
  }

  /// Whether a watch stands on what `path` was when it was last added.
  func covers(_ path: LogPath) -> Bool { watches[path] != nil }

  func prune(keeping isWanted: (LogPath) -> Bool) {
    for (path, watch) in watches where !isWanted(path) {
      watches[path] = nil
      forget(path, of: watch)
    }
  }

  /// The events that wait; those that go on coming meanwhile are left for the next time.
  func drain(_ body: (ChangeNote) -> Void) {
    guard let descriptor else { return }
    for _ in 0..<Self.readsMax {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      parse(count, body)
    }
  }

  private func parse(_ count: Int, _ body: (ChangeNote) -> Void) {
    var place = 0
    while place + Self.headerBytes <= count {
      let (watch, mask, nameBytes) = buffer.withUnsafeBytes { bytes in
        (
          bytes.loadUnaligned(fromByteOffset: place, as: Int32.self),
          bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self),
          Int(bytes.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
        )
      }
      let nameStart = place + Self.headerBytes
      place = nameStart + nameBytes
      guard place <= count else { return }
      if mask & UInt32(IN_Q_OVERFLOW) != 0 {
        body(.overflow)
        continue
      }
      let known = paths[watch] ?? []
      let name = Array(buffer[nameStart..<place].prefix { $0 != 0 })
      for path in known {
        body(
          name.isEmpty
            ? .itself(path) : .entry(directory: path, name: name, isStructural: mask & Self.structural != 0)
        )
      }
      if mask & UInt32(IN_IGNORED) != 0 {
        paths[watch] = nil
        for path in known where watches[path] == watch { watches[path] = nil }
      }
    }
  }

  private func forget(_ path: LogPath, of watch: Int32) {
    paths[watch]?.removeAll { $0 == path }
    guard let descriptor, paths[watch]?.isEmpty == true else { return }
    paths[watch] = nil
    inotify_rm_watch(descriptor, watch)
  }
}
