import Diagnostics
import Glibc
import Runs

/// The runs of a document of the API as text in columns.
struct RunsTable {
  private let time: Double
  private let runs: [JSON]

  static let states = RunState.allCases.map(\.rawValue)

  /// nil: it is no such document.
  init?(_ document: JSON) {
    guard let time = document["time"]?.asNumber, let runs = document["runs"]?.asArray,
      runs.allSatisfy({ $0["state"]?.asString != nil })
    else { return nil }
    self.time = time
    self.runs = runs
  }

  /// The state of each run.
  var states: [String] { runs.compactMap { $0["state"]?.asString } }

  /// Those that need somebody come first.
  var text: String {
    if runs.isEmpty { return "no runs yet\n" }
    let head = ["RUN", "STATE", "PROGRESS", "STEP", "LOSS", "BEST", "PER STEP", "DONE IN", "LAST RECORD"]
    let urgency = ["failed", "killed", "stalled", "vanished", "running", "starting", "finished"]
    let sorted = runs.enumerated().sorted { one, other in
      let places = [one, other].map { urgency.firstIndex(of: $0.element["state"]?.asString ?? "") ?? urgency.count }
      return (places[0], one.offset) < (places[1], other.offset)
    }
    return TextTable.text([head] + sorted.map { row($0.element) })
  }

  private func row(_ run: JSON) -> [String] {
    [
      name(run),
      run["state"]?.asString ?? "",
      run["progress"]?.asNumber.map(Self.bar) ?? "-",
      counted(run),
      run["diverged"] == .boolean(true) ? "NaN" : number(run["loss"]),
      number(run["best_score"]),
      (run["step_seconds"] ?? run["epoch_seconds"])?.asNumber.map(Self.duration) ?? "-",
      run["expected_end"]?.asNumber.map { Self.duration(max(0, $0 - time)) } ?? "-",
      run["last_record"]?.asNumber.map { Self.duration(max(0, time - $0)) + " ago" } ?? "-",
    ]
  }

  /// The values of its labels: their names are the same in all lines, or nearly.
  private func name(_ run: JSON) -> String {
    guard case .object(let labels)? = run["labels"], !labels.isEmpty else { return "-" }
    let values = labels.map { $0.value.asString ?? "" }.joined(separator: " ")
    return PrintableText.escape(values)
  }

  private func counted(_ run: JSON) -> String {
    for (name, planned) in [("step", "planned_steps"), ("epoch", "planned_epochs")] {
      guard let value = run[name]?.asNumber else { continue }
      return Self.short(value) + (run[planned]?.asNumber.map { "/" + Self.short($0) } ?? "")
    }
    return "-"
  }

  private func number(_ value: JSON?) -> String { value?.asNumber.map(Self.short) ?? "-" }

  private static let barWidth = 10

  private static func bar(_ progress: Double) -> String {
    let share = min(max(progress, 0), 1)
    let full = Int(share * Double(barWidth))
    let percent = Int(share * 100)
    return String(repeating: "#", count: full) + String(repeating: ".", count: barWidth - full) + " \(percent)%"
  }

  /// With four digits that count.
  private static func short(_ value: Double) -> String {
    if let integer = Int64(exactly: value) { return "\(integer)" }
    guard value.isFinite, value != 0 else { return "\(value)" }
    let digits = 3 - Int(log10(abs(value)).rounded(.down))
    guard (0...8).contains(digits) else { return "\(value)" }
    let scale = pow(10, Double(digits))
    return "\((value * scale).rounded() / scale)"
  }

  /// In the two largest units that it has.
  private static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    if seconds < 10 { return short((seconds * 100).rounded() / 100) + " s" }
    let whole = Int(seconds.rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    case ..<86_400: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    default: return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }
  }
}
