internal import Clocks

/// Reads the logs that were found, as far as there is time.
struct LogReader {
  typealias Log = (file: LogSurvey.File, reading: LogReading)
  var logs: [Log] { plain + params }
  private var plain: [Log] = []
  /// Files that have one parameter of a run each.
  private var params: [Log] = []
  private var param: LogReading?
  private(set) var leftOut: [(path: String, reason: String)] = []
  private(set) var troubles: [String] = []
  private var refused: [String: Int] = [:]
  private let start = TimeSource.system.now.monotonic
  private var isLate = false

  init() {}

  mutating func read(_ file: LogSurvey.File) {
    guard !isLate else { return }
    // There is a file for each parameter and tag of a run, and none of them changes.
    let part = MlflowPlace(file.segments)?.part
    if part == "tags" { return }
    // One is like the other.
    if part == "params", let param { return params.append((file, param)) }
    guard plain.count < Self.logsMax, TimeSource.system.now.monotonic - start < Self.patience.wholeNanoseconds else {
      isLate = true
      troubles.append("read \(plain.count) logs, and left the rest alone: name the folder of fewer logs to have others")
      return
    }
    guard let sample = LogSample(file) else {
      return leftOut.append((file.path, "it cannot be read"))
    }
    switch LogProbes.read(sample) {
    case .success(let reading) where part == "params":
      param = reading
      params.append((file, reading))
    case .success(let reading): plain.append((file, reading))
    case .failure(.foreign(let what)): leftOut.append((file.path, what))
    case .failure(.binary): leftOut.append((file.path, "it is no text"))
    case .failure(.noNumbers): leftOut.append((file.path, "no line of it has numbers with names that come again"))
    }
  }

  private static let logsMax = 5_000
  private static let patience = Duration.seconds(60)
}
