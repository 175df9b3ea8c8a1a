import LogStations
import Testing

@testable import LogFormats

private func tensorboard(frameBytesMax: Int = 4096, use: FieldUse = [.number, .text]) -> TensorboardFormat {
  TensorboardFormat(frameBytesMax: frameBytesMax, fields: fields(use))
}

private typealias File = EventFile

@Suite struct TensorboardFormatTests {
  /// A small log with everything that matters; records by the frames that have one.
  private static let frames: [[UInt8]] = [
    File.version(),
    File.scalar("train/loss", 0.5, step: 1, wallTime: 1_700_000_000.25),
    File.event(step: 1, [File.simple("a b", -2), File.simple("ü/ß", .nan)]),
    File.event(step: 2, [File.tensor("h", type: 1, dimensions: [6], File.bytes(5, Array(repeating: 0, count: 24)))]),
    File.scalar("val/loss", 0.25, step: 2),
    File.frame(File.fixed64(1, 0) + File.bytes(4, Array(repeating: 0x12, count: 60))),
    File.scalar("train/loss", 0.125, step: 3),
  ]
  private static let records = [
    "train/loss=0.5 step=1.0 wall_time=1700000000.25", "a b=-2.0 ü/ß=nan step=1.0 wall_time=1.0",
    "val/loss=0.25 step=2.0 wall_time=1.0", "train/loss=0.125 step=3.0 wall_time=1.0",
  ]
  private static let log = Array(frames.joined())

  @Test func anEventWithScalarsIsARecord() {
    let reading = Reading.of(Self.log, parser: tensorboard())
    #expect(reading.records == Self.records)
    #expect(reading.malformed == 0 && reading.unmatched == 0)
  }

  @Test(arguments: [false, true]) func aCutMakesNoDifference(resumes: Bool) {
    let whole = Reading.of(Self.log, parser: tensorboard())
    for cut in 0...Self.log.count {
      let reading = Reading.of(Self.log, cutAt: [cut], resumes: resumes, parser: tensorboard())
      #expect(reading == whole, "\(cut)")
      let head = Reading.of(Array(Self.log[..<cut]), closes: false, parser: tensorboard())
      #expect(head.malformed == 0 && whole.records.starts(with: head.records), "\(cut)")
    }
  }

  @Test func aDamagedFrameIsLostAlone() {
    var start = 0
    for (number, frame) in Self.frames.enumerated() {
      let scalars = [1, 2, 4, 6].firstIndex(of: number)
      var others = Self.records
      if let scalars { others.remove(at: scalars) }
      for place in start..<start + frame.count {
        for bit in [0, 3, 7] as [UInt8] {
          var log = Self.log
          log[place] ^= 1 << bit
          let reading = Reading.of(log, parser: tensorboard())
          #expect(reading.records == others, "byte \(place), bit \(bit)")
          #expect(reading.malformed == 1, "byte \(place), bit \(bit)")
        }
      }
      start += frame.count
    }
  }

  @Test func whatIsCutOffIsToldAtTheEnd() {
    for cut in 1..<Self.log.count {
      let reading = Reading.of(Array(Self.log[..<cut]), parser: tensorboard())
      var end = 0
      let isBetween = Self.frames.contains {
        end += $0.count
        return end == cut
      }
      #expect(reading.malformed == (isBetween ? 0 : 1), "\(cut)")
    }
  }

  @Test func tensorsOfEveryTypeAreNumbers() {
    let float = File.littleEndian(Float(1.5).bitPattern)
    let double = File.littleEndian(1.5.bitPattern)
    let values: [(UInt64, [UInt8], String)] = [
      (1, File.bytes(5, float), "1.5"), (1, [5 << 3 | 5] + float, "1.5"), (1, File.bytes(4, float), "1.5"),
      (2, File.bytes(6, double), "1.5"), (2, File.bytes(4, double), "1.5"), (2, [], "0.0"),
      (3, File.bytes(7, File.varint(UInt64(bitPattern: -3))), "-3.0"), (3, File.varint(7, 5), "5.0"),
      (4, File.bytes(4, [200]), "200.0"), (5, File.bytes(4, [0xFE, 0xFF]), "-2.0"), (6, File.bytes(4, [0xFE]), "-2.0"),
      (9, File.bytes(10, File.varint(1 << 40)), "1099511627776.0"), (10, File.bytes(11, [1]), "1.0"),
      (14, File.bytes(13, File.varint(0x3FC0)), "1.5"), (19, File.bytes(13, File.varint(0x3E00)), "1.5"),
      (19, File.bytes(4, [0x00, 0xC0]), "-2.0"), (19, File.bytes(4, [0x01, 0x00]), "5.960464477539063e-08"),
      (19, File.bytes(4, [0x00, 0x7C]), "inf"), (22, File.varint(16, 7), "7.0"),
      (23, File.bytes(17, File.varint(9)), "9.0"),
    ]
    for (type, content, number) in values {
      for plugin in ["scalars", nil] {
        let log = File.event(step: 1, [File.tensor("x", type: type, content, plugin: plugin)])
        let records = Reading.of(log, parser: tensorboard()).records
        #expect(records == ["x=\(number) step=1.0 wall_time=1.0"], "type \(type)")
      }
    }
  }

