import ExporterKit
import Foundation
import Generators
import MetricCatalog
import MetricRegistry
import Testing

/// `Metrics.swift` is what `generate swift` makes of `metrics.yaml`, and is compiled with these tests: that the names are
/// Swift and that none is there twice, the compiler says.
@Suite struct SwiftGeneratorTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let package = folder.deletingLastPathComponent().deletingLastPathComponent()

  private static func catalog(_ path: URL) throws -> Catalog { try #require(loadCatalog(path: path.path).catalog) }

  private static func text(_ catalog: Catalog) throws -> String {
    guard case .catalog(let text)? = Generators.all.first(where: { $0.name == "swift" })?.source else { return "" }
    return text(catalog, [], .init())
  }

  @Test func theFileIsWhatIsMadeOfTheCatalog() throws {
    let text = try Self.text(try Self.catalog(Self.folder.appending(path: "metrics.yaml")))
    let file = Self.folder.appending(path: "Metrics.swift")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: file)
      Issue.record("Metrics.swift was written")
      return
    }
    #expect(text == (try String(contentsOf: file, encoding: .utf8)), "UPDATE_GOLDEN=1 writes it")
  }

  @Test func theDeclarationsAreThoseOfTheCatalog() throws {
    let catalog = try Self.catalog(Self.folder.appending(path: "metrics.yaml"))
    #expect(Metrics.descriptors == catalog.metrics)
    #expect(Metrics.limits == catalog.limits.registry)
  }

  @Test func eachTypeHasItsAccessor() throws {
    let metrics = try Metrics()
    metrics.imagesProcessedTotal.with(stage: .inference, model: .yolov11mObb).increment()
    metrics.appStartsTotal.increment()
    metrics.appStartsTotal.increment()
    let device = try #require(Metrics.DeviceId(3))
    #expect(Metrics.DeviceId(4) == nil)
    metrics.trainingLoss.with(run: "a", iouThreshold: ._0_5_0_95, deviceId: device, shift: .minus1, step: 7).set(0.5)
    #expect(metrics.inferenceTimeSeconds.with(model: .other, run: "a").time { 3 } == 3)
    metrics.startupSeconds.startTimer().stop()
    metrics.batchSeconds.with(stage: .training).observe(2)
    metrics.appInfo.with(run: "a").set()
    metrics.runState.with(run: "a").set(.selfValue)
    metrics.phase.set(.warmUp)
    metrics.class.set(1)
    metrics.selfMetric.with(
      class: .selfValue,
      selfLabel: "s",
      operationLabel: "o",
      string: .aValue,
      state: .x,
      modelLabel: .get,
      run: "a",
      stage: .training
    ).set(4)
    let lines = MetricsServer(registry: metrics.registry).metricsText.split(separator: "\n")
    for line in [
      #"images_processed_total{stage="inference",model="yolov11m-obb"} 1"#, "app_starts_total 2",
      #"training_loss{run="a",iou_threshold="0.5:0.95",device_id="3",shift="-1",step="7"} 0.5"#,
      #"inference_time_seconds_count{model="other",run="a"} 1"#, "startup_seconds_count 1",
      #"batch_seconds_sum{stage="training"} 2"#, #"app_info{run="a",version="1.0"} 1"#,
      #"run_state{run="a",run_state="self"} 1"#, #"phase{phase="warm-up"} 1"#, "class 1",
      #"self{class="self",self="s",operation="o",string="A",state="x",Model="GET",run="a",stage="training"} 4"#,
    ] { #expect(lines.contains(line[...]), "\(line)") }
  }

  @Test func eachValueStandsForItself() {
    for value in Metrics.Class.allCases { #expect(Metrics.Class(rawValue: value.rawValue) == value) }
    #expect(Metrics.Class.allCases.count == 13 && Metrics.Class._1.rawValue == #""\(1)\"#)
    #expect(Metrics.Shift.allCases.map(\.rawValue) == ["-1", "0", "1"])
  }

  @Test func errorsAreCountedByTheirType() async throws {
    let metrics = try Metrics()
    #expect(throws: Odd.self) { try metrics.errorsTotal.countErrors(stage: .training) { throw Odd() } }
    await #expect(throws: CancellationError.self) {
      try await metrics.failuresTotal.countErrors {
        await Task.yield()
        throw CancellationError()
      }
    }
    let text = MetricsServer(registry: metrics.registry).metricsText
    #expect(text.contains(#"errors_total{stage="training",error_type="Odd"} 1"#))
    #expect(text.contains(#"failures_total{error_type="CancellationError"} 1"#))
  }

  @Test func aRegistryWithOtherLabelsIsRefused() throws {
    var descriptors = Metrics.descriptors
    descriptors[0].labels.reverse()
    #expect(
      throws: RegistryError.otherLabels(
        metric: "images_processed_total",
        declared: ["model", "stage"],
        requested: ["stage", "model"]
      )
    ) { try Metrics(registry: Registry(metrics: descriptors)) }
  }

  @Test func nothingThatIsNotDeclaredCompiles() throws {
    let wrong = [
      "metrics.imagesProcessedTotals.with(stage: .inference, model: .other)",
      "metrics.imagesProcessedTotal.with(stage: .inference, modell: .other)",
      "metrics.imagesProcessedTotal.with(stage: .inference)",
      "metrics.imagesProcessedTotal.with(stage: .inferrence, model: .other)",
      "metrics.imagesProcessedTotal.with(stage: \"inference\", model: .other)",
      "metrics.trainingLoss.with(run: \"a\", iouThreshold: ._05, deviceId: ._4, shift: ._0, step: 7)",
      "metrics.runState.with(run: \"a\").set(.runing)",
      "metrics.imagesProcessedTotal.with(stage: .inference, model: .other).set(1)",
    ]
    let uses = "func use(metrics: Metrics) {\n" + wrong.map { "  _ = \($0)\n" }.joined() + "}\n"
    let made = try String(contentsOf: Self.folder.appending(path: "Metrics.swift"), encoding: .utf8)
    let said = try Self.typeCheck(["Metrics.swift": made, "uses.swift": uses])
    let lines = said.matches(of: /uses\.swift:(\d+):\d+: error/).compactMap { Int($0.1) }
    #expect(Set(lines) == Set(2...wrong.count + 1), "\(said)")
    #expect(!said.contains(/Metrics\.swift:\d+:\d+: error/), "\(said)")
  }

  @Test func theFilesOfAllExamplesCompile() throws {
    let examples = try FileManager.default.contentsOfDirectory(atPath: Self.package.appending(path: "examples").path)
    let catalogs = ["metrics.yaml"] + examples.sorted().map { "examples/\($0)/metrics.yaml" }
    var count = 0
    for path in catalogs.map({ Self.package.appending(path: $0) })
    where FileManager.default.fileExists(atPath: path.path) {
      count += 1
      let said = try Self.typeCheck(["Metrics.swift": try Self.text(try Self.catalog(path))])
      #expect(said.isEmpty, "\(path.path): \(said)")
    }
    #expect(count > 5)
  }

  /// What the compiler says of files that use the modules that the tests were built with.
  private static func typeCheck(_ files: [String: String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "swift-generator-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    let modules = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["swiftc", "-typecheck", "-swift-version", "6", "-I", modules.appending(path: "Modules").path]
      + files.keys.sorted().map { folder.appending(path: $0).path }
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }

  private struct Odd: Error {}
}
