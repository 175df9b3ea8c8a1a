import Testing

/// A log's contribution is a function of what it held: O and what follows the common prefix, whatever was done to it.
@Suite struct HistoryTests {
  static let catalog = """
    version: 1
    labels: { run: { max_values: 10 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      score: { type: gauge, help: h, labels: [run] }
      epochs_total: { type: counter, help: h, labels: [run] }
      seconds_total: { type: counter, help: h, labels: [run] }
    watchers:
      w:
        files: "{run}.csv"
        format: csv
        each_record: epochs_total
        fields: { loss: loss, score: score, time: { metric: seconds_total, from: running_total } }
    """

  @Test func writtenAgainWiderNothingIsCountedTwice() throws {
    let bench = try Bench(Self.catalog)
    let log = bench.log()
    log.append("time,loss\n1,0.9\n2,0.8\n")
    log.caughtUp()
    log.restart()
    // Half written: what was there still counts, and nothing flickers.
    log.append("time , new,  loss\n 1,,  0.9\n")
    log.caughtUp()
    #expect(bench.samples == ["loss{run=\"a\"} 0.8", "epochs_total{run=\"a\"} 2", "seconds_total{run=\"a\"} 2"])
    log.append(" 2,,0.8\n 4,7,0.7\n")
    log.caughtUp()
    #expect(bench.samples == ["loss{run=\"a\"} 0.7", "epochs_total{run=\"a\"} 3", "seconds_total{run=\"a\"} 4"])
  }

