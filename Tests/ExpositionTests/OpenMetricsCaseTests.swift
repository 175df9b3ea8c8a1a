import Exposition
import Foundation
import MetricModel
import MetricRegistry
import Testing

/// The OpenMetrics project's own cases of what is right and wrong in its format (`tests/testdata/parsers` of its
/// repository). They are no part of this project: `OPENMETRICS_CASES` names their folder, or they are found beside the
/// repository; where they are not, these tests are skipped and say so.
@Suite struct OpenMetricsCaseTests {
  private static let folder: String? = {
    if let given = Judges.environment["OPENMETRICS_CASES"], !given.isEmpty { return given }
    let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let beside = repository.appending(path: "../shared/conformance/om_cases").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: beside) ? beside : nil
  }()
  private static let canRun = folder != nil && Judges.python != nil

  private struct Cases: Decodable {
    var cases: Int
    var problems: [String]
    var good: [Case]
  }

  private struct Case: Decodable {
    var name: String
    var families: [CaseFamily]
  }

  private static func cases() throws -> Cases {
    let (status, output) = try Judges.run("cases.py", [try #require(folder)])
    try #require(status == 0, "\(output.prefix(2_000))")
    return try JSONDecoder().decode(Cases.self, from: Data(output.utf8))
  }

  /// The strict judge of this project's OpenMetrics tells right from wrong as the format's authors do.
  @Test(.enabled(if: canRun, "OPENMETRICS_CASES names no cases, or JUDGE_PYTHON no Python with prometheus_client"))
  func theJudgeDeservesItsName() throws {
    let cases = try Self.cases()
    #expect(cases.problems == [])
    #expect(cases.cases >= 200 && cases.good.count >= 40, "\(cases.cases) cases, \(cases.good.count) good ones")
  }

  /// What the registry can express of the good cases comes back from it as it is there.
  @Test(.enabled(if: canRun, "OPENMETRICS_CASES names no cases, or JUDGE_PYTHON no Python with prometheus_client"))
  func goodCasesComeBack() throws {
    var frames = Data()
    var built = 0
    var left: [String: String] = [:]
    for good in try Self.cases().good {
      for family in good.families {
        let name = good.families.count == 1 ? good.name : "\(good.name) \(family.name)"
        do {
          let (registry, truth) = try family.build()
          let bytes = ExpositionRenderer(registry).bytes(ExpositionVariant(.openMetrics100))
          frames += try Judges.frame(name, "openmetrics", bytes, [truth])
          built += 1
        } catch let reason as CaseFamily.Inexpressible {
          left[name] = reason.rawValue
        }
      }
    }
    let (status, output) = try Judges.judge(frames)
    #expect(status == 0, "\(output.prefix(4_000))")
    #expect(output.contains("\(built) expositions, 0 problems"))
    #expect(left == Self.inexpressible, "no more is left out than what the format has and this project does not")
    #expect(built == 53)
  }

  private static let inexpressible = [
    "gaugehistogram_exemplars": "a gauge histogram",
    "negative_bucket_gaugehistogram": "a gauge histogram",
    "simple_gaugehistogram": "a gauge histogram",
    "counter_exemplars": "a sample with a time of its own",
    "counter_exemplars_empty_brackets": "a sample with a time of its own",
    "duplicate_timestamps_0": "a sample with a time of its own",
    "duplicate_timestamps_1": "a sample with a time of its own",
    "info_timestamps": "a sample with a time of its own",
    "timestamps a": "a sample with a time of its own",
    "timestamps b": "a sample with a time of its own",
    "exemplars_with_hash_in_label_values": "an exemplar without a time",
    "histogram_exemplars": "an exemplar without a time",
    "empty_metadata": "no samples",
    "null_byte": "no samples",
    "empty_label": "an empty label value",
    "nan": "a value of unknown type that is no count",
    "summary_quantiles": "quantiles that no observations give",
    "roundtrip prometheus_local_storage_indexing_batch_duration_milliseconds": "quantiles that no observations give",
  ]
}
