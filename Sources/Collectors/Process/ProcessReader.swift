internal import Glibc

/// Reads what the system says of this process, in few system calls. It keeps what cannot change, and nothing else;
/// what cannot be read is nil, and never an error.
package struct ProcessReader: Sendable {
  package struct Reading: Sendable, Hashable {
    package var cpuSeconds: Double?
    package var openDescriptors: Double?
    package var descriptorsMax: Double?
    package var virtualBytes: Double?
    package var virtualBytesMax: Double?
    package var residentBytes: Double?
    /// Since 1970.
    package var startSeconds: Double?
    package var threads: Double?

    package init() {}
  }

  private let root: String
  private let ticksPerSecond: Double
  private let pageBytes: Double
  /// When the machine started, since 1970.
  private let bootSeconds: Double

  /// - Parameter root: where `/proc` is mounted.
  package init(root: String = "/proc") {
    self.root = root
    ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    pageBytes = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
    // As `btime` of `/proc/stat` says it, but to more than a second, and without a file that grows with the machine.
    bootSeconds = Self.seconds(CLOCK_REALTIME) - Self.seconds(CLOCK_BOOTTIME)
  }

  package func read() -> Reading {
    var reading = Reading()
    if let stat = try? KernelFiles().read(root + "/self/stat", { ProcessStat(parsing: $0) }) {
      reading.cpuSeconds = Double(stat.userTicks &+ stat.systemTicks) / ticksPerSecond
      reading.virtualBytes = Double(stat.virtualBytes)
      reading.residentBytes = Double(stat.residentPages) * pageBytes
      reading.startSeconds = bootSeconds + Double(stat.startTicks) / ticksPerSecond
      reading.threads = Double(stat.threads)
    }
    reading.openDescriptors = (try? KernelFiles().openFiles(root + "/self/fd", isOwn: true)).map { Double($0) }
    reading.descriptorsMax = Self.limit(RLIMIT_NOFILE)
    reading.virtualBytesMax = Self.limit(RLIMIT_AS)
    return reading
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// No limit is the largest number, as client libraries have it.
  private static func limit(_ resource: __rlimit_resource) -> Double? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
    return Double(limit.rlim_cur)
  }
}
