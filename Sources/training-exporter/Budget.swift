import ArgumentParser
import Diagnostics
import ExporterKit
import Glibc
import MetricCatalog

/// `validate --budget`: how many time series a catalog allows at most, as a table.
struct BudgetOptions: ParsableArguments {
  @Flag(
    name: .customLong("budget"),
    help: "Also count how many time series the catalog allows, and fail where that is more than a limit."
  )
  var isOn = false

  /// Shows the table of a catalog, and adds what exceeds a limit to its diagnostics.
  ///
  /// - Parameter options: a table stands beside the diagnostics of a format that programs read, on standard error.
  func check(_ loading: inout CatalogLoading, _ options: DiagnosticOptions) throws {
    guard isOn, let budget = loading.checkBudget(collectors: offeredCollectors), !options.quiet else { return }
    let descriptor = options.format.isForPrograms ? STDERR_FILENO : STDOUT_FILENO
    let table = BudgetTable(budget, BudgetTable.Style(of: descriptor, options.color))
    let text = "\(loading.source.path): the most time series that can exist\n\n\(table.text)\n"
    if options.format.isForPrograms { writeToStandardError(text) } else { try writeToStandardOutput(text) }
  }
}

/// A budget as text, the largest metrics first, in 80 columns.
struct BudgetTable {
  /// What the terminal or file can show.
  struct Style {
    var hasColors = false
    /// Whether bars are made of blocks, each of which has eight parts.
    var hasBlocks = false

    /// Plain where nobody looks on at once.
    init(of descriptor: Int32, _ color: ColorOptions) {
      let isTerminal = isatty(descriptor) == 1
      hasBlocks = isTerminal && Self.isUTF8
      hasColors = color.isOn(for: descriptor)
    }

    private static var isUTF8: Bool {
      let names = ["LC_ALL", "LC_CTYPE", "LANG"]
      let locale = names.lazy.compactMap { getenv($0).map { String(cString: $0) } }.first { !$0.isEmpty } ?? ""
      return locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8")
    }
  }

  private static let columns = 80
  private static let barColumns = 20
  private static let numberColumns = 11

  private let budget: SeriesBudget
  private let style: Style

  init(_ budget: SeriesBudget, _ style: Style) {
    (self.budget, self.style) = (budget, style)
  }

  var text: String {
    let sorted = budget.metrics.enumerated().sorted {
      ($1.element.worstCase, $0.offset) < ($0.element.worstCase, $1.offset)
    }
    var lines = [row("METRIC", "AT MOST", "LIMIT", bar: "")]
    for (_, metric) in sorted {
      lines.append(row(metric.name, metric.worstCase, metric.limit))
      lines += calculation(of: metric).map { colored($0, "2") }
    }
    lines += ["", row("all metrics together", budget.worstCase, budget.limit)]
    return lines.map { $0 + "\n" }.joined()
  }

  private func row(_ name: String, _ count: Int, _ limit: Int) -> String {
    row(name, Self.text(count), Self.text(limit), bar: bar(count, of: limit))
  }

  /// What is left of a line after numbers and bar is for the name.
  private func row(_ name: String, _ count: String, _ limit: String, bar: String) -> String {
    let room = Self.columns - 2 * Self.numberColumns - Self.barColumns - 2
    let shown = name.count > room ? name.prefix(room - 1) + "…" : name[...]
    let line =
      Self.padded(String(shown), to: room) + Self.padded(count, to: Self.numberColumns, isRight: true)
      + Self.padded(limit, to: Self.numberColumns, isRight: true)
    return bar.isEmpty ? line : "\(line)  \(bar)"
  }

  /// The share of the limit; more than all of it is marked.
  private func bar(_ count: Int, of limit: Int) -> String {
    let share = Double(count) / Double(limit)
    if share > 1 {
      let (block, end): (Character, Character) = style.hasBlocks ? ("█", "▶") : ("#", ">")
      return colored(String(repeating: block, count: Self.barColumns - 1) + String(end), "31")
    }
    let eighths = Int((share * Double(Self.barColumns * 8)).rounded())
    let text =
      style.hasBlocks
      ? String(repeating: "█", count: eighths / 8) + (eighths % 8 == 0 ? "" : Self.parts[eighths % 8])
      : String(repeating: "#", count: (eighths + 4) / 8)
    return colored(text, share > 0.5 ? "33" : "32")
  }

  private static let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// `task 6 × run 200 × 9 each`, on as many lines as it takes.
  private func calculation(of metric: SeriesBudget.Metric) -> [String] {
    var factors = metric.labels.filter { $0.values > 1 }.map { "\($0.name) \(Self.text($0.values))" }
    guard !factors.isEmpty || metric.timeSeriesEach > 1 else { return [] }
    if metric.combinations < metric.product, !factors.isEmpty {
      factors[factors.count - 1] += " (\(Self.text(metric.combinations)) combinations)"
    }
    if metric.timeSeriesEach > 1 { factors.append("\(metric.timeSeriesEach) each") }
    var lines = ["   "]
    for (index, factor) in factors.enumerated() {
      let piece = index == 0 ? " \(factor)" : " × \(factor)"
      if lines[lines.count - 1].count + piece.count > Self.columns { lines.append("   ") }
      lines[lines.count - 1] += piece
    }
    return lines
  }

  private func colored(_ text: String, _ code: String) -> String {
    style.hasColors ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private static func padded(_ text: String, to columns: Int, isRight: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(columns - text.count, 0))
    return isRight ? blanks + text : text + blanks
  }

  private static func text(_ count: Int) -> String {
    count < 1_000_000_000 ? CountText.grouped(count) : "over 10^9"
  }
}

extension SeriesBudget.Metric {
  /// What its labels would allow if all of their values went together.
  fileprivate var product: Int {
    SeriesBudget.product(labels.map(\.values).filter { $0 > 0 })
  }
}
