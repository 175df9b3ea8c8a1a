import LogFormats
import LogStations
import MetricCatalog
import Testing

@testable import Ingest

/// A new format is its own file (`StepsFormat.swift`) and a line in the list of formats: here the one that is passed.
@Suite struct OwnFormatTests {
  private static let formats = LogFormats.all + [.steps]

  private static let yaml = """
    version: 1
    labels: { phase: { values: [train, eval] } }
    metrics:
      loss: { type: gauge, help: Loss, labels: [phase] }
      rows_total: { type: counter, help: Rows, labels: [phase] }
    watchers:
      w:
        files: "*.steps"
        format: steps
        steps_assign: "="
        labels: { phase: "{.phase}" }
        each_record: rows_total
        fields: { loss: loss }
    """

  @Test func whatTheCatalogSaysOfItIsChecked() throws {
    func diagnostics(_ keys: String) -> [String] {
      let yaml = "version: 1\nwatchers:\n  w: { files: f, allow: watcher/feeds-nothing, \(keys) }\n"
      let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml", formats: Self.formats)
      return loading.diagnostics.map { diagnostic in
        let place = diagnostic.range.map { yaml.utf8.dropFirst($0.start).prefix($0.end - $0.start) }
        return "\(place.flatMap { String($0) } ?? "") \(diagnostic.message) [\(diagnostic.id)]"
      }
    }
    #expect(diagnostics("format: steps") == [])
    #expect(
      diagnostics("format: steps, steps_assign: '=='") == [
        "'==' it is one character, such as `=` [watcher/format-value]"
      ]
    )
    #expect(
      diagnostics("format: steps, steps_assign: [a]") == ["[a] `steps_assign` wants a text, not a list [value/type]"]
    )
    #expect(
      diagnostics("format: csv, steps_assign: '=='")
        == ["steps_assign `steps_assign` belongs to the format `steps`, and this is `csv` [watcher/format-key]"]
    )
    #expect(
      diagnostics("format: steps, separator: x")
        == ["separator `separator` belongs to the format `csv`, and this is `steps` [watcher/format-key]"]
    )
    #expect(diagnostics("format: step") == ["step `format` cannot be `step` [value/choice]"])
  }

  @Test func itsLogsAreReadAndGoneOnFrom() throws {
    let station = try Station(Self.yaml, formats: Self.formats)
    try station.write("loss=3\n@eval\nloss=2\n", to: "a.steps")
    station.settle()
    let before = [#"loss{phase="train"} 3"#, #"loss{phase="eval"} 2"#]
    func counts(_ eval: Int) -> [String] {
      [#"rows_total{phase="train"} 1"#, #"rows_total{phase="eval"} \#(eval)"#]
    }
    #expect(Set(station.samples) == Set(before + counts(1)))
    let saved = station.save()
    try station.append("loss=1\n", to: "a.steps")
    try station.restart(Self.yaml, from: saved)
    #expect(Set(station.samples) == Set(before + counts(1)), "what was saved")
    station.settle()
    #expect(Set(station.samples) == Set([before[0], #"loss{phase="eval"} 1"#] + counts(2)), "still in `@eval`")
  }

  /// Other options make other records of a log, which is read again then.
  @Test func itsOptionsDecideAboutValues() throws {
    let station = try Station(Self.yaml, formats: Self.formats)
    try station.write("loss=3\nloss:2\n", to: "a.steps")
    station.settle()
    #expect(station.samples.contains(#"loss{phase="train"} 3"#))
    try station.reload(Self.yaml.replacing(#"steps_assign: "=""#, with: #"steps_assign: ":""#))
    station.settle()
    #expect(station.samples.contains(#"loss{phase="train"} 2"#))
    #expect(station.samples.contains(#"rows_total{phase="train"} 1"#))
  }
}
