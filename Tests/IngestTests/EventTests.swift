import Ingest
import LogStations
import StateStore
import Testing

/// Programs of several processes that write events: whatever becomes of their files, and of the exporter, a series has the
/// newest totals of all of them.
@Suite struct EventTests {
  private static let catalog = """
    version: 1
    labels: { kind: { values: [a, b, other], otherwise: other }, part: { max_values: 50 } }
    metrics:
      steps_total: { type: counter, help: h, labels: [kind] }
      wait_seconds_total: { type: counter, help: h }
      latency_seconds: { type: histogram, help: h, labels: [part], buckets: [0.1, 1] }
      size_bytes: { type: summary, help: h }
    watchers:
      app: { files: "events/*", format: events }
    """

  /// One process, with what it has counted.
  private struct Process {
    let name: String
    var file: String
    var n = 0
    var totals: [String: [Double]] = [:]
    /// The newest line of each series.
    var lines: [String: String] = [:]
    var hasEnded = false

    var header: String { "{\"events\":1,\"process\":\"\(name)\"}\n" }

    init(_ number: Int) {
      name = "p\(number)"
      file = "events/\(name)"
    }

    /// Counts something, and says so in a line.
    mutating func count(_ random: inout SplitMix) -> String {
      let metric = Int.random(in: 0..<4, using: &random)
      let kind = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
      let value = Double.random(in: 0...3, using: &random)
      switch metric {
      case 0: add([1 + value.rounded()], to: "\"metric\":\"steps_total\",\"labels\":{\"kind\":\"\(kind)\"}")
      case 1: add([value], to: "\"metric\":\"wait_seconds_total\"")
      case 2:
        let counts = [0.1, 1, Double.infinity].map { value <= $0 ? 1.0 : 0 }
        add([1, value] + counts, to: "\"metric\":\"latency_seconds\",\"labels\":{\"part\":\"\(kind)\"}")
      default: add([1, value], to: "\"metric\":\"size_bytes\",\"labels\":{}")
      }
      return say(key)
    }

    private var key = ""

    private mutating func add(_ values: [Double], to key: String) {
      self.key = key
      let before = totals[key] ?? values.map { _ in 0 }
      totals[key] = zip(before, values).map { $0 + $1 }
    }

    mutating func say(_ key: String) -> String {
      n += 1
      let total = totals[key] ?? []
      let members =
        switch total.count {
        case 1: "\"value\":\(total[0])"
        case 2: "\"count\":\(total[0]),\"sum\":\(total[1])"
        default:
          "\"count\":\(total[0]),\"sum\":\(total[1]),"
            + "\"buckets\":{\"0.1\":\(total[2]),\"1\":\(total[3]),\"+Inf\":\(total[4])}"
        }
      return "{\"n\":\(n),\(key),\(members)}\n"
    }

    /// The file as it is written anew.
    mutating func rewritten() -> String { header + totals.keys.sorted().map { say($0) }.joined() }
  }

  /// What is shown of what has been counted, without the series at 0 that are there from the start.
  private static func shown(_ station: Station) -> [String: Double] {
    var shown: [String: Double] = [:]
    for sample in station.samples {
      let place = sample.lastIndex(of: " ") ?? sample.endIndex
      if let value = Double(sample[place...].dropFirst()), value != 0 { shown[String(sample[..<place])] = value }
    }
    return shown
  }

  private static func expected(_ processes: [Process]) -> [String: Double] {
    var expected: [String: Double] = [:]
    for (key, total) in processes.flatMap(\.totals) {
      let texts = key.split(separator: "\"").map(String.init)
      let name = texts[2]
      func add(_ name: String, _ labels: String, _ value: Double) {
        if value != 0 { expected[labels.isEmpty ? name : "\(name){\(labels)}", default: 0] += value }
      }
      switch name {
      case "steps_total": add(name, "kind=\"\(["a", "b"].contains(texts[8]) ? texts[8] : "other")\"", total[0])
      case "latency_seconds":
        let part = "part=\"\(texts[8])\""
        add(name + "_count", part, total[0])
        add(name + "_sum", part, total[1])
        for (bound, count) in zip(["0.1", "1.0", "+Inf"], total[2...]) {
          add(name + "_bucket", "\(part),le=\"\(bound)\"", count)
        }
      case "size_bytes":
        add(name + "_count", "", total[0])
        add(name + "_sum", "", total[1])
      default: add(name, "", total[0])
      }
    }
    return expected
  }

  private static func check(_ station: Station, _ processes: [Process], isSettled: Bool, _ seed: UInt64, _ what: String)
  {
    let (shown, expected) = (shown(station), expected(processes))
    for name in Set(shown.keys).union(expected.keys).sorted() {
      let (has, should) = (shown[name] ?? 0, expected[name] ?? 0)
      // Sums of the same numbers in another order.
      let rounding = 1e-12 * should
      let isRight = isSettled ? abs(has - should) <= rounding : has <= should + rounding
      #expect(isRight, "seed \(seed), \(what): \(name) is \(has), and should be \(should)")
    }
  }

  /// Each step is one that writers, people or the exporter may take.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func theNewestTotalsOfAllProcesses(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let station = try Station(Self.catalog, turnBytesMax: seed % 3 == 0 ? 300 : nil)
    var processes: [Process] = []
    var saved = SavedState(station.saveChanges())
    var copies = 0

