package import LogFormats

/// A catalog that is proposed, as a value: what `CatalogText` writes.
package struct ProposedCatalog: Sendable {
  package struct Label: Sendable, Hashable {
    package enum Bound: Sendable, Hashable {
      /// As many distinct values at a time; whether the oldest goes for a new one.
      case count(Int, evictsOldest: Bool)
      /// These, and `other` for all that is not listed, where it stands among them.
      case values([String])
      case range(Int)
    }

    package var help: String
    package var bound: Bound
    /// The values that there are now.
    package var seen: Set<String> = []

    /// How many values there may be at a time.
    var size: Int {
      switch bound {
      case .count(let count, _): count
      case .values(let values): values.count
      case .range(let last): last + 1
      }
    }

    /// How many values there should be room for: there may be as many more.
    var room: Int { 2 * seen.count }

    package init(help: String, bound: Bound) { (self.help, self.bound) = (help, bound) }
  }

  package struct Metric: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable { case gauge, counter, info }

    package var name: String
    package var kind: Kind = .gauge
    package var help: String
    package var labels: [String]
    /// The unit in which the name ends.
    package var unit: String?
    /// Its own limit of series.
    package var seriesMax: Int?
  }

  package struct Field: Sendable, Hashable {
    /// The pattern of the field's name, as the catalog has it.
    package var pattern: String
    /// The names of the fields that it is for.
    package var names: [String]
    package var metric: String
    /// Labels with a fixed text.
    package var labels: [String: String] = [:]
    package var scale: String?
    package var from: String?
    /// `{value}/{_}`, where the number is a part of the text.
    package var textPattern: String?
    /// What `run` may use it for.
    package var role: FieldMeaning.Role = .value
    package var phase: FieldMeaning.Phase?
  }

  /// What each record of a watcher feeds without a number: texts as labels.
  package struct Info: Sendable, Hashable {
    /// The field whose text it shows.
    package var field: String
    package var metric: String
    package var labels: [Text]

    package struct Text: Sendable, Hashable {
      package var label: String
      package var text: String
    }
  }

  package struct Watcher: Sendable {
    package var name: String
    /// What wrote the logs.
    package var tool: String
    package var files: [String]
    package var exclude: [String] = []
    package var format: LogFormat
    package var decimal: String?
    /// Fields whose records are passed by.
    package var absent: [String] = []
    /// Label ► text, for all targets.
    package var labels: [(name: String, text: String)] = []
    /// The keys of `run`; nil: it tells of no runs.
    package var run: [(key: String, value: String)]?
    package var infos: [Info] = []
    package var fields: [Field] = []
    package var leftOut: [LeftOut] = []
    /// The captures of its paths, which are labels of all its metrics.
    package var captures: [String] = []
    /// How many logs it has now.
    package var logCount = 0
    /// The names of the fields that are numbers.
    package var numericFields: [String] = []
    package var isSettings = false
  }

  /// A field that no metric shows, and why.
  package struct LeftOut: Sendable, Hashable {
    package var field: String
    package var reason: String

    package init(_ field: String, _ reason: String) {
      self.field = field
      self.reason = reason
    }

    /// Fields with one reason together: their names, as far as they are told, and the reason.
    static func grouped(_ all: [LeftOut]) -> [(fields: String, reason: String)] {
      var fields: [String: [String]] = [:]
      var order: [String] = []
      for left in all {
        if fields[left.reason] == nil { order.append(left.reason) }
        fields[left.reason, default: []].append(left.field)
      }
      return order.map { reason in
        let names = (fields[reason] ?? []).filter { !$0.isEmpty }
        let rest = names.count > namesMax ? " and \(names.count - namesMax) more" : ""
        return (names.prefix(namesMax).joined(separator: ", ") + rest, reason)
      }
    }

    private static let namesMax = 6
  }

  package var labels: [(name: String, label: Label)] = []
  package var metrics: [Metric] = []
  package var watchers: [Watcher] = []
  /// The limit of series of all metrics together, where it is not that by default.
  package var seriesMax: Int?
  /// Where logs were looked for, as it was asked.
  package var source = "."

  package init() {}

  package func metric(_ name: String) -> Metric? { metrics.first { $0.name == name } }
  package func label(_ name: String) -> Label? { labels.first { $0.name == name }?.label }
}
