import Testing

/// A document of one record is replaced by its next state: what it says of totals runs on.
@Suite struct StatusDocumentTests {
  private static let yaml = """
    version: 1
    labels: { run: { max_values: 10 }, phase: { max_values: 10 } }
    metrics:
      tokens_total: { type: counter, help: Tokens, labels: [run] }
      phase_tokens_total: { type: counter, help: Tokens, labels: [phase] }
      tokens_step: { type: gauge, help: Tokens since the state before, labels: [run] }
    watchers:
      w:
        files: "{run}.json"
        format: json
        labels: { phase: "{.phase}" }
        fields:
          tokens:
            - { metric: tokens_total, from: running_total }
            - { metric: phase_tokens_total, from: running_total }
            - { metric: tokens_step, from: difference }
    """

  private func status(_ tokens: Int, _ phase: String = "train") -> String {
    "{\"phase\": \"\(phase)\", \"tokens\": \(tokens)}"
  }

  private func samples(_ tokens: Int, step: Int?, run: String = "a", _ phases: [String: Int]? = nil) -> [String] {
    (["tokens_total{run=\"\(run)\"} \(tokens)"] + (step.map { ["tokens_step{run=\"\(run)\"} \($0)"] } ?? [])
      + (phases ?? ["train": tokens]).map { "phase_tokens_total{phase=\"\($0)\"} \($1)" }).sorted()
  }

  @Test func totalsRunOnThroughItsStates() throws {
    let station = try Station(Self.yaml)
    for tokens in [100, 150, 200, 250, 300] {
      try station.write(status(tokens), to: "a.json")
      station.settle()
    }
    #expect(station.samples.sorted() == samples(300, step: 50))
    // It begins anew, from 0.
    try station.write(status(40), to: "a.json")
    station.settle()
    #expect(station.samples.sorted() == samples(340, step: 50))
    try station.write(status(40, "eval"), to: "a.json")
    station.settle()
    #expect(station.samples.sorted() == samples(340, step: 0, ["train": 340, "eval": 40]))
    // Without the field, with half of it, and gone for a while.
    try station.write("{\"phase\": \"eval\"}", to: "a.json")
    station.settle()
    try station.write("{\"phase\": \"eval\", \"tok", to: "a.json")
    station.settle()
    try station.remove("a.json")
    station.settle()
    try station.write(status(60, "eval"), to: "a.json")
    station.settle()
    #expect(station.samples.sorted() == samples(360, step: 20, ["train": 340, "eval": 60]))
  }

  /// A metric that is another by now begins anew, and takes no total of what it was for the one before: also where the
  /// exporter is started a second time before the two have read the same.
  @Test func totalsOfAMetricThatChangedBeginAnew() throws {
    let doubled = Self.yaml.replacing("metric: tokens_total, from", with: "metric: tokens_total, scale: 2, from")
    let station = try Station(Self.yaml)
    try station.write(status(100), to: "a.json")
    station.settle()
    var saved = station.save()
    try station.restart(doubled, from: saved)
    saved = station.save()
    try station.write(status(150), to: "a.json")
    try station.restart(doubled, from: saved)
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 300"))
    saved = station.save()
    try station.write(status(160), to: "a.json")
    try station.restart(doubled, from: saved)
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 320"))
    #expect(station.samples.contains("phase_tokens_total{phase=\"train\"} 160"))
  }

  @Test func totalsRunOnThroughRestartsAndRenames() throws {
    let yaml = Self.yaml.replacing("{run}.json", with: "{run}/*.json")
    let station = try Station(yaml)
    try station.write(status(100), to: "a/x.json")
    station.settle()
    for tokens in [150, 200] {
      let saved = station.save()
      try station.write(status(tokens), to: "a/x.json")
      try station.restart(yaml, from: saved)
      station.settle()
    }
    #expect(station.samples.sorted() == samples(200, step: 50))
    // Another group of documents, which has met its fields in another order.
    try station.write("{\"tokens\": 1, \"phase\": \"other\"}", to: "b/y.json")
    station.settle()
    try station.rename("a/x.json", "b/x.json")
    station.settle()
    try station.write(status(230), to: "b/x.json")
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 200"))
    #expect(station.samples.contains("tokens_total{run=\"b\"} 31"))
    #expect(station.samples.contains("phase_tokens_total{phase=\"train\"} 230"))
  }

  /// A new metric reads the document from its beginning; the others have read it.
  @Test func totalsRunOnWhereAMetricIsNew() throws {
    let station = try Station(Self.yaml)
    try station.write(status(100), to: "a.json")
    station.settle()
    let saved = station.save(.all)
    let more = Self.yaml.replacing(
      "watchers:",
      with: "  other_total: { type: counter, help: O, labels: [run] }\nwatchers:"
    )
    .replacing("tokens:\n", with: "tokens:\n        - { metric: other_total, from: running_total }\n")
    try station.write(status(130), to: "a.json")
    try station.restart(more, from: saved)
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 130"))
    #expect(station.samples.contains("other_total{run=\"a\"} 130"))
    try station.write(status(150), to: "a.json")
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 150"))
    #expect(station.samples.contains("other_total{run=\"a\"} 150"))
  }

  /// Two documents that say the same are one log, until they part.
  @Test func documentsThatPartGoOnFromTheirCommonTotals() throws {
    let yaml = Self.yaml.replacing("{run}.json", with: "{run}/*.json")
    let station = try Station(yaml)
    for name in ["a/x.json", "a/y.json"] { try station.write(status(100), to: name) }
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 100"))
    try station.write(status(130), to: "a/x.json")
    try station.write(status(110), to: "a/y.json")
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 140"))
    try station.write(status(111), to: "a/y.json")
    station.settle()
    #expect(station.samples.contains("tokens_total{run=\"a\"} 141"))
  }

  @Test func recordsOfADocumentRunFromItsBeginning() throws {
    let station = try Station(Self.yaml.replacing("format: json", with: "format: json\n    records: log"))
    for log in [[100, 150], [100, 150, 200], [10, 20]] {
      try station.write("{\"log\": [\(log.map { status($0) }.joined(separator: ","))]}", to: "a.json")
      station.settle()
    }
    #expect(station.samples.contains("tokens_total{run=\"a\"} 220"))
  }
}