  @Test func whatIsNoScalarIsNoRecord() {
    let float = File.bytes(5, File.littleEndian(Float(1.5).bitPattern))
    let others = [
      File.tensor("x", type: 1, float, plugin: "images"),
      File.tensor("x", type: 7, File.text(8, "text"), plugin: "text"),
      File.tensor("x", type: 7, File.text(8, "text"), plugin: nil),
      File.tensor("x", type: 1, dimensions: [1], float, plugin: nil), File.tensor("x", type: 99, float),
      File.text(1, "x") + File.bytes(4, [1, 2, 3]), File.simple("", 1),
    ]
    for value in others {
      let reading = Reading.of(File.event(step: 1, [value]), parser: tensorboard())
      #expect(reading.records.isEmpty && reading.malformed == 0, "\(value)")
    }
    // The plugin says that it is one.
    let scalar = File.tensor("x", type: 1, dimensions: [1], float)
    let record = Reading.of(File.event(step: 0, [scalar]), parser: tensorboard()).records
    #expect(record == ["x=1.5 step=0.0 wall_time=1.0"])
    #expect(Reading.of(File.frame([0xFF]), parser: tensorboard()).malformed == 1)
  }

  @Test func hyperparametersAreARecordWithoutAStep() {
    let log =
      File.event(
        step: 0,
        [
          File.hyperparameters([
            ("lr", File.fixed64(2, 0.1.bitPattern)), ("layers", File.fixed64(2, 12.0.bitPattern)),
            ("optimizer", File.text(3, "adam")), ("bias", File.varint(4, 1)), ("none", File.varint(1, 0)),
          ])
        ]
      ) + File.event(step: 0, [File.sessionEnd(status: 2)])
    let reading = Reading.of(log, parser: tensorboard())
    #expect(
      reading.records == [
        "hparams.lr=0.1 hparams.layers=12.0 hparams.optimizer='adam' hparams.bias='true' wall_time=1.0",
        "hparams.status='failure' wall_time=1.0",
      ]
    )
  }

  @Test func theStepIsTheEvents() {
    let log = File.event(step: 7, [File.simple("step", 3), File.simple("x", 1)])
    #expect(Reading.of(log, parser: tensorboard()).records == ["x=1.0 step=7.0 wall_time=1.0"])
    let backwards = File.scalar("x", 1, step: -1)
    #expect(Reading.of(backwards, parser: tensorboard()).records == ["x=1.0 step=-1.0 wall_time=1.0"])
  }

  @Test func longFramesArePassedBy() {
    let picture = File.frame(File.bytes(5, File.bytes(1, File.bytes(4, Array(repeating: 0, count: 300)))))
    let log = Self.log + picture + File.scalar("x", 1, step: 4)
    let whole = Reading.of(log, parser: tensorboard(frameBytesMax: 100))
    #expect(whole.records == Self.records + ["x=1.0 step=4.0 wall_time=1.0"])
    #expect(whole.malformed == 0)
    for cut in Self.log.count..<log.count {
      #expect(Reading.of(log, cutAt: [cut], resumes: true, parser: tensorboard(frameBytesMax: 100)) == whole)
    }
    // A hole in it is a part of it, and one behind it is none.
    for (byteCount, malformed) in [(100, 0), (400, 1)] {
      var parser = tensorboard(frameBytesMax: 100)
      var batch = RecordBatch()
      let consumed = Array(picture.prefix(150)).withUnsafeBytes { parser.parse($0, isClosed: false, into: &batch) }
      parser.skip(byteCount, into: &batch)
      #expect(consumed == 150 && batch.malformed == malformed)
      let rest = picture.dropFirst(150 + min(byteCount, picture.count - 150)) + File.scalar("x", 1, step: 4)
      let reading = Reading.of(Array(rest), parser: parser)
      #expect(reading.records == ["x=1.0 step=4.0 wall_time=1.0"])
    }
  }

  @Test func zeroBytesAtTheEndMayYetBeWritten() {
    for count in [1, 12, 300] {
      let zeros = Array(repeating: UInt8(0), count: count)
      let waiting = Reading.of(Self.log + zeros, closes: false, parser: tensorboard())
      #expect(waiting.records == Self.records && waiting.malformed == 0, "\(count)")
      let behind = Reading.of(Self.log + zeros + File.scalar("x", 1, step: 4), parser: tensorboard())
      #expect(behind.records.count == Self.records.count + 1 && behind.malformed == 1, "\(count)")
    }
    // A network file system brought the frame's size before its last bytes.
    let frame = File.scalar("x", 1, step: 4)
    let half = frame.prefix(frame.count - 6) + Array(repeating: 0, count: 6)
    let waiting = Reading.of(Self.log + half, closes: false, parser: tensorboard())
    #expect(waiting.records == Self.records && waiting.malformed == 0)
  }

  @Test func whatIsNoEventFileIsToldOnce() {
    for text in ["", "x", "epoch,loss\n1,0.5\n2,0.25\n", String(repeating: "step 1 loss 2\n", count: 1000)] {
      let reading = Reading.of(text, parser: tensorboard())
      #expect(reading.records.isEmpty && reading.malformed == (text.isEmpty ? 0 : 1))
    }
  }

  @Test func digestsTellRecordsApart() {
    let logs = [
      File.scalar("x", 1, step: 4), File.scalar("x", 1, step: 5), File.scalar("x", 2, step: 4),
      File.scalar("y", 1, step: 4), File.scalar("x", 1, step: 4, wallTime: 2),
    ]
    // They do not depend on what is wanted.
    for use in [FieldUse.number, [.number, .text], []] {
      let digests = logs.map { Reading.of($0, parser: tensorboard(use: use)).digests }
      #expect(Set(digests).count == logs.count)
      #expect(digests == logs.map { Reading.of($0, parser: tensorboard()).digests })
    }
  }

  @Test func labelsGetNumbersAsTexts() {
    let values: [(Float, String)] = [(3, "3"), (0.5, "0.5"), (-1e30, "-1.0000000150474662e+30"), (.infinity, "inf")]
    for (value, text) in values {
      var batch = RecordBatch()
      var parser = tensorboard()
      _ = File.scalar("x", value, step: 4).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
      #expect(texts(of: batch) == [text, "4", "1"])
    }
  }
}
