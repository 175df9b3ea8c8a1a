/// A panel of a dashboard: what is asked, and how it is drawn.
struct Panel {
  enum Kind {
    /// Values over time.
    case curves
    /// States over time, as bars of colors. The values are those of `states`, counted from 1.
    case states([State])
    /// A table of the present values: a row for each combination of labels, a column for each query.
    case table([Column])
  }

  /// A state with its color, by Grafana's name for it.
  struct State {
    var name: String
    var color: String

    init(name: String, color: String) {
      self.name = name
      self.color = color
    }

    /// A state of a stateset, about which nothing is known: its place decides the color.
    init(at place: Int, _ name: String) {
      let colors = ["blue", "green", "orange", "purple", "yellow", "red"]
      self.init(name: name, color: colors[place % colors.count])
    }
  }

  /// A column of a table, for the query at the same place.
  struct Column {
    var title: String
    var unit: GrafanaUnit?
    /// States, which the values count from 1.
    var states: [State] = []
    /// Whether the value is a share, which is drawn as a bar.
    var isBar = false
  }

  /// How the values are spread over the height.
  enum Scale {
    case linear
    /// Steps of powers of ten. What is not above 0 is not drawn, so it is only for what cannot be.
    case logarithmic
  }

  /// A query with the text that its series have in the legend.
  struct Query {
    var expression: OpenText
    var legend: String
  }

  /// What stays the same when the catalog changes elsewhere: the panel's number follows from it.
  var key: String
  var title: String
  /// What the values are, for people.
  var about: String
  var kind = Kind.curves
  var unit: GrafanaUnit?
  var scale = Scale.linear
  /// What the axis shows in any case.
  var bounds: ClosedRange<Double>?
  /// What the legend tells of each curve, by Grafana's names, such as `lastNotNull` and `min`.
  var calculations = ["lastNotNull"]
  /// How far apart its points are at least.
  var shortestInterval: String?
  /// Grafana's *Min step* of its queries: `$__rate_interval` is four of these or more.
  var shortestStep: String?
  /// Of 24.
  var width = 8
  var queries: [Query]
}

/// A row of panels with its title.
struct PanelRow {
  var title: String
  var panels: [Panel]
}

/// A unit as Grafana calls it.
///
/// <https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts>
enum GrafanaUnit: String {
  case number = "short"
  case seconds = "s"
  case bytes
  case bytesPerSecond = "binBps"
  case share = "percentunit"
  case percent
  case celsius
  case watts = "watt"
  case joules = "joule"
  case hertz
  /// Milliseconds since 1970, shown as time that has passed or will pass.
  case fromNow = "dateTimeFromNow"

  /// The unit of a metric's values.
  init?(_ name: String) {
    let units: [String: GrafanaUnit] = [
      "seconds": .seconds, "bytes": .bytes, "ratio": .share, "percent": .percent, "celsius": .celsius, "watts": .watts,
      "joules": .joules, "hertz": .hertz,
    ]
    guard let unit = units[name] else { return nil }
    self = unit
  }

  /// The unit of how fast a total in this unit grows.
  var perSecond: GrafanaUnit? {
    switch self {
    case .bytes: .bytesPerSecond
    case .seconds: .share
    case .joules: .watts
    default: nil
    }
  }
}