    /// One that goes on writing.
    func living() -> Int {
      let living = processes.indices.filter { !processes[$0].hasEnded }
      if living.count < 3 || Int.random(in: 0..<8, using: &random) == 0 {
        processes.append(Process(processes.count))
        return processes.count - 1
      }
      return living.randomElement(using: &random) ?? 0
    }
    func append(_ text: String, of index: Int) throws {
      let process = processes[index]
      let isNew = !station.folder.exists(process.file)
      try station.append((isNew ? process.header : "") + text, to: process.file)
    }
    func save() {
      // As a journal does, which begins anew now and then.
      let isWhole = Int.random(in: 0..<4, using: &random) == 0
      if isWhole { saved = SavedState(station.save()[...]) } else { saved.save(station.saveChanges()) }
    }

    for step in 0..<120 {
      let index = living()
      let action = Int.random(in: 0..<20, using: &random)
      switch action {
      case 0...6:
        var text = ""
        for _ in 0..<Int.random(in: 1...5, using: &random) { text += processes[index].count(&random) }
        // A pipe's worth at a time: a line may be seen half.
        let cut = Int.random(in: 0...text.utf8.count, using: &random)
        try append(String(text.prefix(cut)), of: index)
        if Bool.random(using: &random) { station.look() }
        try append(String(text.dropFirst(cut)), of: index)
      case 7, 8:
        try station.folder.replace(processes[index].file, with: processes[index].rewritten())
      case 9:
        // Killed, perhaps in the middle of a line that says more than counts.
        var after = processes[index]
        try append(String(after.count(&random).dropLast(3)), of: index)
        processes[index].hasEnded = true
      case 10:
        processes[index].n += 1
        try append("{\"n\":\(processes[index].n),\"end\":1}\n", of: index)
        processes[index].hasEnded = true
      case 11:
        guard let process = processes.randomElement(using: &random), station.folder.exists(process.file) else {
          continue
        }
        copies += 1
        try station.folder.copy(process.file, to: "events/copy\(copies)")
      case 12:
        guard station.folder.exists(processes[index].file) else { continue }
        try station.rename(processes[index].file, "events/\(processes[index].name)-\(step)")
        processes[index].file = "events/\(processes[index].name)-\(step)"
      case 13:
        // What was read of it, and not saved, would be lost.
        station.settle()
        save()
        guard let process = processes.randomElement(using: &random), station.folder.exists(process.file) else {
          continue
        }
        try station.remove(process.file)
      case 14: save()
      case 15: try station.begin(Self.catalog, from: saved)
      case 16: try station.reload(Self.catalog)
      case 17: station.rest(Int64.random(in: 1...600, using: &random))
      case 18: station.look()
      default:
        station.settle()
        Self.check(station, processes, isSettled: true, seed, "step \(step)")
      }
      // What another one saves begins with a whole.
      if action == 15 || action == 16 { saved = SavedState(station.saveChanges()) }
      Self.check(station, processes, isSettled: false, seed, "step \(step)")
    }
    station.settle()
    Self.check(station, processes, isSettled: true, seed, "the end")
    try station.restart(Self.catalog, from: station.save())
    Self.check(station, processes, isSettled: true, seed, "after a restart")
  }

  /// Whoever writes without bounds is read up to them, which is counted and said; what was counted stays.
  @Test func whatIsBeyondTheLimitsIsLeftOutAndSaid() throws {
    var limits = EventLimits()
    (limits.contributionsMax, limits.processesMax, limits.endedMax) = (40, 20, 10)
    let catalog = """
      version: 1
      labels: { part: { max_values: 1000 } }
      metrics:
        steps_total: { type: counter, help: h }
        parts_total: { type: counter, help: h, labels: [part] }
      watchers:
        app: { files: "events/*", format: events }
      """
    let station = try Station(catalog, eventLimits: limits)
    func left() -> Int { station.ingest.limits[0].count(.totals) }
    func total(_ metric: String) -> Double {
      Self.shown(station).filter { $0.key.hasPrefix(metric) }.values.reduce(0, +)
    }
    func write(_ name: String, _ lines: [String]) throws {
      let text = lines.enumerated().map { "{\"n\":\($0 + 1),\($1)}\n" }.joined()
      try station.append("{\"events\":1,\"process\":\"\(name)\"}\n" + text, to: "events/\(name)")
      station.settle()
    }
    let step = "\"metric\":\"steps_total\",\"value\":1"
    let parts = (0..<60).map { "\"metric\":\"parts_total\",\"labels\":{\"part\":\"\($0)\"},\"value\":1" }
    try write("many", parts)
    #expect(total("parts_total") == 40 && left() == 20)
    #expect(station.warnings.count == 1 && station.warnings[0].contains("more running totals than there is room for"))
    try write("late", [step])
    #expect(total("steps_total") == 0 && left() == 21)
    // Those that were silent longest make room, and what they counted stays.
    station.rest(100)
    try write("later", [step] + parts.suffix(30))
    #expect(total("steps_total") == 1 && total("parts_total") == 70 && left() == 21)
    // Of those that have ended only names are kept, and of these no more than there may be.
    for number in 0..<100 {
      try write("short\(number)", [step, "\"end\":1"])
      try station.remove("events/short\(number)")
      station.settle()
    }
    #expect(total("steps_total") == 101 && left() == 21)
    for number in 0..<30 { try write("long\(number)", [step]) }
    #expect(total("steps_total") < 125 && left() > 21)
    let before = Set(station.samples)
    try station.restart(catalog, from: station.save())
    station.settle()
    #expect(Set(station.samples) == before)
    #expect(station.warnings.count == 1)
  }
}
