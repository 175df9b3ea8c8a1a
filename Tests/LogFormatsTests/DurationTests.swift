import PatternSyntax
import Testing

@testable import LogFormats

/// Texts that are seconds for the fields that want it, in each format.
@Suite struct DurationTests {
  private func seconds(_ text: String, use: FieldUse = [.number, .text, .duration]) -> Double? {
    var parser = CSVFormat(separator: 0x7C, columns: ["a", "b"], comment: nil, lineBytesMax: 4096, fields: fields(use))
    var batch = RecordBatch()
    _ = Array("\(text)|x\n".utf8).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
    guard let value = batch.values.first, value.isNumber else { return nil }
    return value.number
  }

  @Test(arguments: [
    ("00:12", 12), ("1:02", 62), ("1:02:03", 3723), ("0:00:00.27", 0.27), ("100:00:00", 360_000), ("-0:05:00", -300),
    ("1 day, 2:03:04", 93_784), ("2 days, 0:00:00", 172_800), ("-1 day, 23:59:59", -1), ("1d 2:03:04", 93_784),
    ("47.2ms", 0.0472), ("2h", 7200), ("1m30s", 90), ("47.2s", 47.2), ("1h 2m 3.5s", 3723.5),
    ("1 hour, 2 minutes", 3720), ("1 hour, 19 minutes and 54.41 seconds", 4794.41), ("2 h, and 3 s", 7203),
    ("0.1 min", 6), ("3us", 0.000003), ("3µs", 0.000003), ("3μs", 0.000003), ("12 ns", 0.000000012), ("1.5 hrs", 5400),
    ("2 days", 172_800), ("+5s", 5), (".5s", 0.5), ("1s500ms", 1.5), ("0:00:00.1234567890123", 0.1234567890123),
    ("1.1ms", 0.0011), ("1 week, 2 days", 777_600), ("2 Days 03:04:05", 183_845), ("1 hr. 5 min", 3900),
    ("3 HOURS 5 Minutes", 11_100), ("12.7s", 12.7), ("5", 5), ("1e3", 1000), ("nan", .nan),
  ])
  func durations(text: String, expected: Double) {
    let number = seconds(text)
    #expect(number == expected || (expected.isNaN && number?.isNaN == true))
  }

  @Test(arguments: [
    "", ":", "1:", ":1", "1:2", "1:60", "1:60:00", "1:02:03:04", "1.5:02", "1:.5", "1:02.5:03", "1h2h", "1s1m", "1h 30",
    "5M", "5x", "s", "1.s.", "1 d,", "2.53 s/it", "1.93it/s", "-", "- 1s", "1m 2:03", "?", "12:34:56 PM", "٣s",
    "99999999999999999999s", "18446744073709551615:00", "1" + String(repeating: "0", count: 80) + "s", "5 µ", "1,5s",
    "1 day, -2:00:00", "5 MS", "5 min.", "5 D", "NA", "1 h and", "and 5 s", "1 h and5 s", "1 h and and 5 s",
  ])
  func noDurations(text: String) {
    #expect(seconds(text) == nil)
  }

  @Test func onlyWhereItIsWanted() {
    #expect(seconds("00:12", use: [.number, .text]) == nil)
    #expect(seconds("12ms", use: .number) == nil)
  }

  @Test func inEachFormat() throws {
    let use: FieldUse = [.number, .text, .duration]
    func check(_ log: String, _ parser: some RecordParser) {
      #expect(Reading.of(log, parser: parser).records == ["t=3723.0 s='soon'"], "\(log)")
    }
    check("t,s\n1:02:03,soon\n", csv(use: use))
    check("t,s\n\"1:02:03\",soon\n", csv(use: use))
    check("{\"t\":\"1:02:03\",\"s\":\"soon\"}", jsonl(use: use))
    check("{\"t\":\"1:02:\\u00303\",\"s\":\"soon\"}", jsonl(use: use))
    check("{'t': '1:02:03', 's': 'soon'}", PydictFormat(lineBytesMax: 4096, fields: fields(use)))
    check("t=1:02:03 s=soon", try pairs("{key}={value}", use: use))
    let rule = LogFormat.LineRule(
      line: try Pattern(parsing: "after {t}, {s}"),
      numericCaptures: ["t"],
      durationCaptures: ["t"]
    )
    check("after 1:02:03, soon", TextFormat(lines: [rule], lineBytesMax: 4096, fields: fields(use)))
    var yaml = YAMLFormat(fields: fields(use))
    var batch = RecordBatch()
    let content = Array("t: 1:02:03\ns: soon\n".utf8).withUnsafeBytes {
      yaml.parseDocument($0, isAtRest: false, into: &batch)
    }
    #expect(content == .record)
    #expect(batch.values.first?.number == 3723)
  }

  @Test func aCaptureIsADurationOnlyWhereThatIsWanted() throws {
    let parser = try text([("after {t}", ["t"])])
    #expect(Reading.of("after 1:02\nafter 5 after 1:02\n", parser: parser).records == ["t='1:02'", "t=5.0"])
  }
}
