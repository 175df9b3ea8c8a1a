import Clocks
import Foundation
import Logging
import MetricCatalog
import MetricRegistry
import Runs
import Synchronization
import Testing

@testable import ExporterKit
@testable import Serving

/// Curves as `/api/v1/curves` has them: read when somebody asks, read on when somebody asks again, and forgotten.
@Suite struct CurveReaderTests {
  private final class Clock: Sendable {
    private let moment = Mutex(Moment(monotonic: 0, wall: Moment.now.wall))

    var source: TimeSource { TimeSource { self.moment.withLock { $0 } } }

    func pass(seconds: Int64) {
      moment.withLock {
        $0.monotonic += seconds * 1_000_000_000
        $0.wall += seconds * 1_000_000_000
      }
    }
  }

  /// A folder with logs, and an exporter that has read them.
  private final class Site {
    let folder = FileManager.default.temporaryDirectory.appending(path: "curves-\(UUID().uuidString)")
    let clock = Clock()
    let generation: Generation
    var reader: CurveReader
    let ids = RunIDs()

    init(_ watchers: String, _ logs: [String: String], limits: CurveReader.Limits = .init()) throws {
      let yaml = """
        version: 1
        labels: { run: { max_values: 100 } }
        metrics:
          training_loss: { type: gauge, help: h, labels: [run] }
          training_rate_ratio: { type: gauge, help: h, labels: [run] }
        watchers:
        \(watchers)
        """
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(yaml.utf8).write(to: folder.appending(path: "metrics.yaml"))
      for (name, text) in logs { try Self.write(text, to: folder.appending(path: name)) }
      let loading = loadCatalog(path: folder.path + "/metrics.yaml")
      let catalog = try #require(loading.catalog, "\(loading.diagnostics.map(\.message))")
      generation = Generation.begin(
        catalog: catalog,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        state: nil,
        saved: nil,
        clock: clock.source,
        onUnusable: {}
      )
      reader = CurveReader(catalog: catalog, clock: clock.source, limits: limits)
      generation.reading.readOnce()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func write(_ text: String, to url: URL) throws {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }

    func write(_ text: String, to name: String) throws { try Self.write(text, to: folder.appending(path: name)) }

    func append(_ text: String, to name: String) throws {
      let handle = try FileHandle(forWritingTo: folder.appending(path: name))
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(text.utf8))
    }

    func id(_ run: String) -> String { RunIDs.id(of: .init(names: ["run"], values: [run])) }

    func document(_ parameters: [(String, String)]) -> ServedDocument {
      CurvesDocument(
        catalog: generation.catalog,
        runLogs: generation.reading.runLogs,
        board: generation.reading.runs,
        ids: ids,
        reader: reader,
        root: folder.path
      ).answer(
        DocumentRequest(path: CurvesDocument.path, parameters: parameters.map { .init($0.0, $0.1) }),
        at: clock.source.now.wall
      )
    }

    /// The document as a client reads it.
    func answer(_ parameters: [(String, String)]) throws -> [String: Any] {
      let document = document(parameters)
      #expect(document.outcome == .found, "\(String(decoding: document.rest, as: UTF8.self))")
      let text = String(decoding: document.opening + document.rest, as: UTF8.self)
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    func curves(_ run: String, _ parameters: [(String, String)] = []) throws -> [[String: Any]] {
      try #require(try answer([("run", id(run))] + parameters)["curves"] as? [[String: Any]])
    }

    func values(_ run: String, _ parameters: [(String, String)] = []) throws -> [[Double?]] {
      try curves(run, parameters).map { ($0["value"] as? [Any] ?? []).map { $0 as? Double } }
    }

    func leftOut(_ run: String) throws -> [String] {
      let told = try answer([("run", id(run))])["left_out"] as? [[String: String]] ?? []
      return told.map { $0["why"] ?? "" }
    }
  }

  private static let tables = """
      results: { files: "{run}/results.csv", format: csv, run: {}, fields: { loss: training_loss, rate: training_rate_ratio } }
    """

  @Test func whatALogSaysIsServed() throws {
    let rows = "epoch,step,loss,rate\n1,10,3,0.1\n1,20,nan,0.2\n2,30,1.5,0.3\n"
    let site = try Site(Self.tables, ["a/results.csv": rows, "<b>\"/results.csv": "loss\n-1e-7\n1e300\n"])
    let curves = try site.curves("a")
    #expect(curves.map { $0["field"] as? String } == ["loss", "rate"])
    let loss = try #require(curves.first)
    #expect(loss["run"] as? String == site.id("a") && loss["file"] as? String == "a/results.csv")
    #expect(loss["metric"] as? String == "training_loss" && loss["labels"] == nil)
    #expect(loss["total"] as? Int == 3 && loss["non_finite"] as? Int == 1)
    #expect(loss["step"] as? [Int] == [10, 20, 30] && loss["epoch"] as? [Int] == [1, 1, 2])
    #expect(loss["record"] as? [Int] == [1, 2, 3] && loss["time"] == nil)
    #expect(try site.values("a") == [[3, nil, 1.5], [0.1, 0.2, 0.3]])
    #expect(try site.values("a", [("field", "rate"), ("field", "none")]) == [[0.1, 0.2, 0.3]])
    #expect(try site.values("<b>\"") == [[-1e-7, 1e300]])
    #expect(try site.curves("<b>\"").first?["file"] as? String == "<b>\"/results.csv")
    #expect(try site.leftOut("a").isEmpty)
    let both = try site.answer([("run", site.id("a")), ("run", site.id("<b>\"")), ("run", site.id("a"))])
    #expect((both["curves"] as? [Any])?.count == 3)
  }

