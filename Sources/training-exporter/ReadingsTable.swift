import Diagnostics
import ExporterKit
import MetricModel

/// A listing of readings as text in columns, and as JSON.
enum ReadingsTable {
  static func text(_ listing: ReadingsListing) -> String {
    let head = ["COLLECTOR", "READING", "TYPE", "UNIT", "VALUE", "LABELS"]
    let rows = listing.rows.map { row in
      [
        row.collector, row.reading.name, row.reading.kind.rawValue, row.reading.unit ?? "",
        row.value.map(number) ?? "-",
        row.labels.map { "\($0.name)=\(JSON.string($0.value).line)" }.joined(separator: " "),
      ]
    }
    return TextTable.text([head] + rows)
  }

  static func json(_ listing: ReadingsListing) -> String {
    let rows = listing.rows.map { row -> JSON in
      [
        "collector": .string(row.collector), "reading": .string(row.reading.name),
        "type": .string(row.reading.kind.rawValue), "unit": row.reading.unit.map(JSON.string) ?? .null,
        "labels": .object(row.labels.map { JSON.Member($0.name, .string($0.value)) }),
        "value": row.value.map(JSON.number) ?? .null,
      ]
    }
    return "[\n" + rows.map { "  " + $0.line }.joined(separator: ",\n") + "\n]\n"
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
