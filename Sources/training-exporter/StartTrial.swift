import ArgumentParser
import CLaunch
import Glibc

/// Tries what a server cannot do without, before anything of it begins: `/proc`, threads, addresses and descriptors. Neither the
/// Swift runtime nor its libraries can say that they are missing: they trap, or wait for ever.
enum StartTrial {
  /// A dozen work while nothing goes on; collectors, reloads, passwords and a saved state have one each, and Swift's own
  /// pool a few.
  static let threadsMin: Int32 = 32
  /// Addresses beside those of the threads' stacks.
  static let roomMin = 256 << 20
  /// Some twenty are open while nothing goes on; half of all that may be are for connections, a quarter for logs.
  static let descriptorsMin: Int32 = 48

  /// Ends the command with status 1, and the limit that is too low.
  static func check() throws {
    // Swift's pool of threads looks there each second at what its threads do, and traps where it finds nothing.
    if access("/proc/self/stat", R_OK) != 0 {
      try refuse("/proc is not there: mount it (mount -t proc proc /proc)")
    }
    let descriptors = claunch_try_descriptors(descriptorsMin)
    if descriptors < descriptorsMin {
      try refuse(
        "only \(descriptors) more files can be opened, and at least \(descriptorsMin) are needed: raise the limit of open "
          + "files (\(limit(RLIMIT_NOFILE)); ulimit -n, LimitNOFILE= of systemd)"
      )
    }
    // Where addresses are few, none may be missing for a thread that is begun later: that would wait for them for ever.
    if value(of: RLIMIT_AS) != nil { claunch_save_addresses() }
    var begun: Int32 = 0
    switch claunch_try_threads(threadsMin, roomMin, &begun) {
    case Int32(CLAUNCH_NO_THREAD):
      try refuse(
        "only \(begun) more threads can be begun, and at least \(threadsMin) are needed: raise the limit of processes and "
          + "threads (\(limit(__RLIMIT_NPROC)) of this user; ulimit -u, LimitNPROC= and TasksMax= of systemd, the "
          + "container's pids limit)"
      )
    case Int32(CLAUNCH_NO_ROOM):
      try refuse(
        "there is no room for \(threadsMin) threads and \(roomMin >> 20) MiB: raise the limit of address space "
          + "(\(limit(RLIMIT_AS, isBytes: true)); ulimit -v, LimitAS= of systemd) or lower that of stacks "
          + "(\(limit(RLIMIT_STACK, isBytes: true)); ulimit -s)"
      )
    default: break
    }
  }

  private static func refuse(_ reason: String) throws {
    writeToStandardError("training-exporter: error: cannot start: \(reason)\n")
    throw ExitCode(1)
  }

  private static func limit(_ resource: __rlimit_resource, isBytes: Bool = false) -> String {
    value(of: resource).map { isBytes ? "\($0 >> 20) MiB" : "\($0)" } ?? "unlimited"
  }

  /// nil: there is no limit.
  private static func value(of resource: __rlimit_resource) -> rlim_t? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur == rlim_t.max ? nil : limit.rlim_cur
  }
}
