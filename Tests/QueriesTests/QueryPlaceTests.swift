import Diagnostics
import Testing

@testable import Queries

/// Whatever a query is written in, what is wrong is shown where it stands.
struct QueryPlaceTests {
  @Test(arguments: [
    "expr: los > 3", "expr: 'los > 3'", "expr: \"los > 3\"", "expr: |\n              los > 3",
    "expr: >-\n              3\n\n              < los", "expr: 'loss{run=\"it''s\"} + los'",
    "expr: \"loss{run=\\\"\\u00e4\\\"} + los\"",
  ])
  func inYAML(key: String) throws {
    let text = "groups:\n  - rules:\n      - alert: A\n        \(key)\n"
    let told = try told(text)
    #expect(told.count == 1)
    #expect(told.first?.hasSuffix(" query/unknown-metric los") ?? false, "\(told)")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let place = try #require(told.first?.split(separator: " ").first?.split(separator: ":").compactMap { Int($0) })
    #expect(lines[place[0] - 1].dropFirst(place[1] - 1).hasPrefix("los"))
  }

  @Test(arguments: [
    #"los"#, #"loss{run=\"\u00e4\ud83d\ude00\"}\n\t+ los"#, #"loss{run=~\"a\\\\.b\"} + los"#, "loss{run='ä'} + los",
  ])
  func inJSON(query: String) throws {
    let text = "{\n\t\"panels\": [{\"title\": \"P\",\n\t\t\"targets\": [{ \"expr\": \"\(query)\" }]}]}"
    let told = try told(text, path: "d.json")
    #expect(told.count == 1)
    #expect(told.first?.hasSuffix(" query/unknown-metric los") ?? false, "\(told)")
    #expect(told.first?.hasPrefix("3:") ?? false)
  }

  @Test func whatIsMissingAtTheEndOfAQueryIsToldThere() throws {
    let text = #"{"query": "label_values(loss{run=~\"$run\", split)"}"#
    #expect(try told(text, path: "d.json") == ["1:43 query/syntax "])
  }

