internal import Glibc

/// A process as it was seen at a look, in units for people.
package struct ProcessSight: Sendable, Hashable {
  package var identity: ProcessTable.Identity
  package var name: String
  /// A letter of proc(5).
  package var state: String
  /// Its own CPU time, in seconds.
  package var cpuSeconds: Double
  package var residentBytes: Double
  package var threads: UInt64

  package init(_ process: ProcessTable.Process) {
    let stat = process.stat
    identity = process.identity
    name = process.name
    state = String(decoding: [stat.state], as: UTF8.self)
    cpuSeconds = Double(stat.userTicks &+ stat.systemTicks) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    residentBytes = Double(stat.residentPages) * Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
    threads = stat.threads
  }

  /// The function of the kernel in which a process sleeps; nil: in none, or this user may not know.
  ///
  /// Source: `/proc/[pid]/wchan`; proc_pid_wchan(5).
  ///
  /// - Parameter root: what stands in for `/`.
  package static func waitChannel(of id: UInt64, root: String = "") -> String? {
    guard let text = try? KernelFiles(root: root).text("/proc/\(id)/wchan"), text != "0", !text.isEmpty else {
      return nil
    }
    return String(text.prefix(channelLengthMax))
  }

  /// The kernel's names of functions have 512 characters at most, and some 30 mostly.
  private static let channelLengthMax = 128
}
