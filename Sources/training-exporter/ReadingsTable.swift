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
        row.labels.map { "\($0.name)=\(quoted($0.value))" }.joined(separator: " "),
      ]
    }
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    return ([head] + rows).map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  static func json(_ listing: ReadingsListing) -> String {
    let rows = listing.rows.map { row in
      let labels = row.labels.map { "\(quoted($0.name)): \(quoted($0.value))" }.joined(separator: ", ")
      let value = row.value.map { $0.isFinite ? number($0) : "null" } ?? "null"
      return "  {\"collector\": \(quoted(row.collector)), \"reading\": \(quoted(row.reading.name)), "
        + "\"type\": \(quoted(row.reading.kind.rawValue)), \"unit\": \(row.reading.unit.map(quoted) ?? "null"), "
        + "\"labels\": {\(labels)}, \"value\": \(value)}"
    }
    return "[\n" + rows.joined(separator: ",\n") + "\n]\n"
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  /// As JSON has it. What a device or process calls itself may hold anything.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
