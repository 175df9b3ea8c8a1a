import Testing

@testable import Collectors

/// CPU time from one collection to the next.
struct SystemCPUTests {
  /// Ticks of user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
  private func machine(_ lines: [String: String]) throws -> KernelArchive {
    let archive = try KernelArchive(text: "")
    try set(archive, lines)
    return archive
  }

  private func set(_ archive: KernelArchive, _ lines: [String: String]) throws {
    let text = lines.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    try archive.write("/proc/stat", text)
  }

  @Test func usageIsWhatIsNeitherIdleNorIowaitOfTheTimeBetween() throws {
    let archive = try machine(["cpu": "100 0 0 1000 0 0 0 0 50 0"])
    let collector = systemCollector(archive)
    let first = collector.collected()
    #expect(first.system("cpu.usage_percent") == nil)
    #expect(first.system("cpu.usage_ratio") == nil)
    #expect(first.system("cpu.mode_ratio", "user") == nil)
    #expect(first.system("cpu.guest_seconds") == 0.5)

    // 100 ticks: 20 user, of which 15 are a guest's, 10 system, 50 idle, 15 iowait, 5 steal.
    try set(archive, ["cpu": "120 0 10 1050 15 0 0 5 65 0"])
    let second = collector.collected()
    #expect(second.system("cpu.usage_percent") == 35)
    #expect(second.system("cpu.usage_ratio") == 0.35)
    #expect(second.system("cpu.mode_ratio", "user") == 0.2)
    #expect(second.system("cpu.mode_ratio", "steal") == 0.05)
    #expect(second.system("cpu.mode_ratio", "idle") == 0.5)
    let shares = CPUTimes.modes.compactMap { second.system("cpu.mode_ratio", $0) }
    #expect(abs(shares.reduce(0, +) - 1) < 1e-12)

    // Nothing has passed: the interval goes on.
    #expect(collector.collected().system("cpu.usage_percent") == 35)
    try set(archive, ["cpu": "130 0 10 1050 15 0 0 5 65 0"])
    #expect(collector.collected().system("cpu.usage_percent") == 100)
  }

  @Test func whatJumpsBackIsHeld() throws {
    let archive = try machine(["cpu": "100 0 0 1000 500", "cpu0": "100 0 0 1000 500"])
    let collector = systemCollector(archive)
    _ = collector.collected()
    // idle falls by 2.99 seconds and iowait by more, as the kernel's idle accounting does.
    try set(archive, ["cpu": "150 0 0 701 100", "cpu0": "150 0 0 701 100"])
    let held = collector.collected()
    #expect(held.system("cpu.seconds", "idle") == 10)
    #expect(held.system("cpu.seconds", "iowait") == 5)
    #expect(held.system("cpu.core_seconds", "0", "idle") == 10)
    #expect(held.system("cpu.core_seconds", "0", "user") == 1.5)
    #expect(held.system("cpu.usage_ratio") == 1)
    try set(archive, ["cpu": "150 0 0 1050 100", "cpu0": "150 0 0 1050 100"])
    let passed = collector.collected()
    #expect(passed.system("cpu.seconds", "idle") == 10.5)
    #expect(passed.system("cpu.seconds", "iowait") == 5)
    #expect(passed.system("cpu.usage_ratio") == 0)
  }

