import Testing

/// Formats from the catalog to the exposition.
@Suite struct FormatTests {
  private static let head = """
    version: 1
    labels: { run: { max_values: 9 }, name: { max_values: 9 }, lr: { max_values: 9 } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      step_seconds: { type: gauge, help: h, labels: [run] }
      total_duration: { type: gauge, help: h, labels: [run] }
      records_total: { type: counter, help: h, labels: [run] }
      run_info: { type: info, help: h, labels: [run, name, lr] }
    watchers:
      w:
        files: "{run}"

    """

  @Test func pythonDicts() throws {
    let bench = try Bench(
      Self.head + """
            format: pydict
            each_record: records_total
            fields: { loss: loss, eta: step_seconds }
        """
    )
    let log = bench.log()
    log.append("0%|  | 0/9 [00:00<?, ?it/s]\r{'loss': '2.5', 'eta': '1:02'}")
    #expect(!bench.samples.contains { $0.hasPrefix("loss") })
    log.append("", ending: .rested(fileSize: 1))
    #expect(bench.samples.contains(#"loss{run="a"} 2.5"#))
    #expect(!bench.samples.contains(#"records_total{run="a"} 1"#))
    log.append("\nplain\n{'loss': \n")
    #expect(bench.samples.contains(#"records_total{run="a"} 1"#))
    #expect(bench.samples.contains(#"step_seconds{run="a"} 62"#))
    #expect(bench.ingest.counters[0].count(.unmatched) == 2)
    #expect(bench.ingest.counters[0].count(.malformed) == 1)
  }

  @Test func pairs() throws {
    let bench = try Bench(
      Self.head + """
            format: text
            pairs: "{key}:{value}"
            fields: { loss: loss, time: step_seconds }
        """
    )
    bench.log().append("Step 1 | loss:1.5 time:250ms eta:soon\n")
    #expect(bench.samples == [#"loss{run="a"} 1.5"#, #"step_seconds{run="a"} 0.25"#])
  }

  /// A duration is a number only where all that the field feeds is in seconds, and takes it as it comes.
  @Test(arguments: [
    ("t: step_seconds", true), ("t: total_duration", false), ("t: [step_seconds, total_duration]", false),
    ("t: { metric: step_seconds, scale: 0.001 }", false),
  ])
  func durations(fields: String, isTaken: Bool) throws {
    for (format, log) in [
      ("jsonl", "{\"t\":\"1:02\"}\n"), ("csv", "t,u\n1:02,x\n"), ("text\n    lines: ['after {t}']", "after 1:02\n"),
      ("yaml", "t: 1:02\n"),
    ] {
      let bench = try Bench(Self.head + "    format: \(format)\n    fields: { \(fields) }\n")
      bench.log().append(log)
      #expect(bench.samples == (isTaken ? [#"step_seconds{run="a"} 62"#] : []), "\(format)")
      let isText = format.hasPrefix("text")
      #expect(bench.ingest.counters[0].count(.unmatched) == (isText && !isTaken ? 1 : 0))
    }
  }

  @Test func yamlDocuments() throws {
    let bench = try Bench(
      Self.head + """
            format: yaml
            labels: { name: "{.name}", lr: "{.optim.lr}" }
            each_record: run_info
            fields: { optim.lr: loss }
        """
    )
    let log = bench.log()
    log.rewrite("name: !!python/object:str tiny\noptim: {lr: 1.0e-05}\n")
    let first = [#"loss{run="a"} 1e-05"#, #"run_info{run="a",name="tiny",lr="1.0e-05"} 1"#]
    #expect(bench.samples == first)
    // Half a document, which is one by its syntax.
    log.rewrite("name: tin")
    #expect(bench.samples == first)
    #expect(bench.ingest.counters[0].count(.malformed) == 0)
    log.rewrite("name: [\n")
    log.append("", ending: .rested(fileSize: 1))
    #expect(bench.samples == first)
    #expect(bench.ingest.counters[0].count(.malformed) == 1)
    // It rests without a newline at its end.
    log.rewrite("name: small\noptim: {lr: 2}")
    #expect(bench.samples == first)
    log.append("", ending: .rested(fileSize: 1))
    #expect(bench.samples == [#"loss{run="a"} 2"#, #"run_info{run="a",name="small",lr="2"} 1"#])
    #expect(bench.ingest.counters[0].count(.malformed) == 1)
  }

  @Test func whatIsNoTextIsLeftAloneWithOneWarning() throws {
    let bench = try Bench(Self.head + "    format: jsonl\n    fields: { loss: loss }\n")
    let log = bench.log()
    for _ in 0..<2 {
      log.restart()
      log.append(bytes: [0x1F, 0x8B, 8, 0] + Array("\n{\"loss\":1}\n".utf8))
    }
    #expect(bench.samples.isEmpty)
    #expect(bench.warnings == ["runs/1: this is gzip data, and logs are read as UTF-8 text; the file is left alone"])
  }
}
