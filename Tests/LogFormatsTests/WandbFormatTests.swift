import LogStations
import Testing

@testable import LogFormats

private func wandb(recordBytesMax: Int = 1 << 20, use: FieldUse = [.number, .text]) -> WandbFormat {
  WandbFormat(recordBytesMax: recordBytesMax, fields: fields(use))
}

private typealias File = WandbFile

@Suite struct WandbFormatTests {
  private static let contents: [(bytes: [UInt8], record: String?)] = [
    (EventFile.varint(1, 1) + EventFile.bytes(21, EventFile.text(1, "0.31.0")), nil),
    (
      File.run(id: "7wi", project: "demo", name: "first", EventFile.bytes(4, EventFile.bytes(1, learningRate))),
      "run.id='7wi' run.project='demo' run.name='first' config.lr=0.1"
    ),
    (
      File.configuration([(["m"], #"{"layers": [1, 2], "name": "mlp"}"#), (["_wandb"], "{}")]),
      "config.m='' config.m.layers='' config.m.layers.0=1.0 config.m.layers.1=2.0 config.m.name='mlp'"
    ),
    (
      File.history([(["train/loss"], "0.5"), (["n", "a"], "1e-3"), (["_step"], "0"), (["_timestamp"], "1796022103")]),
      "train/loss=0.5 n.a=0.001 _step=0.0 _timestamp=1796022103.0"
    ),
    (File.summary([(["train/loss"], "0.5"), (["_wandb", "runtime"], "3")]), "summary.train/loss=0.5"),
    (
      File.readings([("proc.memory.rssMB", "72.5"), ("gpu.0.gpu", "93")], seconds: 1_796_022_104),
      "system.proc.memory.rssMB=72.5 system.gpu.0.gpu=93.0 _timestamp=1796022104.0"
    ),
    (
      File.history([(["_step"], "1"), (["x"], "NaN"), (["y"], "-Infinity"), (["z"], "null"), (["t"], #""hé""#)]),
      "_step=1.0 x=nan y=-inf t='hé'"
    ),
    (EventFile.bytes(13, EventFile.text(2, "a line of the console")), nil),
    (File.exit(code: 1, runtime: 20), "exit.runtime=20.0 exit.code=1.0 exit.state='failed'"),
    (File.exit(code: 0, runtime: 7), "exit.runtime=7.0 exit.code=0.0 exit.state='finished'"),
  ]
  private static let log = File.file(contents.map(\.bytes))
  private static let records = contents.compactMap(\.record)

  private static let learningRate = EventFile.text(1, "lr") + EventFile.text(16, "0.1")

  @Test func rowsAndWhatIsSaidOfTheRunAreRecords() {
    let reading = Reading.of(Self.log, parser: wandb())
    #expect(reading.records == Self.records)
    #expect(reading.malformed == 0 && reading.unmatched == 0)
  }

  @Test(arguments: [false, true]) func aCutMakesNoDifference(resumes: Bool) {
    let whole = Reading.of(Self.log, parser: wandb())
    for cut in 0...Self.log.count {
      let reading = Reading.of(Self.log, cutAt: [cut], resumes: resumes, parser: wandb())
      #expect(reading == whole, "\(cut)")
      let head = Reading.of(Array(Self.log[..<cut]), closes: false, parser: wandb())
      #expect(head.malformed == 0 && whole.records.starts(with: head.records), "\(cut)")
    }
  }

  @Test func aDamagedRecordIsLostAlone() {
    var ends = [WandbBlocks.head.count]
    for content in Self.contents { ends.append((ends.last ?? 0) + 7 + content.bytes.count) }
    for place in 0..<Self.log.count {
      let number = ends.firstIndex { place < $0 } ?? 0
      var others = Self.contents
      if number > 0 { others.remove(at: number - 1) }
      for bit in [0, 4, 7] as [UInt8] {
        var log = Self.log
        log[place] ^= 1 << bit
        let reading = Reading.of(log, parser: wandb())
        #expect(reading.records == others.compactMap(\.record), "byte \(place), bit \(bit)")
        #expect(reading.malformed == 1, "byte \(place), bit \(bit)")
      }
    }
  }

  /// Rows over several blocks, among them some that are longer than one.
  private static let longLog: (bytes: [UInt8], steps: Int) = {
    let texts = (0..<60).map { step in
      let text = String(repeating: "x", count: step * 97 % 2_000 + (step % 20 == 7 ? 70_000 : 0))
      return File.history([(["_step"], "\(step)"), (["text"], "\"\(text)\"")])
    }
    return (File.file(texts), texts.count)
  }()

  @Test func recordsGoOnInTheNextBlock() {
    let (log, steps) = Self.longLog
    let whole = Reading.of(log, parser: wandb(use: .number))
    #expect(whole.records.count == steps && whole.malformed == 0)
    for record in whole.records.enumerated() { #expect(record.element.hasPrefix("_step=\(record.offset).0")) }
    for cut in stride(from: 0, to: log.count, by: 1_009) {
      #expect(Reading.of(log, cutAt: [cut], resumes: true, parser: wandb(use: .number)) == whole, "\(cut)")
    }
    // Around the end of each block each cut.
    for block in stride(from: WandbBlocks.blockBytes, to: log.count, by: WandbBlocks.blockBytes) {
      for cut in block - 16...block + 16 where cut < log.count {
        #expect(Reading.of(log, cutAt: [cut], resumes: true, parser: wandb(use: .number)) == whole, "\(cut)")
      }
    }
  }

  @Test func damageOfOnePartTakesTheRecordAndNoOther() {
    let (log, steps) = Self.longLog
    for place in stride(from: 7, to: log.count, by: 641) {
      var damaged = log
      damaged[place] ^= 0x10
      let reading = Reading.of(damaged, parser: wandb(use: .number))
      #expect(reading.malformed <= 1, "\(place)")
      #expect(reading.records.count == steps - reading.malformed, "\(place)")
      for cut in [place - 5, place, place + 20_000] where cut < log.count {
        #expect(Reading.of(damaged, cutAt: [cut], resumes: true, parser: wandb(use: .number)) == reading, "\(place)")
      }
    }
  }

  @Test func longRecordsAreToldAndPassedBy() {
    let (log, steps) = Self.longLog
    let reading = Reading.of(log, parser: wandb(recordBytesMax: 4_096, use: .number))
    #expect(reading.records.count == steps - 3 && reading.malformed == 3)
    for cut in stride(from: 0, to: log.count, by: 3_001) {
      let cutReading = Reading.of(
        log,
        cutAt: [cut],
        resumes: true,
        parser: wandb(recordBytesMax: 4_096, use: .number)
      )
      #expect(cutReading == reading, "\(cut)")
    }
  }

  @Test func everyEndOfABlockIsRight() {
    // The first record ends at each place before a block's end.
    for left in 0...16 {
      let length = WandbBlocks.blockBytes - WandbBlocks.head.count - 7 - left
      let first = EventFile.bytes(13, Array(repeating: 0, count: length - 4))
      #expect(first.count == length)
      let log = File.file([first] + Self.contents.map(\.bytes))
      let reading = Reading.of(log, parser: wandb())
      #expect(reading.records == Self.records && reading.malformed == 0, "\(left)")
    }
  }

  @Test func zeroBytesAtTheEndMayYetBeWritten() {
    for count in [1, 7, 300, 40_000] {
      let zeros = Array(repeating: UInt8(0), count: count)
      let waiting = Reading.of(Self.log + zeros, closes: false, parser: wandb())
      #expect(waiting.records == Self.records && waiting.malformed == 0, "\(count)")
    }
    // After a crash of the machine the writer goes on in the next block.
    var log = Self.log + Array(repeating: 0, count: WandbBlocks.blockBytes - Self.log.count)
    File.append(File.history([(["_step"], "9")]), to: &log)
    let reading = Reading.of(log, parser: wandb())
    #expect(reading.records == Self.records + ["_step=9.0"] && reading.malformed == 1)
  }

  @Test func whatIsMissingIsGivenUpOnceTheFileRests() {
    // Its length says that more belongs to it than there is.
    var log = Self.log
    log[WandbBlocks.head.count + 5] = 0x10
    #expect(Reading.of(log, closes: false, parser: wandb()).records.isEmpty)
    var parser = wandb()
    parser.rested(on: UnsafeRawBufferPointer(start: nil, count: 0))
    let reading = Reading.of(log, closes: false, parser: parser)
    #expect(reading.records == Self.records && reading.malformed == 1)
  }

  @Test func whatIsNoFileOfItIsToldOnce() {
    for text in ["", "x", "epoch,loss\n1,0.5\n2,0.25\n", String(repeating: "step 1 loss 2\n", count: 9_000)] {
      let reading = Reading.of(text, parser: wandb())
      #expect(reading.records.isEmpty && reading.malformed == (text.isEmpty ? 0 : 1), "\(text.prefix(20))")
    }
    let noJSON = File.file([File.history([(["_step"], "1 2")]), File.history([(["_step"], "")])])
    #expect(Reading.of(noJSON, parser: wandb()).malformed == 2)
  }
}