  @Test func aCPUThatWasAwayBeginsAnewAndTheSumGoesOn() throws {
    let archive = try machine(["cpu": "200 0 0 2000 0", "cpu0": "100 0 0 1000 0", "cpu1": "100 0 0 1000 0"])
    let collector = systemCollector(archive)
    _ = collector.collected()
    try set(archive, ["cpu": "110 0 0 1100 0", "cpu0": "110 0 0 1090 0", "cpu1": "0 0 0 10 0"])
    let batch = collector.collected()
    #expect(batch.system("cpu.core_seconds", "1", "idle") == 0.1)
    #expect(batch.system("cpu.core_seconds", "1", "user") == 0)
    #expect(batch.system("cpu.core_usage_ratio", "1") == nil)
    #expect(batch.system("cpu.core_usage_ratio", "0") == 0.1)
    // The sum fell with it, and must not look as if the machine had started again.
    #expect(batch.system("cpu.seconds", "idle") == 20)
    #expect(batch.system("cpu.seconds", "user") == 2)
    #expect(batch.system("cpu.usage_ratio") == nil)
    try set(archive, ["cpu": "160 0 0 1150 0", "cpu0": "160 0 0 1090 0", "cpu1": "0 0 0 60 0"])
    let next = collector.collected()
    #expect(next.system("cpu.seconds", "idle") == 20.5)
    #expect(next.system("cpu.seconds", "user") == 2.5)
    #expect(next.system("cpu.usage_ratio") == 0.5)
    #expect(next.system("cpu.core_usage_ratio", "1") == 0)
  }

  @Test func aCPUThatIsOfflineHasNoRecordAndIsForgotten() throws {
    let archive = try machine(["cpu": "2 0 0 20 0", "cpu0": "1 0 0 10 0", "cpu1": "1 0 0 10 0"])
    let collector = systemCollector(archive)
    #expect(collector.collected().system("cpu.online") == 2)
    try set(archive, ["cpu": "3 0 0 30 0", "cpu0": "2 0 0 20 0"])
    let offline = collector.collected()
    #expect(offline.devices("cpu.core_usage_ratio") == ["0"])
    #expect(offline.system("cpu.online") == 1)
    #expect(offline.system("cpu.seconds", "idle") == 0.3)
    // It comes back with less user time than it had: nothing of that is held.
    try set(archive, ["cpu": "4 0 0 40 0", "cpu0": "3 0 0 30 0", "cpu1": "0 0 0 11 0"])
    let back = collector.collected()
    #expect(back.system("cpu.core_seconds", "1", "user") == 0)
    #expect(back.system("cpu.core_usage_ratio", "1") == nil)
  }

  @Test func interruptsGoOnOverTheirWrap() throws {
    let archive = try KernelArchive(text: "")
    try archive.write("/proc/stat", "intr 4294967290 1\n")
    let collector = systemCollector(archive)
    #expect(collector.collected().system("kernel.interrupts") == 4_294_967_290)
    try archive.write("/proc/stat", "intr 10 1\n")
    #expect(collector.collected().system("kernel.interrupts") == 4_294_967_306)
  }

  @Test(arguments: [
    ("0", 1), ("0-3", 4), ("0-3,8,10-11\n", 7), ("", nil), ("x", nil), ("3-0", nil), ("0-", nil), (",", nil),
    ("0-18446744073709551615", nil), ("0-1048575,0-1048575", nil), ("1-2-3", nil),
  ])
  func aListOfCPUsIsCounted(text: String, count: Int?) {
    #expect(withBytes(text) { CPUList.count($0) } == count)
  }

  @Test(arguments: [
    ("12", 12.0), ("0.25", 0.25), ("12.34", 12.34), ("3.", nil), (".5", nil), ("1.2.3", nil), ("-1", nil), ("", nil),
    ("18446744073709551616", nil), ("0.1234567890123456789", nil),
  ])
  func aDecimalNumberIsRead(text: String, value: Double?) {
    #expect(withBytes(text) { ByteScanner.decimal($0) } == value)
  }

  @Test func aWrappingCounterGoesOnAndAnyOtherFallIsABeginning() {
    var counter = WrappingCounter()
    #expect(counter.total(4_000_000_000) == 4_000_000_000)
    #expect(counter.total(100) == 4_294_967_396)
    #expect(counter.total(4_294_967_295) == 8_589_934_591)
    #expect(counter.total(0) == 8_589_934_592)
    #expect(counter.total(1_000) == 8_589_935_592)
    #expect(counter.total(10) == 10)
    #expect(counter.total(.max) == .max)
    #expect(counter.total(5) == 5)
  }
}
