import Dispatch
import Foundation
import Machines
import Synchronization
import Testing

@testable import Collectors

/// Which file systems are looked at, and what becomes of one that hangs.
struct SystemFileSystemTests {
  static let space = FileSystemStatus.Space(
    sizeBytes: 100,
    freeBytes: 50,
    availableBytes: 40,
    inodes: nil,
    freeInodes: nil,
    isReadOnly: false
  )

  @Test func whatIsMountedInPartsIsShownAtItsMostGeneralPlace() throws {
    let lines = """
      1 0 8:1 /pods/1/termination /run/termination rw - ext4 /dev/sda1 rw
      2 0 8:1 /pods/1/data /workspace/data rw - ext4 /dev/sda1 rw
      3 0 8:1 /pods/1/x /work rw - ext4 /dev/sda1 rw
      4 0 8:2 / /mnt/a\\040long\\011path rw shared:1 master:2 propagate_from:3 unbindable - xfs /dev/b\\134c rw

      nonsense
      5 0 8:3 / /half rw - xfs
      6 0 8:4 / /odd\\9 rw - xfs /dev/d\\4 rw
      """
    let mounts = withBytes(lines) { ProcMount.withData(ProcMount.all(parsing: $0) ?? []) }
    #expect(mounts.map(\.path) == ["/work", "/mnt/a long\tpath", "/odd\\9"])
    #expect(mounts.map(\.device) == ["/dev/sda1", "/dev/b\\c", "/dev/d\\4"])
    for count in 0...lines.utf8.count {
      let cut = withBytes(lines) { ProcMount.all(parsing: UnsafeBufferPointer(rebasing: $0[..<count])) }
      #expect((cut?.count ?? 0) <= 6)
    }
  }

  @Test func whatCannotBeReadIsAProblemOfItsOwn() throws {
    let archive = try KernelArchive(capture: "training-server")
    let batch = systemCollector(
      archive,
      status: { path in
        if path.hasSuffix("/mnt/nfs") { return .unreadable("Stale file handle") }
        return path.hasSuffix("/data") ? .absent : .space(Self.space)
      }
    ).collected()
    #expect(batch.problems == ["/mnt/nfs: Stale file handle"])
    #expect(
      batch.devices("file_system.size_bytes") == ["/", "/mnt/datasets", "/mnt/old", "/home/user/bucket"]
    )
    #expect(batch.system("file_system.hung") == 0)
  }

  @Test func theRealRootAnswers() throws {
    guard case .space(let space) = FileSystemStatus.read("/") else {
      Issue.record("statvfs of / failed")
      return
    }
    #expect(space.sizeBytes > 0 && space.availableBytes <= space.freeBytes && space.freeBytes <= space.sizeBytes)
    #expect(FileSystemStatus.read("/no/such/folder") == .absent)
    #expect(FileSystemStatus.read("/proc") != .absent)
  }

  /// A file system that hangs until it is let go, and counts how often it is asked.
  private final class Hanging: Sendable {
    let calls = Mutex(0)
    let isGone = Mutex(true)
    private let gate = DispatchSemaphore(value: 0)

    func status() -> FileSystemStatus {
      calls.withLock { $0 += 1 }
      if isGone.withLock({ $0 }) { gate.wait() }
      return .space(SystemFileSystemTests.space)
    }

    func comeBack(_ waiting: Int = 1) {
      isGone.withLock { $0 = false }
      for _ in 0..<waiting { gate.signal() }
    }
  }

  @Test func oneThatHangsIsLeftOutAskedOnceAndTakenUpAgain() throws {
    let archive = try KernelArchive(capture: "training-server")
    let hanging = Hanging()
    defer { hanging.comeBack(0) }
    let collector = systemCollector(
      archive,
      status: { $0.hasSuffix("/data") ? hanging.status() : .space(Self.space) },
      timeout: .milliseconds(100)
    )
    // Others may be late, too, on a busy machine, but they come.
    let others = ["/", "/mnt/datasets", "/mnt/nfs", "/mnt/old", "/home/user/bucket"]
    var batch = collector.collected()
    while batch.devices("file_system.size_bytes") != others || batch.system("shared_memory.size_bytes") == nil {
      #expect(batch.system("file_system.hung").map { $0 >= 1 } == true)
      batch = collector.collected()
    }
    for _ in 0..<3 { batch = collector.collected() }
    #expect(hanging.calls.withLock { $0 } == 1)
    #expect(batch.problems.contains { $0.hasPrefix("file systems that do not answer: ") && $0.contains("/data") })
    hanging.comeBack()
    while !batch.devices("file_system.size_bytes").contains("/data") { batch = collector.collected() }
    #expect(hanging.calls.withLock { $0 } >= 2)
  }

  @Test func thereAreOnlySoManyThreadsThatHang() throws {
    let hanging = Hanging()
    let inquiry = MountInquiry(timeout: .zero) { _ in hanging.status() }
    let questions = (0..<20).map { MountInquiry.Question(key: "\($0)", path: "/\($0)") }
    for _ in 0..<3 { #expect(inquiry.ask(questions).allSatisfy { $0 == nil }) }
    // Threads that were given up before they began to ask are among them.
    #expect(hanging.calls.withLock { $0 } <= MountInquiry.hungMax)
    hanging.comeBack(20)
  }

  @Test func nothingIsAskedThatNobodyWants() throws {
    let archive = try KernelArchive(capture: "training-server")
    let paths = Mutex<[String]>([])
    let collector = systemCollector(
      archive,
      readings: ["shared_memory.used_bytes"],
      status: { path in
        paths.withLock { $0.append(path) }
        return .space(Self.space)
      }
    )
    #expect(collector.collected().system("shared_memory.used_bytes") == 50)
    #expect(paths.withLock { $0 } == [archive.root + "/dev/shm"])
  }
}
