import Testing

@testable import Proposals

/// What names of fields and paths of logs are taken for.
struct NamingTests {
  /// The metric of a field with these values.
  private func metric(_ name: String, _ values: Double...) -> String {
    var profile = FieldProfile(name: name)
    for (record, value) in values.enumerated() { profile.add(value, record: record) }
    profile.count = values.count
    let meaning = FieldMeaning(profile)
    return MetricNames.name(meaning) + (meaning.scale.map { " × \($0)" } ?? "")
  }

  @Test func abbreviationsAreWrittenOutAndUnitsAreBaseUnits() {
    #expect(metric("val_acc", 0.1, 0.2) == "validation_accuracy_ratio")
    #expect(metric("eval_top1", 10, 71.5) == "evaluation_top1_accuracy_ratio × 0.01")
    #expect(metric("perplexity-train", 90, 80) == "training_perplexity")
    #expect(metric("step_time_ms", 120, 121) == "training_step_seconds × 0.001")
    #expect(metric("tokens_per_second_per_gpu", 1, 2) == "training_tokens_per_second_per_gpu")
    #expect(metric("gpu_mem_gib", 61, 62) == "training_gpu_memory_bytes × 1073741824")
    #expect(metric("GPU util (%)", 97, 98) == "training_gpu_utilization_ratio × 0.01")
    #expect(metric("optimizer/lr", 0.1, 0.1) == "training_learning_rate")
    #expect(metric("iter_time", 0.5, 0.4) == "training_iteration_seconds", "the time of a step is none")
  }

  @Test func totalsAreThoseThatOnlyGrow() {
    #expect(metric("total_tokens", 256, 512, 768) == "training_tokens_total")
    #expect(metric("total_tokens", 256, 128, 768).hasSuffix("_total") == false)
    #expect(metric("global_step", 1, 2, 3) == "training_step")
    #expect(metric("total_loss", 3, 2) == "training_loss")
  }

  @Test func namesPassPrometheusLint() {
    #expect(metric("mAP50(M)", 0.1, 0.2) == "training_map50m", "a letter alone is a unit")
    #expect(metric("token_count", 1.5, 1.2) == "training_tokens")
    #expect(metric("loss_sum", 1, 0.5) == "training_loss")
  }

  private func pattern(_ paths: [String], rootDepth: Int = 1) -> String {
    PathShape(paths.map { $0.split(separator: "/").map(String.init) }, rootDepth: rootDepth).patterns
      .joined(separator: " ")
  }

  @Test func levelsInWhichPathsDifferAreCaptures() {
    #expect(pattern(["runs/a/log.csv", "runs/b/log.csv"]) == "runs/{run}/log.csv")
    #expect(pattern(["runs/x/a/log.csv", "runs/y/b/log.csv"]) == "runs/{experiment}/{run}/log.csv")
    #expect(pattern(["runs/detect/train/r.csv", "runs/pose/train/r.csv"]) == "runs/{task}/{run}/r.csv")
    #expect(pattern(["l/a/train/m.csv", "l/a/validation/m.csv"]) == "l/{run}/{phase}/m.csv")
    #expect(pattern(["logs/a.csv", "logs/b.csv"]) == "logs/{run}.csv")
    #expect(pattern(["o/x/log_17001.txt", "o/x/log_17002.txt"]) == "o/{run}/log_*.txt")
    #expect(
      pattern(["o/x/checkpoint-5/s.json", "o/x/checkpoint-9/s.json", "o/x/s.json"])
        == "o/{run}/checkpoint-*/s.json o/{run}/s.json"
    )
  }

  @Test func aSingleRunIsOneOfMany() {
    #expect(pattern(["runs/detect/train/results.csv"]) == "runs/detect/{run}/results.csv")
    #expect(pattern(["lightning_logs/version_0/metrics.csv"]) == "lightning_logs/{run}/metrics.csv")
    #expect(pattern(["outputs/2026-11-30/10-00-00/log.txt"]) == "outputs/{date}/{run}/log.txt")
    #expect(pattern(["runs/log.csv"]) == "runs/log.csv")
  }
}
