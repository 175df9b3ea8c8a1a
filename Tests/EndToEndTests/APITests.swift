import Foundation
import Testing

/// The documents of the API, as a client gets them from a real exporter: docs/api.md.
@Suite struct APITests {
  private static let hostile = "<b>\"'&\u{202e}"
  /// As every label's value: without what turns the direction of writing.
  private static let shown = "<b>\"'&\u{fffd}"

  private func catalog(in folder: TemporaryFolder) throws -> String {
    try folder.write(
      """
      version: 1
      labels:
        run: { max_values: 20 }
        stage: { values: [train, val] }
      metrics:
        training_loss: { type: gauge, help: "Loss <i>", labels: [run, stage] }
        training_rate_ratio: { type: gauge, help: Rate, labels: [run], deprecated: use another }
        never_seconds: { type: gauge, help: Nothing feeds it, unit: seconds }
      watchers:
        rows:
          files: "runs/{run}/rows.csv"
          format: csv
          run: { epochs: 1000 }
          fields: { "{stage}/loss": training_loss, rate: training_rate_ratio }
        nothing: { files: "runs/{run}/nothing.jsonl", format: jsonl, fields: { rate: training_rate_ratio } }
      """,
      to: "metrics.yaml"
    )
  }

  private func document(_ path: String, _ server: Exporter.Server) throws -> [String: Any] {
    let answer = try HTTP.get(path, port: server.port)
    #expect(answer.status == 200 && answer.headers["content-type"] == "application/json; charset=utf-8", "\(answer)")
    #expect(answer.headers["cache-control"] == "no-cache")
    return try #require(try answer.json as? [String: Any])
  }

  private func values(_ curve: [String: Any]?) -> [Double?] { (curve?["value"] as? [Any])?.map { $0 as? Double } ?? [] }

  @Test func runsCurvesSourcesAndMetricsAreServed() async throws {
    let folder = try TemporaryFolder()
    let rows = "epoch,train/loss,test/loss,rate\n" + (0..<200).map { "\($0),\(200 - $0),1,0.5\n" }.joined()
    try folder.write(rows + "200,nan,1,x\n1,2,3,4,5\n", to: "runs/a/rows.csv")
    try folder.write("epoch,val/loss\n1,0.5\n", to: "runs/\(Self.hostile)/rows.csv")
    let server = try await Exporter.Server(catalog: try catalog(in: folder))

    let runs = try document("/api/v1/runs", server)
    let all = try #require(runs["runs"] as? [[String: Any]])
    #expect(runs["total"] as? Int == 2 && all.count == 2)
    let a = try #require(all.first { ($0["labels"] as? [String: String])?["run"] == "a" })
    let id = try #require(a["id"] as? String)
    #expect(id.wholeMatch(of: /[0-9a-f]{16}/) != nil)
    let losses = try #require(a["recent_loss"] as? [Any])
    #expect(losses.count <= 32)
    let other = try #require(all.first { ($0["labels"] as? [String: String])?["run"] == Self.shown })
    let second = try document("/api/v1/runs?limit=1&offset=1", server)
    #expect((second["runs"] as? [[String: Any]])?.map { $0["id"] as? String } == [all[1]["id"] as? String])
    #expect(second["total"] as? Int == 2)
    for query in ["limit=0", "limit=10001", "limit=x", "offset=-1", "limit=%zz"] {
      #expect(try HTTP.get("/api/v1/runs?" + query, port: server.port).status == 400)
    }

    let curves = try document("/api/v1/curves?run=\(id)&points=50", server)
    let drawn = try #require(curves["curves"] as? [[String: Any]])
    #expect(drawn.map { $0["field"] as? String } == ["train/loss", "test/loss", "rate"])
    #expect(drawn[0]["file"] as? String == "runs/a/rows.csv" && drawn[0]["metric"] as? String == "training_loss")
    #expect(drawn[0]["total"] as? Int == 201 && drawn[0]["non_finite"] as? Int == 1)
    #expect(values(drawn[0]).count <= 50 && values(drawn[0]).first == 200 && values(drawn[0]).last == .some(nil))
    #expect((drawn[0]["epoch"] as? [Int])?.last == 200)
    let both = try document(
      "/api/v1/curves?run=\(id)&run=\(try #require(other["id"] as? String))&field=val%2Floss&field=rate",
      server
    )
    #expect((both["curves"] as? [[String: Any]])?.map { $0["field"] as? String } == ["rate", "val/loss"])
    #expect(try HTTP.get("/api/v1/curves?run=0123456789abcdef", port: server.port).status == 404)
    #expect(try HTTP.get("/api/v1/curves", port: server.port).status == 400)

    let sources = try document("/api/v1/sources", server)
    let watchers = try #require(sources["watchers"] as? [[String: Any]])
    #expect(watchers.map { $0["name"] as? String } == ["rows", "nothing"])
    #expect(watchers[0]["files"] as? Int == 2 && watchers[0]["bytes_behind"] as? Int == 0)
    #expect((watchers[0]["records"] as? [String: Int])?["mapped"] == 202)
    #expect((watchers[0]["records"] as? [String: Int])?["malformed"] == 1)
    let logs = try #require(watchers[0]["logs"] as? [[String: Any]])
    let log = try #require(logs.first { $0["file"] as? String == "runs/a/rows.csv" })
    #expect(log["run"] as? String == id && log["size"] as? Int == rows.utf8.count + 22 && log["behind"] as? Int == 0)
    let findings = try #require(watchers[0]["findings"] as? [[String: Any]])
    let kinds = findings.map { $0["kind"] as? String ?? "" }
    #expect(Set(kinds).isSuperset(of: ["row-width", "no-number", "refused"]), "\(findings)")
    let wide = try #require(findings.first { $0["kind"] as? String == "row-width" })
    #expect(wide["line"] as? Int == 203 && wide["file"] as? String == "runs/a/rows.csv")
    let text = try #require(wide["text"] as? String)
    #expect(
      text.hasPrefix("runs/a/rows.csv:203: one row could not be read: the row \"1,2,3,4,5\" of runs/a/rows.csv has 5")
    )
    #expect((watchers[1]["findings"] as? [[String: Any]])?.first?["kind"] as? String == "no-file")

