import LogFormats
import Testing

@Suite struct TimeTextTests {
  private func seconds(_ text: String) -> Double? {
    // Milliseconds are whole numbers.
    TimeText.nanoseconds(Array(text.utf8), number: Double(text)).map { Double($0 / 1_000_000) / 1e3 }
  }

  @Test func momentsAsLogsWriteThem() {
    #expect(seconds("2026-11-29T22:04:05Z") == 1_795_989_845)
    #expect(seconds(" 2026-11-29 22:04:05.25+00:00") == 1_795_989_845.25)
    #expect(seconds("2026-11-29T23:34:05+0130") == 1_795_989_845)
    #expect(seconds("[2026-11-29 14:04:05,250-08]") == 1_795_989_845.25)
    #expect(seconds("2026-11-29T22:04Z") == 1_795_989_840)
    #expect(seconds("1795989845") == 1_795_989_845)
    #expect(seconds("1795989845.5") == 1_795_989_845.5)
    #expect(seconds("1795989845500") == 1_795_989_845.5)
  }

  @Test(arguments: [
    "", "now", "22:04:05", "2026-11-29", "2026-13-29T22:04:05Z", "2026-11-29T24:04:05Z", "2026-11-29T22:04:05.Z",
    "2026-11-29T22:04:05+1", "2026-11-29T22:04:05 hours", "9999-11-29T22:04:05Z", "12.5", "-1795989845", "nan", "inf",
    "1e300",
  ])
  func whatIsNoMomentOfALog(text: String) {
    #expect(seconds(text) == nil)
  }

  @Test func withoutAZoneItIsLocalTime() throws {
    let local = try #require(seconds("2026-11-29 22:04:05"))
    let universal = try #require(seconds("2026-11-29 22:04:05Z"))
    #expect(abs(local - universal) <= 14 * 3600)
  }
}
