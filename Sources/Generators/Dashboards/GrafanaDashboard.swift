/// A dashboard as Grafana imports it: the classic JSON, which all its versions from 10 on read.
///
/// The import in Grafana asks for a data source (`__inputs`), which is the choice of the variable `datasource` then. Where
/// files are provisioned nobody is asked, and the variable begins with Grafana's default.
///
/// <https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/>
struct GrafanaDashboard {
  private let dashboard: Dashboard
  private let isImported: Bool
  private var numbers: Set<Int> = []

  /// The content of the file.
  ///
  /// - Parameter isImported: whether somebody imports it, who can be asked; else it is provisioned.
  static func document(_ dashboard: Dashboard, isImported: Bool) -> Document {
    var writer = GrafanaDashboard(dashboard: dashboard, isImported: isImported)
    return writer.document()
  }

  private init(dashboard: Dashboard, isImported: Bool) {
    self.dashboard = dashboard
    self.isImported = isImported
  }

  /// What the address of a dashboard with this title ends in.
  static func identifier(_ title: String) -> String {
    let words = title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    // Grafana takes 40 characters.
    let text = "training-exporter-" + words.joined(separator: "-")
    return text.utf8.count <= 40 && !words.isEmpty ? text : "training-exporter-\(hash(title))"
  }

  private mutating func document() -> Document {
    .members([
      "__inputs": isImported ? Self.inputs : nil,
      "__requires": [
        ["type": "grafana", "id": "grafana", "name": "Grafana", "version": "10.0.0"],
        ["type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"],
      ],
      "uid": .text("\(setting: Setting("dashboardUid", Self.identifier(dashboard.title), "What its address ends in"))"),
      "title": .text("\(setting: Setting("dashboardTitle", dashboard.title, "What is written above the dashboard"))"),
      "description": "Made by `training-exporter generate dashboard` from the catalog. Change that, and make it anew.",
      "tags": ["training", "training-exporter"],
      "schemaVersion": 36,
      "version": 1,
      "editable": true,
      "graphTooltip": 1,
      "refresh": .text("\(setting: Setting("dashboardRefresh", "30s", "How often the dashboard asks again"))"),
      "time": ["from": "now-6h", "to": "now"],
      "timezone": "",
      "templating": ["list": .list([dataSourceVariable] + dashboard.variables.map(Self.variable))],
      "annotations": ["list": []],
      "panels": .list(panels()),
    ])
  }

  private static let inputs: Document = [
    [
      "name": "DS_PROMETHEUS",
      "label": "Prometheus",
      "description": "The Prometheus that scrapes training-exporter",
      "type": "datasource",
      "pluginId": "prometheus",
      "pluginName": "Prometheus",
    ]
  ]

  /// The variable for the data source.
  static let dataSourceName = "datasource"

  private static let dataSource: Document = ["type": "prometheus", "uid": .text("${\(dataSourceName)}")]

  private var dataSourceVariable: Document {
    let choice: Document = isImported ? "${DS_PROMETHEUS}" : "default"
    return [
      "name": .text(Self.dataSourceName),
      "label": "Data source",
      "type": "datasource",
      "query": "prometheus",
      "current": ["text": choice, "value": choice],
      "hide": 0,
      "includeAll": false,
      "multi": false,
      "options": [],
      "refresh": 1,
      "regex": "",
    ]
  }

  private static func variable(_ variable: Dashboard.Variable) -> Document {
    let query: OpenText = "label_values(\(variable.series), \(variable.label))"
    return [
      "name": .text(variable.name),
      "label": .text(variable.label),
      "type": "query",
      "datasource": dataSource,
      "definition": .text(query),
      "query": ["query": .text(query), "refId": "StandardVariableQuery"],
      "allValue": ".*",
      "current": ["selected": true, "text": ["All"], "value": ["$__all"]],
      "hide": 0,
      "includeAll": true,
      "multi": true,
      "options": [],
      "refresh": 2,
      "regex": "",
      "sort": 1,
    ]
  }

  // MARK: Places

  private static let columns = 24
  private static let height = 8

  private mutating func panels() -> [Document] {
    var all: [Document] = []
    var y = 0
    for row in dashboard.rows {
      all.append([
        "id": .integer(number(for: "row/\(row.title)")),
        "type": "row",
        "title": .text(row.title),
        "collapsed": false,
        "gridPos": Self.place(x: 0, y: y, width: Self.columns, height: 1),
        "panels": [],
      ])
      y += 1
      var x = 0
      for panel in row.panels {
        if x + panel.width > Self.columns {
          x = 0
          y += Self.height
        }
        all.append(document(panel, at: Self.place(x: x, y: y, width: panel.width, height: Self.height)))
        x += panel.width
      }
      y += Self.height
    }
    return all
  }

  private static func place(x: Int, y: Int, width: Int, height: Int) -> Document {
    ["h": .integer(height), "w": .integer(width), "x": .integer(x), "y": .integer(y)]
  }

  /// The number of a panel, which stays as long as its key does.
  private mutating func number(for key: String) -> Int {
    var number = Self.hash(key)
    while !numbers.insert(number).inserted { number = number % Self.numberMax + 1 }
    return number
  }

  private static let numberMax = 999_999_999

  /// FNV-1a, from 1 on.
  private static func hash(_ text: String) -> Int {
    let bits = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return Int(bits % UInt64(numberMax)) + 1
  }

