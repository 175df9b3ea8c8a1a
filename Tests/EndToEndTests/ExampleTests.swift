import Foundation
import Testing

/// Every example, as a user would run it.
struct ExampleTests {
  /// Those with logs; the others read the machine.
  static let names: [String] = {
    let folder = Exporter.package.appending(path: "examples")
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/expected.metrics").path) }
      .sorted()
  }()

  @Test func thereAreExamplesForEightTools() {
    #expect(Self.names.count >= 8)
  }

  @Test(arguments: names)
  func onceGivesTheExpectedExposition(name: String) async throws {
    let folder = Exporter.package.appending(path: "examples/\(name)")
    let expected = try String(contentsOf: folder.appending(path: "expected.metrics"), encoding: .utf8)
    let result = try await Exporter.once(folder.appending(path: "metrics.yaml").path)
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(result.output == expected)
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "README.md").path))
  }

  /// How each training of the examples is, with what it has come to: read as if it had been written just now.
  private static let runs: [String: String] = [
    "keras": "classifier running 3",
    "lightning": "version_0 running 31",
    "llamafactory": "tiny lora sft finished 16/16",
    "mlflow": "1e99ac4c344b43ee8c24142357265183 finished 299",
    "mmengine": "toy running 24",
    "stable-baselines3": "ppo running 448",
    "tensorboard": "circles finished 299",
    "torchtune": "tiny running 8",
    "transformers": "tiny-lm finished 24/24",
    "ultralytics": "train running 80",
    "wandb": "k7dq2x9a finished 299",
  ]

  @Test(arguments: names)
  func itsRunsAreAlive(name: String) async throws {
    let folder = try TemporaryFolder()
    let copy = folder.url.appending(path: name)
    try FileManager.default.copyItem(at: Exporter.package.appending(path: "examples/\(name)"), to: copy)
    try Self.touch(copy)
    let result = try await Exporter.run("runs", copy.appending(path: "metrics.yaml").path)
    #expect(result.exit.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let words = result.output.split(separator: "\n").last.map { line in
      line.split(separator: " ").filter { !$0.contains(/^[#.]+$|^-$|%$/) }
    }
    let expected = try #require(Self.runs[name]).split(separator: " ")
    #expect(words?.prefix(expected.count).elementsEqual(expected) == true, "\(result.output)")
  }

  /// Gives all files in a folder the time of now.
  static func touch(_ folder: URL) throws {
    for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) ?? .init() {
      try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
    }
  }

  @Test(arguments: names)
  func promtoolFindsNothing(name: String) async throws {
    try await expectCleanLint(ofFile: Exporter.package.appending(path: "examples/\(name)/expected.metrics").path)
  }

  @Test func everyCatalogOfTheProjectIsValidWithoutAWarning() async throws {
    for catalog in ["metrics.yaml"] + Self.names.map({ "examples/\($0)/metrics.yaml" }) {
      let result = try await Exporter.run("validate", Exporter.package.appending(path: catalog).path)
      #expect(result.exit.status == 0, "\(catalog): \(result.errors)")
      #expect(!(result.output + result.errors).contains("warning"), "\(result.output)\(result.errors)")
    }
  }

  @Test func theSampleExpositionComesOutToTheByte() async throws {
    let folder = Exporter.fixtures.appending(path: "seed-sample")
    let expected = try String(contentsOf: folder.appending(path: "expected.metrics"), encoding: .utf8)
    let result = try await Exporter.once(folder.appending(path: "metrics.yaml").path)
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(Exposition.ofCatalog(result.output) == expected)
  }

  @Test func theEventLogsOfTheDocumentationAreWhatTheCatalogReads() async throws {
    let page = try String(contentsOf: Exporter.package.appending(path: "docs/metrics.md"), encoding: .utf8)
    let inference = try #require(page.firstMatch(of: /```json\n((?:.|\n)*?)```/)?.1)
    let request = try #require(page.firstMatch(of: /`(\{"method".*?\})`/)?.1)
    let folder = try TemporaryFolder()
    try folder.write(String(inference), to: "logs/inference/today.jsonl")
    try folder.write(String(request) + "\n", to: "logs/requests/today.jsonl")
    let catalog = folder.path("metrics.yaml")
    try FileManager.default.copyItem(atPath: Exporter.package.appending(path: "metrics.yaml").path, toPath: catalog)
    let result = try await Exporter.once(catalog)
    #expect(result.exit.status == 0, "\(result.errors)")
    let values = Exposition(result.output).values
    let expected: [String: Double] = [
      #"images_processed_total{stage="inference",status="success"}"#: 1,
      #"images_processed_total{stage="inference",status="failed"}"#: 1,
      #"errors_total{error_type="RuntimeError",stage="inference"}"#: 1,
      #"inference_time_seconds_bucket{model="yolov11m",use_sahi="true",le="0.05"}"#: 0,
      #"inference_time_seconds_bucket{model="yolov11m",use_sahi="true",le="0.1"}"#: 1,
      #"inference_time_seconds_sum{model="yolov11m",use_sahi="true"}"#: 0.084,
      #"detections_per_image_sum{model="yolov11m"}"#: 3,
      #"detection_confidence_ratio_count{model="yolov11m"}"#: 3,
      #"detection_confidence_ratio_bucket{model="yolov11m",le="0.9"}"#: 2,
      "nms_filtering_time_seconds_sum": 0.0021,
      #"nms_input_detections{model="yolov11m"}"#: 41,
      #"nms_output_detections{model="yolov11m"}"#: 3,
      #"requests_total{method="GET",endpoint="/predict"}"#: 1,
      "request_duration_seconds_sum": 0.12,
      "response_size_bytes_sum": 5120,
      "response_size_bytes_count": 1,
      #"app_info{version="1.0.0",python_version="3.10",model="yolov11m-obb",environment="production"}"#: 1,
    ]
    for (series, value) in expected { #expect(values[series] == value, "\(series)") }
    #expect(!result.output.contains("training_exporter_rejections_total"))
    try await expectCleanLint(ofFile: folder.write(result.output, to: "exposition"))
  }

  @Test func theTourOfTheReadmeIsTrue() async throws {
    let readme = try String(contentsOf: Exporter.package.appending(path: "README.md"), encoding: .utf8)
    let catalog = try #require(readme.firstMatch(of: /```yaml\n(version: 1\n(?:.|\n)*?)```/)?.1)
    let exposition = try #require(readme.firstMatch(of: /```\n(# HELP (?:.|\n)*?)```/)?.1)
    let folder = try TemporaryFolder()
    try folder.write(String(catalog), to: "metrics.yaml")
    let log = "runs/detect/train/results.csv"
    try folder.write(Data(contentsOf: Exporter.package.appending(path: "examples/ultralytics/\(log)")), to: log)
    let result = try await Exporter.once(folder.path("metrics.yaml"))
    #expect(result.exit.status == 0, "\(result.errors)")
    #expect(Exposition.ofCatalog(result.output) == exposition)
  }
}

/// `promtool check metrics` says nothing at all.
func expectCleanLint(ofFile path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  let promtool = try ChildProcess(["promtool", "check", "metrics"], input: path)
  let exit = try await promtool.waitForExit()
  #expect(exit.status == 0, "\(promtool.standardError)", sourceLocation: sourceLocation)
  #expect(promtool.standardOutput + promtool.standardError == "", sourceLocation: sourceLocation)
}
