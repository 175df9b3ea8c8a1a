internal import Collectors
internal import MetricModel

/// The reference of all collectors and their readings as Markdown: the tables of `docs/collectors.md`. It depends on
/// the program alone, not on the machine.
public func readingsPage() -> String {
  Collectors.descriptors.map { collector in
    var text = "## `\(collector.name)`\n\n\(collector.help)\n"
    if !collector.keys.isEmpty {
      text += "\n| key | form | |\n| --- | --- | --- |\n"
      for key in collector.keys {
        text += "| `\(key.name)` | \(form(key.form))\(key.isRequired ? ", required" : "") | \(key.help) |\n"
      }
    }
    for record in collector.records { text += "\n" + section(record) }
    return text
  }.joined(separator: "\n")
}

private func section(_ record: RecordDescriptor) -> String {
  var text = "### \(record.name)\n\n\(record.help)\n"
  if !record.labels.isEmpty {
    text += "\n"
    for label in record.labels { text += "- label `\(label.name)`: \(label.help)\n" }
  }
  text += "\n| reading | type | unit | joined by | what it is | source |\n| --- | --- | --- | --- | --- | --- |\n"
  for reading in record.readings {
    let cells = [
      "`\(reading.name)`", reading.kind.rawValue, reading.unit ?? "",
      record.labels.isEmpty ? "" : reading.joining.rawValue,
      escaped(reading.help), escaped(reading.source),
    ]
    text += "| " + cells.joined(separator: " | ") + " |\n"
  }
  return text
}

private func escaped(_ cell: String) -> String {
  var text = ""
  for character in cell { text += character == "|" ? "\\|" : String(character) }
  return text
}

private func form(_ form: CollectorDescriptor.OwnKey.Form) -> String {
  switch form {
  case .duration: "duration"
  case .paths: "path pattern or list of them"
  case .matches: "what to look for, once or as a list"
  }
}
