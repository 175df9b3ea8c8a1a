import Collectors
import MetricCatalog
import MetricModel
import Testing

/// From the catalog's keys to what the collectors do.
@Suite struct CollectorSettingsTests {
  private static func settings(_ collector: String, _ keys: String) throws -> Catalog.Collector {
    let text = """
      version: 1
      labels:
        run: { max_values: 9 }
        rank: { max_values: 9 }
        role: { values: [trainer] }
      metrics:
        a: { type: gauge, help: h }
        b: { type: gauge, help: h, labels: [run, rank, role] }
      collectors:
        \(collector):
      \(keys)
      """
    let loading = CatalogLoader.load(bytes: Array(text.utf8), path: "metrics.yaml", collectors: Collectors.descriptors)
    #expect(loading.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
    return try #require(loading.catalog?.collectors.first)
  }

  @Test func anEntryIsWhatItsKeysSay() throws {
    let settings = try Self.settings(
      "process",
      """
          match:
            - name: python{_}
              command_line: train.py --run {run}
              environment: { RANK: "{rank}" }
              labels: { role: trainer }
            - { command_line: "torchrun --run {run}", environment: { GROUP_RANK: "{rank}" }, labels: { role: trainer } }
          proportional_memory: 1m
          readings: { memory.resident_bytes: b }
      """
    )
    guard case .matches(let matches) = try #require(settings.options["match"]) else {
      Issue.record("it is no list of entries")
      return
    }
    let entry = ProcessMatch(try #require(matches.first))
    #expect(matches.count == 2 && entry.labelNames == ["run", "rank", "role"])
    let outcome = withBytes("python3") { name in
      withBytes("python3 train.py --run a") { command in
        entry.match(.init(name: name, commandLine: command)) { body in
          withBytes("RANK=3\0") { body($0) }
          return true
        }
      }
    }
    #expect(outcome == .matched(["a", "3", "trainer"]))
    var batch = ReadingBatch()
    ProcessCollector(settings: settings).collect(into: &batch)
    #expect(batch.problems == [])
  }

  @Test func aGroupIsTheOneThatIsNamed() throws {
    let settings = try Self.settings(
      "cgroup",
      """
          path: /no/such/group
          readings: { memory.current_bytes: a }
      """
    )
    var batch = ReadingBatch()
    CgroupCollector(settings: settings).collect(into: &batch)
    #expect(batch.records.isEmpty && batch.problems.allSatisfy { $0.contains("/no/such/group") })
  }

  @Test(arguments: Collectors.all.map { $0.descriptor })
  func namesAreOfOneReadingAndEndInTheirUnit(collector: CollectorDescriptor) {
    let readings = collector.records.flatMap(\.readings)
    #expect(Set(readings.map(\.name)).count == readings.count)
    #expect(Set(collector.records.map(\.name)).count == collector.records.count)
    for reading in readings {
      #expect(reading.name.wholeMatch(of: /[a-z_]+(\.[a-z0-9_]+)*/) != nil, "\(reading.name)")
      if let unit = reading.unit { #expect(reading.name.hasSuffix(unit), "\(reading.name)") }
      if reading.kind == .counter { #expect(reading.joining == .sum, "\(reading.name)") }
      #expect(reading.source.contains("; ") && !reading.help.isEmpty, "\(reading.name)")
    }
  }
}
