/// One line of `/proc/<pid>/stat`. Pure: takes the file's bytes, and knows neither clock ticks nor page sizes.
package struct ProcessStat: Sendable, Hashable {
  /// In clock ticks.
  package var userTicks: UInt64
  package var systemTicks: UInt64
  package var threads: UInt64
  /// In clock ticks after the machine's start.
  package var startTicks: UInt64
  package var virtualBytes: UInt64
  package var residentPages: UInt64

  /// Nil: no such line.
  package init?(parsing bytes: some Collection<UInt8> & BidirectionalCollection) {
    // The program's name stands in parentheses and may hold any byte, also blanks and parentheses.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let rest = bytes[bytes.index(after: end)...]
    let fields = rest.split(maxSplits: Self.fieldsAfterName) { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    /// By its number in proc(5), where the state after the name is the third.
    func field(_ number: Int) -> UInt64? {
      number - 3 < fields.count ? ByteScanner.integer(fields[number - 3]) : nil
    }
    guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
      let virtual = field(23), let resident = field(24)
    else { return nil }
    (userTicks, systemTicks, self.threads) = (user, system, threads)
    (startTicks, virtualBytes, residentPages) = (start, virtual, resident)
  }

  /// The state and what follows it, up to the resident pages.
  private static let fieldsAfterName = 22
}
