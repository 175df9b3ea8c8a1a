internal import Glibc

/// The kernel's word that something happened in a directory. It only ever means "look again": what happened is told by
/// looking.
final class Inotify {
  enum Event {
    /// Something happened to the entry of a watched directory.
    case entry(path: String, isNew: Bool)
    /// A watched directory itself went, or events were lost.
    case lost
  }

  /// To be polled for reading.
  let descriptor: Int32
  private var pathsByWatch: [Int32: String] = [:]
  private var watchesByPath: [String: Int32] = [:]
  /// Directories that could not be watched: their files are found by walking alone.
  private(set) var failures = 0

  /// nil: the system has no more instances to give.
  init?() {
    descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    if descriptor < 0 { return nil }
  }

  deinit {
    close(descriptor)
  }

  private static let mask =
    UInt32(
      IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF
        | IN_MOVE_SELF
    ) | UInt32(IN_ONLYDIR)

  /// Watches exactly these directories. Returns whether some were not watched before: what happened in them until now
  /// is told by no event.
  func watch(_ directories: Set<String>) -> Bool {
    failures = 0
    for (path, watch) in watchesByPath where !directories.contains(path) {
      inotify_rm_watch(descriptor, watch)
      forget(watch)
    }
    var hasNew = false
    for path in directories where watchesByPath[path] == nil {
      let watch = inotify_add_watch(descriptor, path, Self.mask)
      guard watch >= 0 else {
        failures += 1
        continue
      }
      // The same directory under another name: the later name is told.
      if let other = pathsByWatch[watch] { watchesByPath[other] = nil }
      pathsByWatch[watch] = path
      watchesByPath[path] = watch
      hasNew = true
    }
    return hasNew
  }

  private func forget(_ watch: Int32) {
    if let path = pathsByWatch.removeValue(forKey: watch) { watchesByPath[path] = nil }
  }

  /// The events that wait.
  func read() -> [Event] {
    var events: [Event] = []
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &events)
      }
    }
    return events
  }

  private func parse(_ bytes: UnsafeRawBufferPointer, into events: inout [Event]) {
    let headerCount = 16
    var offset = 0
    while offset + headerCount <= bytes.count {
      let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
      let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      let nameCount = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
      let name = bytes[(offset + headerCount)..<min(offset + headerCount + nameCount, bytes.count)].prefix { $0 != 0 }
      offset += headerCount + nameCount
      if mask & UInt32(IN_Q_OVERFLOW) != 0 {
        events.append(.lost)
      } else if mask & UInt32(IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF) != 0 {
        if mask & UInt32(IN_MOVE_SELF) != 0 { inotify_rm_watch(descriptor, watch) }
        if pathsByWatch[watch] != nil { events.append(.lost) }
        forget(watch)
      } else if let directory = pathsByWatch[watch], let name = String(validating: name, as: UTF8.self) {
        let path = directory == "." ? name : directory == "/" ? "/" + name : directory + "/" + name
        let isNew = mask & UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE) != 0
        events.append(.entry(path: path, isNew: isNew))
      }
    }
  }
}
