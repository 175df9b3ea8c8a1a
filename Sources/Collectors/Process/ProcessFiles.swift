/// What further files of a process say: `status`, `io`, `smaps_rollup`. Pure: take the files' bytes. What is not in a
/// file, or is no number, is nil.
package struct ProcessStatus: Sendable, Hashable {
  package var anonymousBytes: UInt64?
  package var sharedMemoryBytes: UInt64?
  package var swapBytes: UInt64?
  /// Of the first thread alone.
  package var voluntarySwitches: UInt64?
  package var involuntarySwitches: UInt64?

  package init(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var lines = ByteScanner(bytes)
    while var line = lines.line() {
      guard let key = line.word() else { continue }
      if key.equals("RssAnon:") {
        anonymousBytes = Self.kibibytes(&line)
      } else if key.equals("RssShmem:") {
        sharedMemoryBytes = Self.kibibytes(&line)
      } else if key.equals("VmSwap:") {
        swapBytes = Self.kibibytes(&line)
      } else if key.equals("voluntary_ctxt_switches:") {
        voluntarySwitches = line.integer()
      } else if key.equals("nonvoluntary_ctxt_switches:") {
        involuntarySwitches = line.integer()
      }
    }
  }

  /// A number in units of 1024 bytes, whatever word stands behind it.
  fileprivate static func kibibytes(_ line: inout ByteScanner) -> UInt64? {
    guard let number = line.integer() else { return nil }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: 1024)
    return overflows ? nil : bytes
  }
}

package struct ProcessIO: Sendable, Hashable {
  /// From and to storage.
  package var readBytes: UInt64?
  package var writtenBytes: UInt64?
  /// By calls such as read(2), the page cache included.
  package var readCallBytes: UInt64?
  package var writeCallBytes: UInt64?

  package init(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var lines = ByteScanner(bytes)
    while var line = lines.line() {
      guard let key = line.word() else { continue }
      if key.equals("read_bytes:") {
        readBytes = line.integer()
      } else if key.equals("write_bytes:") {
        writtenBytes = line.integer()
      } else if key.equals("rchar:") {
        readCallBytes = line.integer()
      } else if key.equals("wchar:") {
        writeCallBytes = line.integer()
      }
    }
  }
}

package enum ProcessMemoryMap {
  /// A page that several processes have counts in each of them with its share (`Pss`); nil: it is not said.
  package static func proportionalBytes(parsing bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
    var lines = ByteScanner(bytes)
    while var line = lines.line() {
      if let key = line.word(), key.equals("Pss:") { return ProcessStatus.kibibytes(&line) }
    }
    return nil
  }
}
