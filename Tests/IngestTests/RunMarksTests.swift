import LogStations
import Runs
import Tailing
import Testing

@testable import Ingest

/// The files of runs that are no logs: marks of their end, and checkpoints.
@Suite struct RunMarksTests {
  private static let catalog = """
    version: 1
    labels: { run: { max_values: 9 } }
    watchers:
      rows:
        files: "runs/{run}/rows.csv"
        format: csv
        run:
          checkpoints: ["runs/{run}/weights/*.pt", "runs/{run}/checkpoint-*"]
          finished_file: "runs/{run}/DONE"
          failed_file: "runs/{run}/error.*"
    """

  /// A folder with runs, whose files have the time of the station.
  private final class Place {
    let station: Station
    private(set) var marks: RunMarks
    let files: any FileSystem

    init(_ yaml: String = RunMarksTests.catalog, files: any FileSystem = RealFileSystem()) throws {
      let station = try Station(yaml)
      self.station = station
      self.files = files
      marks = try Self.marks(station, files)
    }

    private static func marks(_ station: Station, _ files: any FileSystem) throws -> RunMarks {
      try #require(
        RunMarks(
          station.ingest.catalog,
          root: station.folder.url.path,
          logs: station.ingest.runLogs,
          files: files,
          clock: { station.clock.now }
        )
      )
    }

    func restart() throws {
      try station.restart(RunMarksTests.catalog, from: station.save())
      marks = try Self.marks(station, files)
      station.settle()
    }

    /// Also its folder has the station's time: two changes within a few milliseconds have the same by the system's.
    func write(_ text: String, to name: String) throws {
      try station.write(text, to: name)
      try stampFolder(of: name)
    }

    func remove(_ name: String) throws {
      try station.remove(name)
      try stampFolder(of: name)
    }

    func link(_ name: String, to target: String) throws {
      try station.folder.link(name, to: target)
      try stampFolder(of: name)
    }

    func append(_ text: String, to name: String) throws {
      try station.append(text, to: name)
      station.look()
    }

    private func stampFolder(of name: String) throws {
      let folder = name.split(separator: "/").dropLast().joined(separator: "/")
      try station.folder.setTime(station.clock.now.wall, of: folder)
    }

    /// Lets time pass, and looks.
    func pass(_ seconds: Int64) {
      station.pass(seconds)
      marks.look(for: station.ingest.runs)
    }

    func health(_ run: String = "a") -> RunHealth? {
      station.ingest.runs.all().first { $0.key.values == [run] }?.health
    }

    func state(_ run: String = "a") -> RunState? { health(run)?.state(at: station.clock.now.wall) }

