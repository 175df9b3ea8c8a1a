internal import Diagnostics

/// What `init` says of what it found and of what it left out, for people.
package struct InitReport {
  private let proposal: Proposal
  private let source: String

  package init(_ proposal: Proposal, source: String) {
    self.proposal = proposal
    self.source = source
  }

  /// - Parameters:
  ///   - seriesNow: how many time series the logs give now; nil: that was not counted.
  ///   - seriesMax: how many the catalog allows.
  package func text(name: String, seriesNow: Int?, seriesMax: Int) -> String {
    var lines = ["found in \(PrintableText.escape(source)):"]
    lines += found()
    let left = leftOut()
    if !left.isEmpty { lines += ["left out:"] + left }
    for remark in proposal.remarks { lines.append("in the logs: \(PrintableText.escape(remark))") }
    for trouble in proposal.troubles { lines.append("not looked at: \(PrintableText.escape(trouble))") }
    let metrics = Self.counted(proposal.catalog.metrics.count, "metric")
    let watchers = Self.counted(proposal.catalog.watchers.count, "watcher")
    let now = seriesNow.map { "\(CountText.grouped($0)) time series now, " } ?? "time series: "
    lines.append("\(name): \(metrics) from \(watchers), \(now)at most \(CountText.grouped(seriesMax))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// What there is where nothing was found.
  package static func nothing(
    leftOut: [(path: String, reason: String)],
    troubles: [String],
    passedBy: Int,
    source: String
  ) -> String {
    var lines = ["no log of a training found in \(PrintableText.escape(source))"]
    for (path, reason) in leftOut.prefix(leftOutMax) {
      lines.append("  \(PrintableText.escape(path)): \(PrintableText.escape(reason))")
    }
    if leftOut.count > leftOutMax { lines.append("  and \(leftOut.count - leftOutMax) more") }
    if passedBy > 0 {
      lines.append(
        "  \(counted(passedBy, "file")) passed by: empty, or sources, pictures, weights and the like by their names"
      )
    }
    for trouble in troubles { lines.append("  \(PrintableText.escape(trouble))") }
    lines.append(
      "a log has numbers with names, record by record: CSV and other tables, JSON, JSON lines, Python dicts, console text, and files of TensorBoard, W&B and MLflow"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private func found() -> [String] {
    var rows: [(tool: String, files: String, what: String)] = []
    var last = ""
    for watcher in proposal.catalog.watchers {
      let logs = Self.counted(watcher.logCount, "log")
      let what =
        watcher.isSettings
        ? "\(logs), how far it is to go" : "\(logs), \(Self.counted(watcher.numericFields.count, "field"))"
      for (place, files) in watcher.files.enumerated() {
        rows.append((watcher.tool == last ? "" : watcher.tool, PrintableText.escape(files), place == 0 ? what : ""))
        last = watcher.tool
      }
    }
    let (tools, paths) = (rows.map(\.tool.count).max() ?? 0, rows.map(\.files.count).max() ?? 0)
    return rows.map { tool, files, what in
      let line =
        "  " + Self.padded(tool, tools) + "  " + (what.isEmpty ? files : Self.padded(files, paths) + "  " + what)
      return line
    }
  }

  private func leftOut() -> [String] {
    var lines: [String] = []
    for watcher in proposal.catalog.watchers {
      let groups = ProposedCatalog.LeftOut.grouped(watcher.leftOut)
      // Of several kinds of files it is not told which had the field.
      let place = PrintableText.escape(watcher.files.count == 1 ? watcher.files[0] : watcher.name)
      for (fields, reason) in groups.prefix(Self.fieldsMax) {
        let named = fields.isEmpty ? "" : " \(PrintableText.escape(fields)):"
        lines.append(
          "  \(place):\(named) \(PrintableText.escape(reason))"
        )
      }
      if groups.count > Self.fieldsMax {
        lines.append(
          "  \(place): more fields, for \(groups.count - Self.fieldsMax) other reasons"
        )
      }
    }
    for (path, reason) in proposal.leftOut.prefix(Self.leftOutMax) {
      lines.append("  \(PrintableText.escape(path)): \(PrintableText.escape(reason))")
    }
    if proposal.leftOut.count > Self.leftOutMax {
      lines.append("  and \(proposal.leftOut.count - Self.leftOutMax) more files")
    }
    return lines
  }

  private static let leftOutMax = 30
  private static let fieldsMax = 20

  private static func counted(_ count: Int, _ what: String) -> String {
    "\(CountText.grouped(count)) \(what)\(count == 1 ? "" : "s")"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
