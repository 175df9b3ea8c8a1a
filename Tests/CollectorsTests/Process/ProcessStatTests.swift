import Collectors
import Foundation
import Testing

@Suite struct ProcessStatTests {
  private static let tail =
    " S 1 7 7 0 -1 4194560 9 0 0 0 1234 56 0 0 20 0 5 0 987654 123456789 4321 18446744073709551615 1 1 0\n"

  private static func parse(_ bytes: ArraySlice<UInt8>) -> ProcessStat? {
    bytes.withUnsafeBufferPointer { ProcessStat(parsing: $0) }
  }

  @Test(arguments: ["(training-export)", "(a) R 9 9 (b)", "() )", "(\u{0}é\n)"])
  func theNameMayHoldAnything(name: String) throws {
    let stat = try #require(Self.parse(Array("7 \(name)\(Self.tail)".utf8)[...]))
    #expect(stat.userTicks == 1234 && stat.systemTicks == 56 && stat.threads == 5)
    #expect(stat.startTicks == 987_654 && stat.virtualBytes == 123_456_789 && stat.residentPages == 4321)
  }

  @Test func whatIsNoSuchLineIsNone() {
    let whole = Array("7 (a)\(Self.tail)".utf8)
    let needed = whole.count - " 18446744073709551615 1 1 0\n".utf8.count
    // A number that lost digits is still one: the bytes of the last one do not tell.
    for count in 0..<(needed - 4) { #expect(Self.parse(whole[..<count]) == nil, "\(count) bytes") }
    #expect(Self.parse(whole[..<needed])?.residentPages == 4321)
    for text in ["", ")", "7 (a) S 1 x", "7 a" + Self.tail] { #expect(Self.parse(Array(text.utf8)[...]) == nil) }
    let signs = Self.tail.replacing("1234", with: "-234")
    let large = Self.tail.replacing("4321", with: "18446744073709551616")
    for text in [signs, large] { #expect(Self.parse(Array("7 (a)\(text)".utf8)[...]) == nil) }
  }

  @Test func thisProcessIsRead() throws {
    let reader = ProcessReader()
    let file = try #require(fopen("/dev/null", "r"))
    let before = try #require(reader.read().openDescriptors)
    #expect(before > 3)
    fclose(file)
    let reading = reader.read()
    #expect(try #require(reading.residentBytes) > 1e6)
    #expect(try #require(reading.virtualBytes) >= (try #require(reading.residentBytes)))
    #expect(try #require(reading.virtualBytesMax) >= (try #require(reading.virtualBytes)))
    #expect(try #require(reading.descriptorsMax) >= before)
    #expect(try #require(reading.threads) >= 1)
    #expect(try #require(reading.cpuSeconds) >= 0)
    let start = try #require(reading.startSeconds)
    #expect(start > 1_577_836_800 && start < Date.now.timeIntervalSince1970 + 5)
  }

  @Test func aProcThatIsNotThereGivesLimitsAlone() {
    let reading = ProcessReader(root: "/nothing/here").read()
    #expect(reading.cpuSeconds == nil && reading.openDescriptors == nil && reading.startSeconds == nil)
    #expect(reading.descriptorsMax != nil)
  }

  /// What a kernel before 6.2 says: a folder without a size. Its entries are counted, but for the one that lists them.
  @Test func descriptorsAreCountedWhereTheFolderHasNoSize() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "collectors-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root.appending(path: "self"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: root.appending(path: "self/fd").path,
      withDestinationPath: "/proc/self/ns"
    )
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/ns")
    #expect(names.count > 3)
    #expect(ProcessReader(root: root.path).read().openDescriptors == Double(names.count - 1))
  }
}
