internal import Glibc

/// What the parts read from, each thing replaceable by a test: the kernel's files, a few constants of the machine, the
/// clock, and the call that asks a file system.
package struct SystemSource {
  package var files: KernelFiles
  package var ticksPerSecond: Double
  package var pageBytes: Double
  /// Seconds since 1970.
  package var now: () -> Double
  /// Asks a mounted file system, and may hang. It is called on threads of its own.
  package var status: @Sendable (String) -> FileSystemStatus
  /// How long a file system may take to answer before it counts as hung.
  package var statusTimeout: Duration

  /// Any local disk answers in microseconds and a busy NFS server in tens of milliseconds.
  package static let statusTimeout: Duration = .milliseconds(500)

  /// - Parameter root: what stands in for `/` where files are read.
  package init(
    root: String = "",
    ticksPerSecond: Double = Double(max(1, sysconf(Int32(_SC_CLK_TCK)))),
    pageBytes: Double = Double(max(1, sysconf(Int32(_SC_PAGESIZE)))),
    now: @escaping () -> Double = SystemSource.clock,
    status: @escaping @Sendable (String) -> FileSystemStatus = FileSystemStatus.read,
    statusTimeout: Duration = statusTimeout
  ) {
    files = KernelFiles(root: root)
    self.ticksPerSecond = ticksPerSecond
    self.pageBytes = pageBytes
    self.now = now
    self.status = status
    self.statusTimeout = statusTimeout
  }

  package static func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension KernelFiles {
  /// Reads a file and parses it. Nil: it is not there, which is no problem; or it cannot be read or understood, which the
  /// batch is told.
  func parse<Result>(
    _ path: String,
    into batch: inout ReadingBatch,
    _ parse: (UnsafeBufferPointer<UInt8>) -> Result?
  ) -> Result? {
    do throws(KernelFiles.Failure) {
      if let result = try read(path, parse) { return result }
      batch.fail("\(path): it is not what the kernel writes there")
    } catch {
      if case .unreadable(let reason) = error { batch.fail(reason) }
    }
    return nil
  }
}
