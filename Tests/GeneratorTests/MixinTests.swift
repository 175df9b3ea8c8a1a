import Foundation
import Generators
import LogStations
import MetricCatalog
import Testing

/// What `jsonnet` makes of a mixin is what the other generators make.
@Suite struct MixinTests {
  private static let jsonnet = "/usr/bin/jsonnet"
  /// With runs, with the machine, with programs; formats are slow in jsonnet.
  private static let catalogs = ["", "examples/gpu-node/", "examples/lightning/", "examples/python-training/"].map {
    "\($0)metrics.yaml"
  }
  private static let isThere = FileManager.default.isExecutableFile(atPath: jsonnet)

  /// What an expression gives, in which `m` is the mixin.
  private func evaluate(_ expression: String, in folder: LogFolder) throws -> Data {
    try run(Self.jsonnet, "-e", "local m = import '\(folder.path("mixin.libsonnet"))'; \(expression)")
  }

  private func run(_ program: String, _ arguments: String...) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(String(decoding: output, as: UTF8.self))")
    return output
  }

  private func object(_ data: Data) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
  }

  @Test(.enabled(if: isThere, "jsonnet is not there"), arguments: catalogs)
  func itsDashboardAndRulesAreTheGeneratedOnes(path: String) throws {
    let folder = try LogFolder()
    let catalog = try load(path)
    try folder.write(generate("mixin", catalog), to: "mixin.libsonnet")
    let made = try evaluate("m.grafanaDashboards['training-exporter-training.json']", in: folder)
    let plain = String(decoding: made, as: UTF8.self).replacing(#"job!=\"\", "#, with: "")
      .replacing(#"{job!=\"\"}"#, with: "")
    let map = try generate("dashboard", catalog, .init(isForKubernetes: true))
    let provisioned = try #require(map.firstRange(of: ".json: |-\n").map { map[$0.upperBound...] })
    #expect(try object(Data(plain.utf8)) == object(Data(provisioned.utf8)))

    // Its rules pass the tests of those that are generated. JSON is YAML.
    let rules = try evaluate("{ groups: m.prometheusRules.groups + m.prometheusAlerts.groups }", in: folder)
    try folder.write(String(decoding: rules, as: UTF8.self), to: "rules.yml")
    try folder.write(generate("rules", catalog, .init(areTests: true)), to: "rules-tests.yml")
    _ = try run("/usr/bin/promtool", "test", "rules", folder.path("rules-tests.yml"))
  }

  @Test(.enabled(if: isThere, "jsonnet is not there"))
  func whoeverInstallsItSetsWhatDiffers() throws {
    let folder = try LogFolder()
    try folder.write(generate("mixin", load("metrics.yaml"), .init(title: "100 % \"mine\"")), to: "mixin.libsonnet")
    let settings = #"{ _config+:: { trainingExporterSelector: 'cluster="a"', seriesLimitRatio: '0.7' } }"#
    let all = "{ a: m.prometheusAlerts, r: m.prometheusRules, d: m.grafanaDashboards }"
    let text = String(decoding: try evaluate("(function(m) \(all))(m + \(settings))", in: folder), as: UTF8.self)
    #expect(text.contains(#"training_exporter_series_limit{cluster=\"a\"} > 0.7"#))
    #expect(text.contains(#""title": "100 % \"mine\"""#))
    #expect(text.contains(#"training_loss{cluster=\"a\", job=~\"$job\", "#))
    #expect(!text.contains("%(") && !text.contains(#"job!="#))
  }
}
