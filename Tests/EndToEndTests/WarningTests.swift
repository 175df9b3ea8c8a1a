import Foundation
import Testing

/// What does not appear is said, once, with what leads to the mend.
struct WarningTests {
  private static func catalog(_ field: String, _ files: String) -> String {
    """
    version: 1
    labels: { run: { values: [a] } }
    metrics: { loss: { type: gauge, help: Loss, labels: [run] }, rate: { type: gauge, help: Rate } }
    watchers:
      log: { files: "runs/{run}/log.csv", format: csv, fields: { \(field): loss } }
      other: { files: "\(files)", format: csv, fields: { rate: rate } }
    """
  }

  @Test func whatDoesNotAppearIsSaidOnceAndAgainAfterAReload() async throws {
    let folder = try TemporaryFolder()
    try folder.write("step,train_loss\n1,0.5\n", to: "runs/a/log.csv")
    try folder.write("step,train_loss\n1,0.5\n", to: "runs/b/log.csv")
    try folder.write("rate\n1\n", to: "rates/x.csv")
    let path = try folder.write(Self.catalog("trainloss", "rate/x.csv"), to: "metrics.yaml")
    let server = try await Exporter.Server(catalog: path, more: ["--web.enable-lifecycle"])
    func warnings() -> [String] {
      server.process.standardError.split(separator: "\n").filter {
        $0.contains("level=warn") && !$0.contains("runs as root")
      }
      .map(String.init)
    }
    let first = try await eventually("both are said") { warnings().count >= 2 ? warnings() : nil }
    #expect(first.contains { $0.contains("trainloss") && $0.contains("did you mean `train_loss`") })
    #expect(first.contains { $0.contains("there is no folder `rate`") && $0.contains("did you mean `rates`?") })

    // The column is right now; a run is not in the list, which nothing has shown before.
    try folder.write(Self.catalog("train_loss", "rates/y.csv"), to: "metrics.yaml")
    #expect(try HTTP.request("POST", "/-/reload", port: server.port).status == 200)
    let all = try await eventually("what is wrong still is said") { warnings().count >= 4 ? warnings() : nil }
    #expect(all.dropFirst(2).contains { $0.contains("run=\\\"b\\\"") && $0.contains("label_value") })
    #expect(all.dropFirst(2).contains { $0.contains("rates/y.csv` matches no file") })
    #expect(try Exposition(server.scrape()).values["loss{run=\"a\"}"] == 0.5)
  }
}