  @Test func trimmedAndResumedCountsWhatIsNew() throws {
    let bench = try Bench(Self.catalog)
    let log = bench.log()
    log.append("time,loss,score\n1,0.9,\n2,0.8,5\n3,0.7,6\n")
    log.caughtUp()
    log.rewrite("time,loss,score\n1,0.9,\n2,0.8,5\n")
    #expect(
      bench.samples == [
        "loss{run=\"a\"} 0.7", "score{run=\"a\"} 6", "epochs_total{run=\"a\"} 3", "seconds_total{run=\"a\"} 3",
      ]
    )
    // Epoch 3 again, with other values: the score of the row that went is shown no longer.
    log.append("2.5,0.75,\n")
    log.caughtUp()
    #expect(
      bench.samples == [
        "loss{run=\"a\"} 0.75", "score{run=\"a\"} 5", "epochs_total{run=\"a\"} 4", "seconds_total{run=\"a\"} 3.5",
      ]
    )
  }

  @Test func aNewRunInThePlaceOfTheOldAdds() throws {
    let bench = try Bench(Self.catalog)
    let log = bench.log()
    log.append("time,loss\n10,0.9\n20,0.8\n")
    log.caughtUp()
    log.rewrite("")
    #expect(bench.samples.first == "loss{run=\"a\"} 0.8")
    log.append("time,loss\n11,0.5\n")
    log.caughtUp()
    #expect(bench.samples == ["loss{run=\"a\"} 0.5", "epochs_total{run=\"a\"} 3", "seconds_total{run=\"a\"} 31"])
  }

  @Test func aLastLineWithoutItsEndIsShownAndNotCounted() throws {
    let bench = try Bench(Self.catalog)
    let log = bench.log()
    log.append("time,loss\n1,0.9\n2,0.8")
    log.append("", ending: .rested(fileSize: 1))
    #expect(bench.samples == ["loss{run=\"a\"} 0.8", "epochs_total{run=\"a\"} 1", "seconds_total{run=\"a\"} 1"])
    log.append("5\n3,0.7", ending: .closed)
    #expect(bench.samples == ["loss{run=\"a\"} 0.7", "epochs_total{run=\"a\"} 3", "seconds_total{run=\"a\"} 3"])
  }

  @Test func checkpointsOfOneRunAreOneLog() throws {
    let bench = try Bench(
      """
      version: 1
      labels: { run: { max_values: 10 } }
      metrics:
        loss: { type: gauge, help: h, labels: [run] }
        records_total: { type: counter, help: h, labels: [run] }
      watchers:
        w:
          files: "{run}/checkpoint-*/state.json"
          format: json
          records: log.history
          each_record: records_total
          fields: { loss: loss }
      """
    )
    func document(_ losses: [Int]) -> String {
      let records = losses.map { "{\"loss\": \($0)}" }.joined(separator: ", ")
      return "{\"log\": {\"history\": [\(records)], \"steps\": 3}}"
    }
    let first = bench.log()
    let second = bench.log()
    let otherRun = bench.log(["run": "b"])
    first.append(document([5, 4]))
    second.append(document([5, 4, 3]))
    otherRun.append(document([5, 4]))
    first.append(document([5, 4]))
    second.append("{\"log\": {\"history\": [{\"loss\"")
    #expect(
      bench.samples == [
        "loss{run=\"a\"} 3", "loss{run=\"b\"} 4", "records_total{run=\"a\"} 3", "records_total{run=\"b\"} 2",
      ]
    )
    #expect(bench.ingest.counters[0].count(.malformed) == 0)
    // A document without records yet is whose it will be.
    let third = bench.log()
    third.append(document([]))
    third.append(document([5, 4, 3]))
    second.append("{", ending: .open)
    second.append("", ending: .rested(fileSize: 1))
    second.append("", ending: .rested(fileSize: 1))
    #expect(bench.ingest.counters[0].count(.malformed) == 1)
    second.append(document([5, 4, 9]))
    #expect(bench.samples.first == "loss{run=\"a\"} 9")
    #expect(bench.samples.contains("records_total{run=\"a\"} 4"))
    // From here on they go apart: each adds its own.
    third.append(document([5, 4, 3, 7]))
    second.append(document([5, 4, 9, 8]))
    third.append(document([5, 4, 3, 7, 6]))
    #expect(bench.samples.contains("records_total{run=\"a\"} 7"))
  }

  @Test func aRenamedLogFeedsTheLabelsOfItsNewName() throws {
    let bench = try Bench(Self.catalog)
    let log = bench.log(["run": "a"])
    log.append("time,loss\n1,0.9\n")
    log.caughtUp()
    log.rename(["run": "b"])
    log.append("3,0.8\n")
    log.caughtUp()
    #expect(
      bench.samples == [
        "loss{run=\"a\"} 0.9", "loss{run=\"b\"} 0.8", "epochs_total{run=\"a\"} 1", "epochs_total{run=\"b\"} 1",
        "seconds_total{run=\"a\"} 1", "seconds_total{run=\"b\"} 2",
      ]
    )
    // Its history goes along.
    log.rewrite("time,loss\n1,0.9\n3,0.8\n4,0.7\n")
    #expect(bench.samples.contains("epochs_total{run=\"b\"} 2"))
    #expect(bench.samples.contains("seconds_total{run=\"b\"} 3"))
  }

  @Test func theLogAfterARotatedCopyBeginsWithTheHistoryOfItsName() throws {
    let bench = try Bench(Self.catalog)
    let log = bench.log()
    log.append("time,loss\n1,0.9\n2,0.8\n")
    log.caughtUp()
    let next = bench.log()
    next.consumer.handle(.succeeds(log.consumer))
    log.append("3,0.7\n")
    log.caughtUp()
    // Other rows count; rows that are written again, because the copy was a backup, do not.
    next.append("time,loss\n1,0.9\n2,0.75\n")
    next.caughtUp()
    #expect(bench.samples == ["loss{run=\"a\"} 0.75", "epochs_total{run=\"a\"} 4", "seconds_total{run=\"a\"} 4"])
  }

  @Test func aRenamedDocumentTakesItsRecordsAlong() throws {
    let bench = try Bench(
      """
      version: 1
      labels: { run: { max_values: 10 } }
      metrics:
        loss: { type: gauge, help: h, labels: [run] }
        records_total: { type: counter, help: h, labels: [run] }
      watchers:
        w: { files: "{run}.json", format: json, records: log, each_record: records_total, fields: { loss: loss } }
      """
    )
    let log = bench.log(["run": "a"])
    log.append("{\"log\": [{\"loss\": 5}, {\"loss\": 4}]}")
    log.rename(["run": "b"])
    log.append("{\"log\": [{\"loss\": 5}, {\"loss\": 4}, {\"loss\": 3}]}")
    #expect(
      bench.samples == [
        "loss{run=\"a\"} 4", "loss{run=\"b\"} 3", "records_total{run=\"a\"} 2", "records_total{run=\"b\"} 1",
      ]
    )
  }

  /// Any sequence of contents, each read in any pieces, against the rule in plain arrays.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func anySequenceOfContents(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let bench = try Bench(Self.catalog)
    let log = bench.log()
    var old: [Int] = []
    var total = 0
    var shown: Int?
    for _ in 0..<60 {
      // Keep a prefix, then go on with rows that may be the old ones or others.
      let kept = Int.random(in: 0...old.count, using: &random)
      let added = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 1...3, using: &random) }
      let new = Array(old.prefix(kept)) + added
      let common = zip(old, new).prefix { $0 == $1 }.count
      total += new.count - common
      if common < new.count { shown = new.last }

      log.restart()
      let rows = "loss\n" + new.map { "\($0)\n" }.joined()
      let cut = rows.index(rows.startIndex, offsetBy: Int.random(in: 0...rows.count, using: &random))
      log.append(String(rows[..<cut]))
      log.append(String(rows[cut...]))
      log.caughtUp()
      // A prefix of what the log had leaves its history as it was.
      if common < new.count || new.count >= old.count { old = new }

      var expected: [String] = []
      if let shown { expected.append("loss{run=\"a\"} \(shown)") }
      if total > 0 { expected.append("epochs_total{run=\"a\"} \(total)") }
      #expect(bench.samples == expected, "seed \(seed), content \(new)")
    }
  }
}

/// A small generator with a seed, so that a failure can be made again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed &>> 31)
  }
}