    let metrics = try document("/api/v1/metrics", server)
    let told = try #require(metrics["metrics"] as? [[String: Any]])
    #expect(told.map { $0["name"] as? String } == ["training_loss", "training_rate_ratio", "never_seconds"])
    #expect(told[0]["fed_by"] as? [String] == ["rows"] && told[0]["series"] as? Int == 2)
    #expect(told[0]["labels"] as? [String] == ["run", "stage"] && told[0]["help"] as? String == "Loss <i>")
    #expect(told[1]["fed_by"] as? [String] == ["rows", "nothing"] && told[1]["deprecated"] as? String == "use another")
    #expect(told[2]["unit"] as? String == "seconds" && told[2]["series"] as? Int == 0)
    let refused = try #require(told[0]["rejections"] as? [[String: Any]])
    #expect(refused.first?["reason"] as? String == "label_value" && refused.first?["label"] as? String == "stage")
    #expect(refused.first?["last_values"] as? [String] == ["test"])
    let notNumbers = try #require(told[1]["rejections"] as? [[String: Any]])
    #expect(notNumbers.first?["last_values"] as? [String] == ["x"])
  }

  /// A client that asks again and again gets what is new, and learns where nothing is.
  @Test func curvesGoOnWithTheirLog() async throws {
    let folder = try TemporaryFolder()
    try folder.write("epoch,train/loss\n1,3\n", to: "runs/a/rows.csv")
    let server = try await Exporter.Server(catalog: try catalog(in: folder))
    let runs = try document("/api/v1/runs", server)["runs"] as? [[String: Any]]
    let id = try #require(runs?.first?["id"] as? String)
    let path = "/api/v1/curves?run=\(id)"
    func answer() throws -> (tag: String?, values: [Double?]) {
      let answer = try HTTP.get(path, port: server.port)
      let document = try answer.json as? [String: Any]
      return (answer.headers["etag"], values((document?["curves"] as? [[String: Any]])?.first))
    }
    let first = try answer()
    #expect(first.values == [3])
    #expect(try answer().tag == first.tag && first.tag != nil)
    try folder.append("2,2\n", to: "runs/a/rows.csv")
    let second = try answer()
    #expect(second.values == [3, 2] && second.tag != first.tag)
    // Another file in its place is its log as soon as the exporter has read it.
    try folder.write("epoch,train/loss\n1,9\n2,8\n3,7\n", to: "runs/a/new.csv")
    try FileManager.default.removeItem(atPath: folder.path("runs/a/rows.csv"))
    try FileManager.default.moveItem(atPath: folder.path("runs/a/new.csv"), toPath: folder.path("runs/a/rows.csv"))
    _ = try await eventually("the other file is read") { try answer().values == [9, 8, 7] ? true : nil }
  }
}
