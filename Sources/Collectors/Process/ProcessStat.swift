/// One line of `/proc/<pid>/stat`. Pure: takes the file's bytes, and knows neither clock ticks nor page sizes.
package struct ProcessStat: Sendable, Hashable {
  /// A letter of proc(5), such as `R` for running.
  package var state: UInt8 = 0
  package var parent: UInt64 = 0
  /// `PF_` bits of the kernel.
  package var flags: UInt64 = 0
  package var minorFaults: UInt64 = 0
  package var majorFaults: UInt64 = 0
  /// Of children that ended and were waited for, and of theirs.
  package var reapedMinorFaults: UInt64 = 0
  package var reapedMajorFaults: UInt64 = 0
  /// In clock ticks.
  package var userTicks: UInt64 = 0
  package var systemTicks: UInt64 = 0
  package var reapedUserTicks: UInt64 = 0
  package var reapedSystemTicks: UInt64 = 0
  package var threads: UInt64 = 0
  /// In clock ticks after the machine's start.
  package var startTicks: UInt64 = 0
  package var virtualBytes: UInt64 = 0
  package var residentPages: UInt64 = 0
  /// Where the program's stack begins, another place with each program that a process runs; 0: it may not be known.
  package var stackStart: UInt64 = 0

  package init() {}

  /// Nil: no such line.
  package init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    // The program's name stands in parentheses and may hold any byte, also blanks and parentheses.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    var fields = ByteScanner(UnsafeBufferPointer(rebasing: bytes[(end + 1)...]))
    guard let state = fields.word()?.first else { return nil }
    self.state = state
    // By their numbers in proc(5), where the state is the third.
    var number = 3
    while number < Self.lastField, let word = fields.word() {
      number += 1
      guard Self.isKept(number) else { continue }
      guard let value = ByteScanner.integer(word) else { return nil }
      keep(value, number)
    }
    guard number >= Self.neededFields else { return nil }
  }

  /// The name in parentheses; the kernel cuts a program's after 15 bytes.
  package static func name(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    guard let start = bytes.firstIndex(of: UInt8(ascii: "(")), let end = bytes.lastIndex(of: UInt8(ascii: ")")),
      start < end
    else { return nil }
    return UnsafeBufferPointer(rebasing: bytes[(start + 1)..<end])
  }

  /// Up to the resident pages; the stack's place may be missing.
  private static let neededFields = 24
  private static let lastField = 28

  private static func isKept(_ number: Int) -> Bool {
    switch number {
    case 4, 9...17, 20, 22...24, 28: true
    default: false
    }
  }

  private mutating func keep(_ value: UInt64, _ number: Int) {
    switch number {
    case 4: parent = value
    case 9: flags = value
    case 10: minorFaults = value
    case 11: reapedMinorFaults = value
    case 12: majorFaults = value
    case 13: reapedMajorFaults = value
    case 14: userTicks = value
    case 15: systemTicks = value
    case 16: reapedUserTicks = value
    case 17: reapedSystemTicks = value
    case 20: threads = value
    case 22: startTicks = value
    case 23: virtualBytes = value
    case 24: residentPages = value
    default: stackStart = value
    }
  }
}

extension ProcessStat {
  /// Ended, but not waited for yet.
  package var isZombie: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }
  /// Waits for a device or a file system, and cannot be interrupted.
  package var isBlocked: Bool { state == UInt8(ascii: "D") }
  /// `PF_KTHREAD`: a part of the kernel, which has no program.
  package var isKernelThread: Bool { flags & 0x0020_0000 != 0 }
  /// The flags that change when a process runs another program: `PF_FORKNOEXEC`, it still runs its parent's.
  package static let programFlags: UInt64 = 0x40
}
