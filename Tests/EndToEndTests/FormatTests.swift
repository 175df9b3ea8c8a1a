import Foundation
import Testing

/// The real Prometheus scrapes what only OpenMetrics and protobuf can say.
struct FormatTests {
  private static let catalog = """
    version: 1
    metrics:
      steps_total: { type: counter, help: Steps, created: true }
      loss_native: { type: histogram, help: Loss, native: { factor: 1.1 } }
      loss_both: { type: histogram, help: Loss, native: { factor: 1.1 }, buckets: [0.25, 0.5, 1] }
      loss_classic: { type: histogram, help: Loss, buckets: [0.25, 0.5, 1], created: true }
    watchers:
      run:
        files: "*.jsonl"
        format: jsonl
        each_record: { metric: steps_total, exemplar: { step: "{.step}" } }
        fields:
          loss:
            - loss_native
            - loss_both
            - { metric: loss_classic, exemplar: { step: "{.step}", run: a } }
    """

  private static let losses = (1...1000).map { Double($0) / 1000 }

  private static func server(in folder: TemporaryFolder) async throws -> Exporter.Server {
    let rows = losses.enumerated().map { "{\"step\": \($0 + 1), \"loss\": \($1)}\n" }
    try folder.write(rows.joined(), to: "run.jsonl")
    return try await Exporter.Server(catalog: try folder.write(catalog, to: "metrics.yaml"))
  }

  @Test func protobuf() async throws {
    let folder = try TemporaryFolder()
    let exporter = try await Self.server(in: folder)
    let features = ["native-histograms", "exemplar-storage"]
    let prometheus = try await Prometheus(target: exporter.port, in: folder, features: features)
    for name in ["loss_native", "loss_both"] {
      try await eventually("Prometheus has \(name)") {
        try prometheus.query("histogram_count(\(name))").first?.value == 1000 ? true : nil
      }
      let sum = try #require(prometheus.query("histogram_sum(\(name))").first?.value)
      #expect(abs(sum - Self.losses.reduce(0, +)) < 1e-9)
      // No bucket is wider than the factor.
      for quantile in [0.01, 0.5, 0.9] {
        let found = try #require(prometheus.query("histogram_quantile(\(quantile), \(name))").first?.value)
        #expect(found / quantile < 1.1 && quantile / found < 1.1)
      }
    }
    #expect(try prometheus.query("loss_classic_bucket{le='0.5'}").map(\.value) == [500])
    #expect(try prometheus.query("steps_total").map(\.value) == [1000])
    #expect(try prometheus.query("up").map(\.value) == [1])
    try Self.expectExemplars(prometheus)
  }

  @Test func openMetrics() async throws {
    let folder = try TemporaryFolder()
    let exporter = try await Self.server(in: folder)
    let prometheus = try await Prometheus(target: exporter.port, in: folder, features: ["exemplar-storage"])
    try await eventually("Prometheus has all steps") {
      try prometheus.query("steps_total").first?.value == 1000 ? true : nil
    }
    for name in ["loss_both", "loss_classic"] {
      #expect(try prometheus.query("\(name)_bucket{le='0.25'}").map(\.value) == [250])
      #expect(try prometheus.query("\(name)_count").map(\.value) == [1000])
    }
    #expect(try prometheus.query("loss_native_bucket").map(\.value) == [1000], "only +Inf")
    let created = try #require(prometheus.query("steps_created").first?.value)
    #expect(abs(created - Date.now.timeIntervalSince1970) < 600)
    #expect(try prometheus.query("loss_classic_created").count == 1)
    #expect(try prometheus.query("up").map(\.value) == [1])
    try Self.expectExemplars(prometheus)
  }

  private static func expectExemplars(_ prometheus: Prometheus) throws {
    let steps = try prometheus.exemplars("steps_total")
    #expect(steps.map(\.labels) == [["step": "1000"]] && steps.map(\.value) == [1])
    let losses = try prometheus.exemplars("loss_classic_bucket")
    // The last of each bucket, +Inf has none.
    #expect(Set(losses.map { $0.labels["step"] }) == ["250", "500", "1000"])
    #expect(Set(losses.map(\.value)) == [0.25, 0.5, 1])
    #expect(losses.allSatisfy { $0.labels["run"] == "a" })
  }
}
