import PatternSyntax
import Testing

@testable import LogFormats

@Suite struct TextFormatTests {
  static let torchtune: [(String, Set<String>)] = [
    ("Step {step} | loss:{loss} lr:{lr}", ["step", "loss", "lr"]),
    ("Step {step} | val_loss:{val_loss}", ["val_loss"]),
  ]

  @Test func torchtuneLog() throws {
    let reading = Reading.of(try fixture("torchtune.txt"), parser: try text(Self.torchtune))
    #expect(reading.records.count == 9)
    #expect(reading.records[0] == "step=1.0 loss=1.4488813877105713 lr=0.01")
    #expect(reading.records[4] == "step=4.0 val_loss=nan")
    #expect(reading.unmatched == 0)
  }

  @Test func progressBar() throws {
    var log = "start\n"
    for step in 1...1000 { log += "\r\u{1B}[2K\u{1B}[32m \(step)%|██  |\u{1B}[0m loss=0.\(step)" }
    log += "\nend\r\n\n"
    let reading = Reading.of(log, parser: try text([("{percent}%|{_}| loss={loss}", ["loss"])]))
    #expect(reading.records.count == 1000)
    #expect(reading.records.last == "percent=1000.0 loss=0.1")
    #expect(reading.unmatched == 2)
  }

  @Test(arguments: [
    ("lo\u{8}\u{8}loss 1\n", "x=1.0"), ("é\u{8}loss 2\n", "x=2.0"), ("\u{1B}]0;title\u{7}loss 3\n", "x=3.0"),
    ("\u{1B}]8;;u\u{1B}\\loss 4\n", "x=4.0"), ("\u{1B}(Bloss\u{1B}[1;31m 5\u{1B}[\n", "x=5.0"),
    ("\u{8}loss 6", "x=6.0"),
  ])
  func terminalText(line: String, record: String) throws {
    #expect(Reading.of(line, parser: try text([("loss {x}", ["x"])])).records == [record])
  }

  @Test func fixedFieldsAndLongLines() throws {
    let rule = LogFormat.LineRule(
      line: try Pattern(parsing: "val {loss}"),
      set: [.init(field: "phase", text: "validation"), .init(field: "loss", text: "no")],
      numericCaptures: ["loss"]
    )
    let parser = TextFormat(lines: [rule], lineBytesMax: 8, fields: fields())
    let reading = Reading.of("val 0.5\nval 0.55\nval 0.555\rval x\nvul 1\n", parser: parser)
    // Where no value is a number, the line counts by its text.
    let phases = reading.records.map { $0.replacing("phase='validation'", with: "…") }
    #expect(phases == ["loss=0.5 …", "loss=0.55 …", "loss='x' …"])
    #expect(reading.malformed == 1)
    #expect(reading.unmatched == 1)
  }
}
