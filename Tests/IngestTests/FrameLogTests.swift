import LogStations
import StateStore
import Testing

/// Logs of binary frames, followed while they are written.
@Suite struct FrameLogTests {
  struct Kind: CustomTestStringConvertible, Sendable {
    var format: String
    var log: [UInt8]
    var rows: Int
    var testDescription: String { format }
  }

  private static let count = 12

  static let kinds: [Kind] = [
    Kind(
      format: "tensorboard",
      log: EventFile.version()
        + (1...count).flatMap { EventFile.scalar("loss", 1 / Float($0), step: Int64($0), wallTime: 1.7e9 + Double($0)) },
      rows: count
    ),
    Kind(
      format: "wandb",
      log: WandbFile.file(
        (1...count).map { step in
          let time = "\(1_700_000_000 + step)"
          return WandbFile.history([(["_step"], "\(step)"), (["loss"], "\(1 / Float(step))"), (["_timestamp"], time)])
        }
      ),
      rows: count
    ),
  ]

  private static func catalog(_ kind: Kind) -> String {
    """
    version: 1
    labels: { run: { max_values: 9 } }
    metrics:
      rows_total: { type: counter, help: Rows, labels: [run] }
      loss: { type: gauge, help: Loss, labels: [run] }
      loss_sum: { type: summary, help: Losses, labels: [run] }
    watchers:
      w: { files: "{run}.log", format: \(kind.format), each_record: rows_total, fields: { loss: [loss, loss_sum] } }
    """
  }

  private static func samples(of log: [UInt8], _ kind: Kind) throws -> [String] {
    let station = try Station(catalog(kind))
    try station.folder.append(bytes: log, to: "a.log")
    station.settle()
    return station.samples
  }

  @Test(arguments: kinds) func aKillAtEachByteChangesNothing(kind: Kind) throws {
    let whole = try Self.samples(of: kind.log, kind)
    #expect(whole.contains { $0.contains("rows_total") && $0.hasSuffix(" \(kind.rows)") }, "\(whole)")
    for cut in 1..<kind.log.count {
      let station = try Station(Self.catalog(kind))
      try station.folder.append(bytes: Array(kind.log[..<cut]), to: "a.log")
      station.look()
      if cut.isMultiple(of: 3) { station.rest() }
      try station.restart(Self.catalog(kind), from: station.save())
      if cut.isMultiple(of: 2) { station.settle() }
      try station.folder.append(bytes: Array(kind.log[cut...]), to: "a.log")
      station.settle()
      #expect(station.samples == whole, "\(cut)")
    }
  }

  /// Half a frame shows nothing, and a file that rests on one is read on.
  @Test(arguments: kinds) func halfAFrameIsNotShown(kind: Kind) throws {
    let station = try Station(Self.catalog(kind))
    try station.folder.append(bytes: Array(kind.log.dropLast(3)), to: "a.log")
    station.settle()
    let before = station.samples
    #expect(before.contains { $0.contains("rows_total") && $0.hasSuffix(" \(kind.rows - 1)") }, "\(before)")
    #expect(station.ingest.counters[0].count(.malformed) == 0)
    try station.folder.append(bytes: Array(kind.log.suffix(3)), to: "a.log")
    station.settle()
    #expect(station.samples == (try Self.samples(of: kind.log, kind)))
  }

  /// Whatever its last byte is: a zero byte at the end is content.
  @Test func aFrameMayEndInAZeroByte() throws {
    let kind = Self.kinds[0]
    var step: Int64 = 1
    var last = EventFile.scalar("loss", 7, step: step)
    while last.last != 0 {
      step += 1
      last = EventFile.scalar("loss", 7, step: step)
    }
    let station = try Station(Self.catalog(kind))
    try station.folder.append(bytes: kind.log + last, to: "a.log")
    station.settle()
    #expect(station.samples.contains { $0.contains("loss{") && $0.hasSuffix(" 7") }, "\(station.samples)")
  }

  @Test(arguments: kinds) func aDamagedFrameIsCountedAndTheOthersStay(kind: Kind) throws {
    var log = kind.log
    log[log.count / 2] ^= 4
    let samples = try Self.samples(of: log, kind)
    #expect(samples.contains { $0.contains("rows_total") && $0.hasSuffix(" \(kind.rows - 1)") }, "\(samples)")
  }

  /// Room that was made in advance costs nothing, however much of it there is.
  @Test(arguments: kinds) func roomMadeInAdvanceIsNotRead(kind: Kind) throws {
    let station = try Station(Self.catalog(kind))
    try station.folder.append(bytes: kind.log, to: "a.log")
    try station.folder.truncate("a.log", to: 1 << 40)
    station.settle()
    let samples = station.samples
    #expect(samples.contains { $0.contains("rows_total") && $0.hasSuffix(" \(kind.rows)") }, "\(samples)")
    #expect(station.ingest.counters[0].count(.malformed) <= 1)
  }

  /// A hole as a crash of the machine leaves it: what is behind it is read.
  @Test(arguments: kinds) func aHoleIsDamage(kind: Kind) throws {
    let station = try Station(Self.catalog(kind))
    try station.folder.append(bytes: kind.log, to: "a.log")
    let blocks = 20 << 15
    try station.folder.truncate("a.log", to: blocks)
    // A block of W&B goes on from where its file does.
    let behind = kind.format == "wandb" ? Array(kind.log.dropFirst(7)) : kind.log
    try station.folder.append(bytes: behind, to: "a.log")
    station.settle()
    let samples = station.samples
    #expect(samples.contains { $0.contains("rows_total") && $0.hasSuffix(" \(2 * kind.rows)") }, "\(samples)")
  }
}