  @Test func whatCannotBeIsSaid() throws {
    let site = try Site(Self.tables, ["a/results.csv": "loss\n1\n"])
    func error(_ parameters: [(String, String)]) throws -> String {
      let document = site.document(parameters)
      #expect(document.opening.isEmpty)
      let json = try JSONSerialization.jsonObject(with: Data(document.rest)) as? [String: String]
      return "\(document.outcome) \(json?["error"] ?? "")"
    }
    let id = site.id("a")
    #expect(try error([]).hasPrefix("badRequest name a run"))
    #expect(try error([("run", "</script>\u{202e}")]).hasPrefix("notFound there is no run </script>\u{202e}"))
    for points in ["1", "2001", "x", "", "-5"] {
      #expect(try error([("run", id), ("points", points)]) == "badRequest points is a number from 2 to 2000")
    }
    #expect(try error((0..<21).map { ("run", "\($0)") }) == "badRequest more than 20 runs")
    let told = try site.answer([("run", "0123456789abcdef"), ("run", id)])
    #expect((told["left_out"] as? [[String: String]])?.first?["why"] == "there is no such run")
    #expect((told["curves"] as? [Any])?.count == 1)
  }

  /// The file is read on where it stood, and from its beginning where it is another.
  @Test func aLogIsReadOn() throws {
    let site = try Site(Self.tables, ["a/results.csv": "loss\n1\n2\n"])
    #expect(try site.values("a") == [[1, 2]])
    try site.append("3\n4", to: "a/results.csv")
    #expect(try site.values("a") == [[1, 2, 3]])
    // A last line without its end is one when it has rested.
    site.clock.pass(seconds: 60)
    #expect(try site.values("a") == [[1, 2, 3, 4]])
    try site.append("5\n", to: "a/results.csv")
    #expect(try site.values("a") == [[1, 2, 3, 45]])
    let handle = try FileHandle(forWritingTo: site.folder.appending(path: "a/results.csv"))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data("loss\n7\n8\n9\n10\n11\n12\n".utf8))
    try handle.close()
    #expect(try site.values("a") == [[7, 8, 9, 10, 11, 12]])
    try FileManager.default.removeItem(at: site.folder.appending(path: "a/results.csv"))
    #expect(try site.leftOut("a") == ["a/results.csv is gone, or cannot be read"])
  }

  /// Whoever writes a log may cut it at any moment, in the middle of a line, too.
  @Test func aLogThatBecomesShorterWhileItIsReadEndsThere() throws {
    var limits = CurveReader.Limits()
    limits.readBytes = 32
    let rows = "loss\n" + (1...5000).map { "\($0)\n" }.joined()
    let site = try Site(Self.tables, ["a/results.csv": rows], limits: limits)
    let path = site.folder.appending(path: "a/results.csv").path
    let stopped = Mutex(false)
    let cutting = Thread {
      while !stopped.withLock({ $0 }) {
        truncate(path, 1000)
        usleep(500)
        truncate(path, off_t(rows.utf8.count))
        usleep(500)
      }
    }
    cutting.start()
    for _ in 0..<50 { _ = try site.answer([("run", site.id("a"))]) }
    stopped.withLock { $0 = true }
    while !cutting.isFinished { usleep(1000) }
  }

  @Test func ofALongLogTheEndIsRead() throws {
    var limits = CurveReader.Limits()
    (limits.logBytes, limits.readBytes) = (60, 7)
    let rows = (1...100).map { "\($0),\($0)\n" }.joined()
    let site = try Site(Self.tables, ["a/results.csv": "epoch,loss\n" + rows], limits: limits)
    let values = try #require(try site.values("a").first)
    #expect(values.last == 100 && values.count == 9 && values.first == 92)
    let leftOut = try site.leftOut("a")
    #expect(leftOut.count == 1 && leftOut[0].hasPrefix("a/results.csv is long: its first "), "\(leftOut)")
    try site.append("101,101\n", to: "a/results.csv")
    #expect(try site.values("a").first?.suffix(2) == [100, 101])
  }