    /// The newest, as its name in the folder and its size.
    func checkpoint(_ run: String = "a") -> String? {
      health(run)?.checkpoint.map { "\(station.folder.name($0.path)) \($0.size)" }
    }
  }

  /// Counts calls, and makes links those of somebody who owns nothing.
  private final class WatchedFiles: FileSystem {
    var linksAreForeign = false
    private(set) var calls = 0
    private let files = RealFileSystem()

    var user: UInt32 { linksAreForeign ? 4_000_001 : files.user }

    private func seen(_ status: PathStatus) -> PathStatus {
      var status = status
      if linksAreForeign { status.owner = status.kind == .link ? 4_000_002 : 4_000_003 }
      return status
    }

    func status(of path: LogPath) throws(SystemError) -> PathStatus {
      calls += 1
      return try files.status(of: path)
    }

    func openDirectory(_ path: LogPath, below base: LogPath, mayFollow: (PathStatus, PathStatus) -> Bool)
      throws(SystemError) -> Int32
    {
      calls += 1
      return try files.openDirectory(path, below: base) { mayFollow(seen($0), seen($1)) }
    }

    func list(_ directory: Int32, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
      calls += 1
      try files.list(directory, body)
    }

    func status(of name: [UInt8], in directory: Int32) throws(SystemError) -> (
      itself: PathStatus, target: PathStatus?
    ) {
      calls += 1
      let (itself, target) = try files.status(of: name, in: directory)
      return (seen(itself), target.map(seen))
    }

    func open(_ path: LogPath) throws(SystemError) -> Int32 { try files.open(path) }
    func status(of descriptor: Int32) throws(SystemError) -> PathStatus { try files.status(of: descriptor) }
    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
      throws(SystemError) -> Int
    {
      try files.read(descriptor, into: buffer, at: offset)
    }
    func nextData(_ descriptor: Int32, from offset: Int) -> Int? { files.nextData(descriptor, from: offset) }
    func close(_ descriptor: Int32) { files.close(descriptor) }
  }

  // MARK: Marks

  @Test func aMarkThatComesAndGoes() throws {
    let place = try Place()
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    try place.write("epoch\n1\n", to: "runs/b/rows.csv")
    place.station.settle()
    place.pass(5)
    #expect(place.state() == .running)
    try place.write("", to: "runs/a/DONE")
    let end = place.station.clock.now.wall
    place.pass(5)
    #expect(place.state() == .finished && place.state("b") == .running)
    #expect(abs((place.health()?.end(at: place.station.clock.now.wall) ?? 0) - end) < 1_000_000_000)
    // It is resumed, and ends again: the file is the same one.
    place.pass(100)
    try place.append("2\n", to: "runs/a/rows.csv")
    #expect(place.state() == .running)
    for _ in 0..<7 { place.pass(5) }
    #expect(place.state() == .running)
    try place.station.write("", to: "runs/a/DONE")
    place.pass(5)
    #expect(place.state() == .finished)
    // Somebody takes it away: the look after the next believes it.
    try place.remove("runs/a/DONE")
    place.pass(30)
    #expect(place.state() == .finished)
    place.pass(5)
    #expect(place.state() == .running)
    place.pass(61)
    #expect(place.state() == .stalled)
  }

  @Test func aMarkByAPattern() throws {
    let place = try Place()
    try place.write("epoch\n", to: "runs/a/rows.csv")
    place.station.settle()
    try place.station.folder.makeDirectory("runs/a/error.d")
    place.pass(5)
    #expect(place.state() == .starting, "a folder is no mark")
    try place.write("{}", to: "runs/a/error.json")
    place.pass(5)
    #expect(place.state() == .failed)
    place.station.clock.pass(nanoseconds: 1_000_000_000)
    try place.write("", to: "runs/a/DONE")
    place.pass(30)
    #expect(place.state() == .finished)
  }

  @Test func aFolderThatIsRemovedStaysFinished() throws {
    let place = try Place()
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    try place.write("", to: "runs/a/DONE")
    place.station.settle()
    place.pass(5)
    #expect(place.state() == .finished)
    try place.remove("runs/a/DONE")
    place.pass(30)
    try place.remove("runs/a")
    place.station.settle()
    for _ in 0..<9 { place.pass(30) }
    #expect(place.state() == .finished)
    // A folder that has another name is another run.
    try place.write("epoch\n1\n", to: "runs/c/rows.csv")
    try place.write("", to: "runs/c/DONE")
    place.station.settle()
    place.pass(30)
    try place.station.rename("runs/c", "runs/d")
    place.station.settle()
    for _ in 0..<9 { place.pass(30) }
    #expect(place.state("c") == .finished && place.state("d") == .finished)
  }

  @Test func whatIsKnownIsKept() throws {
    let place = try Place()
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    try place.write("", to: "runs/a/DONE")
    try place.write("12345", to: "runs/a/weights/last.pt")
    place.station.settle()
    place.pass(5)
    try place.restart()
    #expect(place.state() == .finished && place.checkpoint() == "runs/a/weights/last.pt 5")
    try place.remove("runs/a/DONE")
    try place.remove("runs/a/weights/last.pt")
    place.pass(5)
    place.pass(5)
    #expect(place.state() == .running && place.checkpoint() == nil)
    // A catalog that does not look for it does not know of it.
    try place.write("", to: "runs/a/DONE")
    place.pass(30)
    #expect(place.state() == .finished)
    try place.station.reload(Self.catalog.replacing(/\n *finished_file: .*/, with: ""))
    #expect(place.state() == .running)
  }

  /// What the same captures lead to is one place, however many logs there are.
  @Test func aRunOfSeveralLogs() throws {
    let place = try Place(
      """
      version: 1
      labels: { run: { max_values: 9 } }
      watchers:
        ranks:
          files: "{run}/{rank}.csv"
          format: csv
          allow: watcher/capture-unused
          run: { by: run, finished_file: "{run}/{rank}.done" }
        console:
          files: "{run}.jsonl"
          format: jsonl
          run: { failed_file: "{run}.failed" }
      """
    )
    for name in ["a/0.csv", "a/1.csv"] { try place.write("epoch\n1\n", to: name) }
    try place.station.write("{\"epoch\": 1}\n", to: "a.jsonl")
    place.station.settle()
    place.pass(5)
    #expect(place.state() == .running)
    try place.write("", to: "a/1.done")
    place.pass(5)
    #expect(place.state() == .finished)
    place.station.clock.pass(nanoseconds: 1_000_000_000)
    try place.station.write("", to: "a.failed")
    try place.station.folder.setTime(place.station.clock.now.wall, of: ".")
    place.pass(30)
    #expect(place.state() == .failed)
  }

  // MARK: Checkpoints

  @Test func theNewestCheckpoint() throws {
    let place = try Place()
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    place.station.settle()
    place.pass(5)
    #expect(place.checkpoint() == nil)
    try place.write("123", to: "runs/a/weights/best.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/best.pt 3")
    try place.write("12345", to: "runs/a/weights/last.pt")
    try place.write("1234567", to: "runs/a/weights/last.txt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/last.pt 5")
    let time = try #require(place.health()?.checkpoint?.time)
    // Written over in place, where its folder does not change.
    place.pass(60)
    try place.station.write("1234", to: "runs/a/weights/best.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/best.pt 4")
    #expect((place.health()?.checkpoint?.time ?? 0) - time >= 60_000_000_000)
    try place.remove("runs/a/weights/best.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/last.pt 5")
    try place.remove("runs/a/weights")
    place.pass(60)
    #expect(place.checkpoint() == nil)
  }

  @Test func aFolderAsCheckpoint() throws {
    let place = try Place()
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    place.station.settle()
    try place.write("12345", to: "runs/a/checkpoint-500/model.bin")
    try place.write("123", to: "runs/a/checkpoint-500/b/c/d/rng.pt")
    try place.write("too deep", to: "runs/a/checkpoint-500/b/c/d/e/rng.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/checkpoint-500 8")
    try place.write("1", to: "runs/a/checkpoint-1000/model.bin")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/checkpoint-1000 1")
    place.pass(60)
    try place.station.append("12", to: "runs/a/checkpoint-500/b/c/d/rng.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/checkpoint-500 10")
    // What is made and not filled yet is there, too.
    try place.station.folder.makeDirectory("runs/a/checkpoint-1500")
    try place.station.folder.setTime(place.station.clock.now.wall, of: "runs/a/checkpoint-1500")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/checkpoint-1500 0")
  }

  @Test func links() throws {
    let files = WatchedFiles()
    let place = try Place(files: files)
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    place.station.settle()
    try place.write("12345", to: "elsewhere/x.bin")
    try place.write("1", to: "runs/a/weights/epoch1.pt")
    try place.link("runs/a/weights/dangling.pt", to: "nowhere")
    try place.link("runs/a/weights/circle.pt", to: "circle.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/epoch1.pt 1")
    // Of two names the one that is no link, where both are of one file.
    try place.link("runs/a/weights/a.pt", to: "epoch1.pt")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/epoch1.pt 1")
    try place.station.write("12345", to: "elsewhere/x.bin")
    try place.link("runs/a/weights/b.pt", to: "../../../elsewhere/x.bin")
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/b.pt 5")
    files.linksAreForeign = true
    place.pass(60)
    #expect(place.checkpoint() == "runs/a/weights/epoch1.pt 1", "whoever made the link could not read it")
    // Nor do folders that such links lead to have marks.
    try place.write("epoch\n1\n", to: "elsewhere/run/rows.csv")
    try place.write("", to: "elsewhere/run/DONE")
    try place.link("runs/linked", to: "../elsewhere/run")
    place.station.settle()
    for _ in 0..<2 { place.pass(60) }
    #expect(place.state("linked") == .stalled)
    files.linksAreForeign = false
    place.pass(60)
    #expect(place.state("linked") == .finished)
  }

  @Test func manyEntries() throws {
    let place = try Place()
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    place.station.settle()
    for number in 0..<RunFileSearch.entriesMax + 200 {
      try place.station.write("1", to: "runs/a/weights/\(number).pt")
      try place.station.write("1", to: "runs/a/checkpoint-1/\(number)")
    }
    place.pass(30)
    let checkpoint = try #require(place.health()?.checkpoint)
    #expect(checkpoint.size == 1 || checkpoint.size == RunFileSearch.entriesMax)
    // So many are looked at less often.
    try place.remove("runs/a/weights")
    try place.remove("runs/a/checkpoint-1")
    place.pass(60)
    #expect(place.checkpoint() != nil)
    place.pass(300)
    #expect(place.checkpoint() == nil)
  }

  // MARK: What it costs

  @Test func whatRestsCostsALookAtItsFolder() throws {
    let files = WatchedFiles()
    let place = try Place(files: files)
    try place.write("epoch\n1\n", to: "runs/a/rows.csv")
    try place.write("", to: "runs/a/weights/last.pt")
    try place.station.folder.setTime(place.station.clock.now.wall, of: "runs/a")
    place.station.settle()
    func calls(_ looks: Int, every seconds: Int64) -> Int {
      let before = files.calls
      for _ in 0..<looks { place.pass(seconds) }
      return files.calls - before
    }
    _ = calls(2, every: 30)
    #expect(place.state() == .stalled)
    // The time of their folder, each ten seconds, and each minute those of two for checkpoints and of what is there.
    #expect(calls(12, every: 5) == 6 + 3)
    try place.write("", to: "runs/a/DONE")
    _ = calls(2, every: 30)
    #expect(place.state() == .finished)
    // Once it has ended: at its marks each half minute, at its checkpoints every five.
    #expect(calls(6, every: 5) <= 3)
    _ = calls(1, every: 300)
    #expect(calls(9, every: 30) == 9 * 2)
  }

  @Test func aCatalogWithoutThemLooksForNothing() throws {
    let station = try Station(
      "version: 1\nlabels: { run: { max_values: 9 } }\nwatchers: { w: { files: '{run}.csv', format: csv, run: {} } }\n"
    )
    let marks = RunMarks(station.ingest.catalog, root: "/", logs: station.ingest.runLogs) { station.clock.now }
    #expect(marks == nil)
  }
}
