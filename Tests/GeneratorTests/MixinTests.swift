import Foundation
import Generators
import LogStations
import MetricCatalog
import Testing

/// What `jsonnet` makes of a mixin is what the other generators make.
@Suite struct MixinTests {
  /// With runs, with the machine, with programs; formats are slow in jsonnet.
  private static let catalogs = ["", "examples/gpu-node/", "examples/lightning/", "examples/python-training/"].map {
    "\($0)metrics.yaml"
  }
  private static let isThere = Program.jsonnet != nil && Program.promtool != nil

  /// What an expression gives, in which `m` is the mixin.
  private func evaluate(_ expression: String, in folder: LogFolder) throws -> Data {
    let result = try run(Program.jsonnet, "-e", "local m = import '\(folder.path("mixin.libsonnet"))'; \(expression)")
    #expect(result.status == 0, "\(result.output)")
    return Data(result.output.utf8)
  }

  private func object(_ data: Data) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
  }

  @Test(.enabled(if: isThere, "jsonnet or promtool is not there"), arguments: catalogs)
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
    let tests = try run(Program.promtool, "test", "rules", folder.path("rules-tests.yml"))
    #expect(tests.status == 0, "\(tests.output)")
  }

  @Test(.enabled(if: isThere, "jsonnet or promtool is not there"))
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
