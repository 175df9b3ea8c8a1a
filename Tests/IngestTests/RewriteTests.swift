import LogStations
import Testing

/// A log that was written again and is another one shows what reading it alone would show; what it does not mention keeps
/// what it showed.
@Suite struct RewriteTests {
  static let catalog = """
    version: 1
    labels:
      kind: { values: [a, b, other], otherwise: other }
      step: { max_values: 3, evict: oldest }
      host: { max_values: 3 }
      model: { values: [vit, resnet] }
      seed: { max_values: 20 }
    metrics:
      last: { type: gauge, help: h }
      by_kind: { type: gauge, help: h, labels: [kind] }
      by_step: { type: gauge, help: h, labels: [step] }
      by_host: { type: gauge, help: h, labels: [host] }
      phase: { type: stateset, help: h, states: [train, eval] }
      kind_phase: { type: stateset, help: h, labels: [kind], states: [train, eval] }
      run_info: { type: info, help: h, labels: [model, seed] }
    watchers:
      w:
        files: x.jsonl
        format: jsonl
        each_record: 'run_info{model="{.model}",seed="{.seed}"}'
        fields:
          x:
            - last
            - { metric: by_kind, labels: { kind: "{.kind}" } }
            - { metric: by_step, labels: { step: "{.step}" } }
            - { metric: by_host, labels: { host: "{.host}" } }
          y: [last, 'by_kind{kind="a"}']
          phase: [phase, { metric: kind_phase, labels: { kind: "{.kind}" } }]
    """

  private static func bench(_ records: [String]) throws -> (Station, FedLog) {
    let bench = try Station(catalog)
    let log = FedLog(of: bench, [:])
    log.rewrite(records.joined())
    return (bench, log)
  }

  private static func family(_ sample: String) -> Substring { sample.prefix { $0 != "{" && $0 != " " } }

  /// Any content after any other, read in pieces and continued, against a fresh reading of it.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func anyContentAfterAnyOther(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    func records(_ count: Int) -> [String] {
      (0..<count).map { _ in
        var fields: [String] = []
        func add(_ name: String, _ values: [String], each chance: Int) {
          guard Int.random(in: 0..<chance, using: &random) == 0 else { return }
          fields.append("\"\(name)\":\"\(values[Int.random(in: 0..<values.count, using: &random)])\"")
        }
        add("x", (1...9).map(String.init), each: 1)
        add("y", (1...9).map(String.init), each: 4)
        add("kind", ["a", "b", "c", "d"], each: 1)
        add("step", (1...5).map(String.init), each: 1)
        add("host", ["h1", "h2", "h3"], each: 1)
        add("phase", ["train", "eval", "warmup"], each: 3)
        add("model", ["vit", "resnet", "bert"], each: 3)
        add("seed", (1...3).map(String.init), each: 3)
        return "{" + fields.shuffled(using: &random).joined(separator: ",") + "}\n"
      }
    }
    for round in 0..<8 {
      let old = records(Int.random(in: 0...6, using: &random))
      let kept = Array(old.prefix(Int.random(in: 0...old.count, using: &random)))
      let new = kept + records(Int.random(in: 0...6, using: &random))
      let more = records(Int.random(in: 0...2, using: &random))
      let (bench, log) = try Self.bench(old)
      let before = bench.samples
      log.restart()
      for record in new { log.append(record) }
      log.caughtUp()
      if old.starts(with: new) { #expect(bench.samples == before, "seed \(seed), round \(round)") }
      for record in more { log.append(record) }
      log.caughtUp()
      if old.starts(with: new), !old.elementsEqual(new) { continue }

      let fresh = try Self.bench(new + more).0.samples
      let shown = bench.samples
      let missing = Set(fresh).subtracting(shown)
      #expect(missing.isEmpty, "seed \(seed), round \(round): \(old) then \(new) and \(more)")
      let left = Set(shown).subtracting(fresh)
      #expect(left.isSubset(of: before), "seed \(seed), round \(round)")
      if fresh.contains(where: { Self.family($0) == "run_info" }) {
        #expect(!left.contains { Self.family($0) == "run_info" }, "seed \(seed), round \(round): one info a run")
      }
    }
  }
}