  /// Lines that are longer than what is read at a time, and logs that wait for each other.
  @Test func manyLogsAreReadInTurns() throws {
    var limits = CurveReader.Limits()
    (limits.readBytes, limits.turnBytes) = (16, 64)
    let rows = (1...200).map { "\($0),\(String(repeating: " ", count: 40))\($0)\n" }.joined()
    let logs = Dictionary(uniqueKeysWithValues: (0..<10).map { ("r\($0)/results.csv", "epoch,loss\n" + rows) })
    let site = try Site(Self.tables, logs, limits: limits)
    let runs = (0..<10).map { ("run", site.id("r\($0)")) }
    var answer = try site.answer(runs)
    // On a busy machine an answer says that they are still being read.
    for _ in 0..<30 where answer["left_out"] != nil { answer = try site.answer(runs) }
    let curves = try #require(answer["curves"] as? [[String: Any]])
    #expect(curves.count == 10 && curves.allSatisfy { $0["value"] as? [Int] == Array(1...200) })
    #expect(answer["left_out"] == nil)
  }

  /// What has no room is said, and what nobody has asked for lately makes room.
  @Test func whatIsKeptIsBounded() throws {
    var limits = CurveReader.Limits()
    limits.keptBytes = 200_000
    let rows = (1...2000).map { "\($0),\($0)\n" }.joined()
    let logs = Dictionary(uniqueKeysWithValues: (0..<20).map { ("r\($0)/results.csv", "epoch,loss\n" + rows) })
    let site = try Site(Self.tables, logs, limits: limits)
    for _ in 0..<2 {
      for run in 0..<20 {
        #expect(try site.values("r\(run)").first?.last == 2000)
        #expect(site.reader.byteCount <= limits.keptBytes)
      }
    }
    let answer = try site.answer((0..<20).map { ("run", site.id("r\($0)")) })
    let curves = (answer["curves"] as? [Any])?.count ?? 0
    let leftOut = answer["left_out"] as? [[String: String]] ?? []
    #expect(curves > 0 && curves + leftOut.count == 20)
    #expect(
      leftOut.allSatisfy { $0["why"]?.hasSuffix("has no room beside the others: ask for fewer runs at a time") == true }
    )
    // What has no room is known to have none.
    #expect(site.reader.byteCount <= limits.keptBytes + 20 * 4096)
  }

  @Test func whatNobodyLooksAtIsForgotten() throws {
    var limits = CurveReader.Limits()
    limits.keptTime = 50_000_000
    let site = try Site(Self.tables, ["a/results.csv": "loss\n1\n"], limits: limits)
    #expect(site.reader.byteCount == 0)
    #expect(try site.values("a") == [[1]])
    #expect(site.reader.byteCount > 0)
    let end = Date(timeIntervalSinceNow: 30)
    while site.reader.byteCount > 0, Date() < end {
      site.clock.pass(seconds: 1)
      usleep(10_000)
    }
    #expect(site.reader.byteCount == 0)
    #expect(try site.values("a") == [[1]])
  }

  /// A document of one record is no curve, one with a history is.
  @Test func documentsAreReadWhole() throws {
    let watchers = """
        state: { files: "{run}/state.json", format: json, records: log_history, run: {}, fields: { loss: training_loss } }
        arguments: { files: "{run}/args.yaml", format: yaml, run: {}, fields: { rate: training_rate_ratio } }
        events: { files: "{run}/x.events", format: events }
      """
    let logs = [
      "a/state.json": #"{"log_history": [{"step": 1, "loss": 3}, {"step": 2, "loss": 2}]}"#, "a/args.yaml": "rate: 1\n",
    ]
    let site = try Site(watchers, logs)
    #expect(try site.values("a") == [[3, 2]])
    try site.write(
      #"{"log_history": [{"step": 1, "loss": 3}, {"step": 2, "loss": 2}, {"step": 3, "loss": 1}]}"#,
      to: "a/state.json"
    )
    site.generation.reading.readOnce()
    #expect(try site.values("a") == [[3, 2, 1]])
    #expect(try site.leftOut("a").isEmpty)
  }

  /// What stands where a log was is looked at, and nobody waits for it.
  @Test func aPipeInPlaceOfALogIsNoLog() throws {
    let site = try Site(Self.tables, ["a/results.csv": "loss\n1\n"])
    let path = site.folder.appending(path: "a/results.csv").path
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(try site.leftOut("a") == ["a/results.csv is gone, or cannot be read"])
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
    #expect(try site.leftOut("a") == ["a/results.csv is gone, or cannot be read"])
  }

  @Test func idsFollowFromLabelsAlone() {
    let one = RunIDs.id(of: .init(names: ["user", "run"], values: ["a", "b"]))
    #expect(one == RunIDs.id(of: .init(names: ["run", "user"], values: ["b", "a"])))
    #expect(one.wholeMatch(of: /[0-9a-f]{16}/) != nil)
    #expect(one != RunIDs.id(of: .init(names: ["user", "run"], values: ["b", "a"])))
    #expect(RunIDs.id(of: .init(names: ["run"], values: ["exp1"])) == "371203270b4c3722")
  }
}