  // MARK: Panels

  private mutating func document(_ panel: Panel, at place: Document) -> Document {
    .members([
      "id": .integer(number(for: panel.key)),
      "type": .text(Self.type(of: panel)),
      "title": .text(panel.title),
      "description": .text(panel.about),
      "datasource": Self.dataSource,
      "gridPos": place,
      "interval": panel.shortestInterval.map { .text($0) },
      "targets": .list(panel.queries.enumerated().map { Self.target($0.element, at: $0.offset, of: panel) }),
      "fieldConfig": ["defaults": Self.defaults(panel), "overrides": .list(Self.overrides(panel))],
      "options": Self.options(panel),
      "transformations": Self.transformations(panel),
    ])
  }

  private static func type(of panel: Panel) -> String {
    switch panel.kind {
    case .curves: "timeseries"
    case .states: "state-timeline"
    case .table: "table"
    }
  }

  /// `A` for the first query; there are never more than a few.
  private static func letter(_ place: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(place % 26)))
    return place < 26 ? letter : self.letter(place / 26 - 1) + letter
  }

  private static func target(_ query: Panel.Query, at place: Int, of panel: Panel) -> Document {
    let isTable = if case .table = panel.kind { true } else { false }
    return .members([
      "refId": .text(letter(place)),
      "datasource": dataSource,
      "editorMode": "code",
      "expr": .text(query.expression),
      "interval": panel.shortestStep.map { .text($0) },
      "legendFormat": isTable ? nil : .text(query.legend),
      "format": isTable ? "table" : nil,
      "instant": .flag(isTable),
      "range": .flag(!isTable),
    ])
  }

  private static func defaults(_ panel: Panel) -> Document {
    switch panel.kind {
    case .curves:
      let scale: Document =
        switch panel.scale {
        case .linear: ["type": "linear"]
        case .logarithmic: ["type": "log", "log": 10]
        }
      return .members([
        "unit": .text((panel.unit ?? .number).rawValue),
        "min": panel.bounds.map { .number($0.lowerBound) },
        "max": panel.bounds.flatMap { $0.upperBound > $0.lowerBound ? .number($0.upperBound) : nil },
        "color": ["mode": "palette-classic"],
        "custom": [
          "drawStyle": "line",
          "lineWidth": 1,
          "fillOpacity": 0,
          "showPoints": "auto",
          "spanNulls": false,
          "scaleDistribution": scale,
        ],
      ])
    case .states(let states):
      return [
        "color": ["mode": "palette-classic"],
        "custom": ["lineWidth": 0, "fillOpacity": 80],
        "mappings": mappings(states),
      ]
    case .table: return ["custom": ["align": "auto"]]
    }
  }

  private static func mappings(_ states: [Panel.State]) -> Document {
    let options = states.enumerated().map { place, state in
      let shown: Document = ["text": .text(state.name), "color": .text(state.color), "index": .integer(place)]
      return (key: String(place + 1), value: shown)
    }
    return [["type": "value", "options": .object(options)]]
  }

  private static func overrides(_ panel: Panel) -> [Document] {
    guard case .table(let columns) = panel.kind else { return [] }
    return columns.compactMap { column in
      var properties: [Document] = []
      if let unit = column.unit { properties.append(["id": "unit", "value": .text(unit.rawValue)]) }
      if !column.states.isEmpty {
        properties.append(["id": "mappings", "value": mappings(column.states)])
        properties.append(["id": "custom.cellOptions", "value": ["type": "color-text"]])
      }
      if column.isBar {
        properties.append(["id": "custom.cellOptions", "value": ["type": "gauge", "mode": "basic"]])
        properties.append(["id": "min", "value": 0])
        properties.append(["id": "max", "value": 1])
      }
      guard !properties.isEmpty else { return nil }
      return ["matcher": ["id": "byName", "options": .text(column.title)], "properties": .list(properties)]
    }
  }

  private static func options(_ panel: Panel) -> Document {
    switch panel.kind {
    case .curves:
      [
        "legend": [
          "displayMode": "table",
          "placement": "bottom",
          "showLegend": true,
          "calcs": .list(panel.calculations.map { .text($0) }),
        ],
        "tooltip": ["mode": "multi", "sort": "none"],
      ]
    case .states:
      [
        "showValue": "auto",
        "rowHeight": 0.8,
        "mergeValues": true,
        "legend": ["displayMode": "list", "placement": "bottom", "showLegend": true],
      ]
    case .table: ["showHeader": true]
    }
  }

  /// A row of a table has the values of all queries with the same labels, and no time.
  private static func transformations(_ panel: Panel) -> Document? {
    guard case .table(let columns) = panel.kind else { return nil }
    guard !columns.isEmpty else {
      let hidden: Document = ["Time": true, "Value": true, "__name__": true, "job": true]
      return [["id": "organize", "options": ["excludeByName": hidden, "indexByName": [:], "renameByName": [:]]]]
    }
    let titles = columns.enumerated().map { place, column in
      (key: columns.count == 1 ? "Value" : "Value #\(letter(place))", value: Document.text(column.title))
    }
    return [
      ["id": "merge", "options": [:]],
      [
        "id": "organize",
        "options": ["excludeByName": ["Time": true], "indexByName": [:], "renameByName": .object(titles)],
      ],
    ]
  }
}