  @Test func inObjectsOfKubernetes() throws {
    let text = """
      # Two documents.
      ---
      kind: PrometheusRule
      spec:
        groups:
          - rules: [{ alert: A, expr: los > 3 }]
      ---
      kind: ConfigMap
      data:
        a.yml: |
          groups:
            - rules:
                - alert: B
                  expr: loss + los
        d.json: |-
          {
            "panels": [{ "targets": [{ "expr": "loss{run=\\"a\\"} + los" }] }]
          }

      """
    #expect(
      try told(text) == [
        "6:33 query/unknown-metric los", "14:26 query/unknown-metric los", "17:61 query/unknown-metric los",
      ]
    )
  }

  @Test func inObjectsOfTheGrafanaOperator() throws {
    let text = """
      apiVersion: grafana.integreatly.org/v1beta1
      kind: GrafanaDashboard
      spec:
        instanceSelector: { matchLabels: { dashboards: a } }
        json: >
          {
            "panels": [{ "title": "P", "targets": [{ "expr": "loss{run=\\"a\\"} + los" }] }]
          }
      ---
      kind: GrafanaLibraryPanel
      spec: { json: '{"title": "L", "targets": [{"expr": "los"}]}' }
      ---
      kind: GrafanaDashboard
      spec:
        gzipJson: |-
          H4sIAAAAAAAAA4uuBQBDv6ajAgAAAA==

      """
    let told = try told(text)
    #expect(
      told == [
        "7:75 query/unknown-metric los", "11:53 query/unknown-metric los",
        "15:3 query/none gzipJson",
      ]
    )
    #expect(
      try QueriesTests.told("kind: GrafanaDashboard\nspec: { url: 'https://example.org/d.json' }\n") == ["query/none"]
    )
  }

  @Test func aMarkBetweenDocumentsMayHaveAComment() throws {
    let text = "--- # first\ngroups: [{rules: [{alert: A, expr: los1}]}]\n--- # second\n"
    #expect(
      try told(text + "groups: [{rules: [{alert: A, expr: los2}]}]\n") == [
        "2:36 query/unknown-metric los1", "4:36 query/unknown-metric los2",
      ]
    )
  }

  @Test func scriptsInAConfigMapAreNotRead() throws {
    let text = """
      kind: ConfigMap
      data:
        run.sh: |
          echo "a: {b" && x: y: z
        server.conf: "server { listen 80; }"
        a.rules: "groups: [{rules: [{alert: A, expr: los}]}]"

      """
    #expect(try told(text) == ["6:48 query/unknown-metric los"])
  }

  @Test(arguments: [
    #"'{{ query "los" }}'"#, #"'{{ with query "los" }}{{ . | first | value }}{{ end }}'"#, "'{{ query `los` }}'",
    #"'{{- range $i, $x := query "sum(loss{run=\"a\"}) + los" }}x{{ end -}}'"#,
    #""{{ (query \"loss{run=\\\"a\\\"} + los\") | first }}""#, #"'{{ "los" | query | first }}'"#,
    #"'{{ if (query "los") }}x{{ end }}'"#, #"'{{/* query "loss1" */}} {{ query `loss{run="}}"} + los` }}'"#,
    "|\n          a {{ $value }}\n          {{ with query \"los\" }}{{ end }}",
  ])
  func queriesInTheTextsOfAlertsAreChecked(text: String) throws {
    for key in ["annotations", "labels"] {
      let rules = "groups:\n- rules:\n  - alert: A\n    expr: loss > 1\n    \(key):\n      x: \(text)\n"
      let told = try told(rules)
      #expect(told.count == 1)
      let words = try #require(told.first?.split(separator: " "))
      #expect(words.dropFirst() == ["query/unknown-metric", "los"])
      let place = words[0].split(separator: ":").compactMap { Int($0) }
      let line = rules.split(separator: "\n", omittingEmptySubsequences: false)[place[0] - 1]
      #expect(line.dropFirst(place[1] - 1).wholeMatch(of: /los\b.*/) != nil, "\(line)")
    }
  }

  @Test(arguments: [
    #"{{ printf "los{run='%s'}" $labels.run | query }}"#, #"{{ $query "los" }}"#, #"{{ .query "los" }}"#,
    #"{{ printf "los" | query }}"#, #"{{ "query" }} los"#, #"{{ query "los"#, #"{{ query $q }}"#,
    #"{{ query "los\u0020" }}"#, #"{{ $labels.run }} {{ query "loss" }}"#, #"{{ "$labels.none" }}"#,
  ])
  func textsThatAreNoneAreLeftAlone(text: String) throws {
    #expect(try ids(alert: "loss > 1", annotation: text.replacing("'", with: "''")) == [])
  }

  @Test func labelsBesideAQueryInATextAreChecked() throws {
    let text = #"{{ printf "loss{run=''%s''}" $labels.rnu | query }} {{ query "loss" | first | label $labels.a }}"#
    #expect(try ids(alert: "loss > 1", annotation: text) == ["missing-label", "missing-label"])
  }

  @Test func aRuleWithoutAQueryIsTold() throws {
    #expect(try told("groups: [{rules: [{alert: A, expr: ''}]}]\n") == ["1:37 query/syntax "])
    #expect(try told("groups: [{rules: [{expr: los}]}]\n") == ["query/none"], "it is no dashboard")
  }

  @Test func alertsOfGrafanaHaveTheirQueriesFurtherInside() throws {
    let text = "groups: [{rules: [{title: A, data: [{model: {expr: los > 3}}]}]}]\n"
    #expect(try told(text) == ["1:52 query/unknown-metric los"])
  }

  @Test(arguments: [
    ("prometheus", true), ("grafana-azureprometheus-datasource", true), ("grafana-azure-monitor-datasource", false),
    ("-- Mixed --", true), ("loki", false),
  ])
  func queriesOfPrometheusAreToldFromOthers(source: String, isOurs: Bool) throws {
    let text = #"{"panels": [{"datasource": {"type": "\#(source)"}, "targets": [{"expr": "los"}]}]}"#
    #expect(try told(text, path: "d.json").count { $0.hasSuffix("unknown-metric los") } == (isOurs ? 1 : 0))
  }

  @Test func inDashboardsOfEachSchema() throws {
    let text = #"""
      {"apiVersion": "dashboard.grafana.app/v2", "kind": "Dashboard", "spec": {
        "elements": {"panel-1": {"kind": "Panel", "spec": {"title": "Loss", "data": {"kind": "QueryGroup", "spec": {
          "queries": [{"kind": "PanelQuery", "spec": {"query": {"kind": "DataQuery", "group": "prometheus", "spec": {
            "expr": "los1" }}}}, {"kind": "PanelQuery", "spec": {"query": {"kind": "loki", "spec": {
            "expr": "{app=\"x\"} |= `y`" }}}}]}}}}},
        "rows": [{"panels": [{"targets": [{"expr": "los2"}], "datasource": "${DS}"}]}],
        "panels": [{"title": "Row", "panels": [{"title": "Inner", "targets": [{"expr": "los3", "datasource": null}]}]},
          {"datasource": {"type": "loki"}, "targets": [{"expr": "{app=\"x\"}"}]}],
        "annotations": {"list": [{"name": "N", "expr": "los4"}]},
        "templating": {"list": [
          {"name": "a", "query": "label_values(los5, run)"}, {"name": "b", "query": {"query": "label_values(loss{split=\"train\"}, rnu)"}},
          {"name": "c", "query": "query_result(max(los6))"}, {"name": "d", "query": "label_values(run)"},
          {"name": "e", "query": "label_values(loss, run)"}]}
      }}
      """#
    let told = try told(text, path: "d.json").map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
    #expect(
      told == [
        "query/unknown-metric los1", "query/unknown-metric los2", "query/unknown-metric los3",
        "query/unknown-metric los4", "query/unknown-metric los5", "query/unknown-label rnu",
        "query/unknown-metric los6",
      ]
    )
  }

  /// Each of its mistakes quotes a query: of a long one that took seconds.
  @Test func ofALongQueryOnlyTheBeginningIsQuoted() throws {
    let labels = (0..<500).map { "x\($0)" }.joined(separator: ", ")
    let text = "groups: [{rules: [{alert: A, expr: 'sum by (\(labels)) (loss)'}]}]"
    let file = QueryFile(SourceFile(path: "a.yml", bytes: Array(text.utf8)))
    let messages = QueryChecks.check([file], against: [try catalog()], .init()).files[0].diagnostics.map(\.message)
    #expect(messages.count == 500)
    #expect(messages.allSatisfy { $0.hasSuffix("in `sum by (\(labels.prefix(63))…`") })
  }

  /// To look for the places of all in a long line took minutes.
  @Test func ofManyMistakesTheFirstThousandAreShown() throws {
    let labels = (0..<20_000).map { "x\($0)" }.joined(separator: ",")
    let text = "groups: [{rules: [{alert: A, expr: 'sum by (\(labels)) (loss)\n\n # allow \(labels)'}]}]"
    let file = QueryFile(SourceFile(path: "a.yml", bytes: Array(text.utf8)))
    let told = QueryChecks.check([file], against: [try catalog()], .init()).files[0].diagnostics
    #expect(told.count == 1_001)
    #expect(told.last?.id == "query/more")
    #expect(told.last?.message == "19000 more are not shown")
    let waived = try ids(alert: "sum by (\(labels)) (loss) # allow query/unknown-label")
    #expect(waived == [])
  }

  @Test func messagesSayWhoAsks() throws {
    let text = #"{"panels": [{"title": "Loss of runs", "targets": [{"expr": "max by (run)\n(los)"}]}]}"#
    let file = QueryFile(SourceFile(path: "d.json", bytes: Array(text.utf8)))
    let findings = QueryChecks.check([file], against: [try catalog()], .init())
    #expect(
      findings.files[0].diagnostics.map(\.message) == [
        "panel `Loss of runs`: there is no metric `los`, in `max by (run) (los)`"
      ]
    )
  }

  @Test(arguments: [
    ("{", "1:2"), ("{\"a\" 1}", "1:6"), ("{\"a\": 1,}", "1:9"), ("{\"a\": nul}", "1:7"), ("{} x", "1:4"),
    ("[01]", "1:2"), ("[1.]", "1:2"), ("[0x1F]", "1:2"), ("[-inf]", "1:2"), ("[-]", "1:2"), ("[1e]", "1:2"),
    ("{\"a\": \"\\q\"}", "1:8"), (String(repeating: "{\"a\":", count: 200), "1:641"),
  ])
  func brokenJSONIsToldWhereItBreaks(text: String, place: String) throws {
    let told = try told(text, path: "d.json")
    #expect(told.count == 1 && told[0].hasPrefix(place + " query/file"), "\(told)")
  }

  /// No text may stop the program, and no place may lie outside of the file.
  @Test func anyCutOfAFileCanBeRead() throws {
    let dashboard = #"{"panels":[{"title":"ä","targets":[{"expr":"los{run=\"\\u00e4\"}\n","legendFormat":"{{x}}"}]}]}"#
    let rules = """
      groups:
        - rules:
            - alert: A
              expr: >
                los
                + 1
              labels: {a: '{{ $labels.x }}{{ query "los{a=\\"x\\"} # allow query/x" }}'}

      """
    let map = "kind: ConfigMap\ndata:\n  a: |\n" + rules.split(separator: "\n").map { "    \($0)\n" }.joined()
    for text in [dashboard, rules, map] {
      let bytes = Array(text.utf8)
      for end in 0...bytes.count {
        for cut in [bytes[..<end], bytes[end...]] {
          let source = SourceFile(path: "a", bytes: Array(cut))
          let findings = QueryChecks.check([QueryFile(source)], against: [try catalog()], .init())
          for diagnostic in findings.files[0].diagnostics {
            #expect(diagnostic.range.map { $0.end <= cut.count } ?? true)
          }
        }
      }
    }
  }
}
