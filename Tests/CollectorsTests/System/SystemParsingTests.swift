import Testing

@testable import Collectors

/// What single texts, names and numbers of the kernel mean; the scenes of `collectors` show whole collections.
struct SystemParsingTests {
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

  @Test(arguments: [
    ("sda", true), ("sda1", false), ("vdb", true), ("vdb12", false), ("xvda3", false), ("nvme0n1", true),
    ("nvme0n1p2", false), ("mmcblk0", true), ("mmcblk0p1", false), ("sr0", true), ("dm-3", false), ("md127", false),
    ("md0p1", false), ("loop4", false), ("ram1", false), ("zram0", false), ("nbd0", false), ("p1", true), ("7", true),
  ])
  func namesAloneTellDisks(name: String, isDisk: Bool) {
    #expect((DiskKinds.byName(name) == .disk) == isDisk)
  }
}
