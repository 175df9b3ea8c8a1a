import Foundation
import Glibc
import LogStations
import Testing

/// Logs that no trainer should write: counted, the rest goes on, memory stays bounded.
struct HostileLogTests {
  static let memoryBytesMax = 200 << 20

  @Test func badFilesDoNotHurtTheGoodOne() async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write(
      """
      version: 1
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
        rows_total: { type: counter, help: Rows, labels: [run] }
      watchers:
        log: { files: "logs/{run}.csv", format: csv, each_record: rows_total, fields: { loss: loss } }
      """,
      to: "metrics.yaml"
    )
    try folder.write("step,loss\n1,0.5\n2,0.25\n", to: "logs/good.csv")
    try folder.write("", to: "logs/empty.csv")
    var generator = SplitMix(state: 1)
    try folder.write(
      Data((0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) }),
      to: "logs/binary.csv"
    )
    try folder.write(Data(count: 1 << 20), to: "logs/zeros.csv")
    try folder.write(Data(repeating: UInt8(ascii: "x"), count: 64 << 20), to: "logs/endless.csv")
    try folder.write("1,2,3\n4,5,6\n", to: "logs/headless.csv")
    try folder.write("step,loss\n1\n2,0.75,9,9\n3,\n", to: "logs/ragged.csv")
    let wide = (0..<10_000).map { "c\($0)" } + ["loss"]
    try folder.write(
      wide.joined(separator: ",") + "\n" + wide.map { _ in "1" }.joined(separator: ",") + "\n",
      to: "logs/wide.csv"
    )
    try folder.write("step,loss\n1,\"0.5\n2,0.25\n", to: "logs/unclosed.csv")
    try folder.write("step,loss\n1,0.5\n", to: "logs/unreadable.csv")
    chmod(folder.path("logs/unreadable.csv"), 0)
    try FileManager.default.createDirectory(atPath: folder.path("logs/folder.csv"), withIntermediateDirectories: false)
    #expect(mkfifo(folder.path("logs/fifo.csv"), 0o600) == 0)
    #expect(symlink("/dev/zero", folder.path("logs/device.csv")) == 0)

    let result = try await Exporter.once(catalog, within: .seconds(60))
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(result.exit.peakMemoryBytes < Self.memoryBytesMax)
    try await expectSane(result.output, folder)

    // The same, served: it answers, and it still follows the good log.
    let exporter = try await Exporter.Server(catalog: catalog)
    try await expectSane(exporter.scrape(), folder)
    #expect(exporter.process.residentBytes < Self.memoryBytesMax)
  }

  private func expectSane(_ exposition: String, _ folder: TemporaryFolder) async throws {
    let values = Exposition(exposition).values
    #expect(values[#"loss{run="good"}"#] == 0.25)
    #expect(values[#"rows_total{run="good"}"#] == 2)
    #expect(values[#"loss{run="wide"}"#] == 1)
    #expect(values[#"loss{run="folder"}"#] == nil)
    #expect(values[#"loss{run="fifo"}"#] == nil)
    #expect(values[#"loss{run="device"}"#] == nil)
    #expect((values[#"training_exporter_records_total{watcher="log",outcome="malformed"}"#] ?? 0) >= 1)
    try await expectCleanLint(ofFile: folder.write(exposition, to: "exposition"))
  }

  @Test func aMillionValuesOfABoundedLabelAreTwoHundredSeries() async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write(
      """
      version: 1
      labels: { image: { max_values: 200 } }
      metrics:
        confidence: { type: gauge, help: Confidence, labels: [image] }
      watchers:
        log: { files: log.jsonl, format: jsonl, labels: { image: "{.image}" }, fields: { confidence: confidence } }
      """,
      to: "metrics.yaml"
    )
    var log = Data()
    log.reserveCapacity(48 << 20)
    for image in 0..<1_000_000 { log += Data("{\"image\":\"image-\(image)\",\"confidence\":0.5}\n".utf8) }
    try folder.write(log, to: "log.jsonl")
    log = Data()

    let result = try await Exporter.once(catalog, within: .seconds(300))
    #expect(result.exit.status == 0, "\(result.errors)")
    let lines = Exposition(result.output).lines
    #expect(lines.count { $0.hasPrefix("confidence{") } == 200)
    let rejections = lines.filter { $0.hasPrefix("training_exporter_rejections_total{") }
    #expect(rejections.count == 1)
    #expect(rejections.first?.hasSuffix(" 999800") == true, "\(rejections)")
    #expect(rejections.first?.contains(#"metric="confidence",label="image""#) == true)
    #expect(result.exit.peakMemoryBytes < 64 << 20)
  }
}
