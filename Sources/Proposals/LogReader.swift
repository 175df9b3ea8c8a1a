internal import Clocks

/// Reads the logs that were found, as far as there is time.
struct LogReader {
  private(set) var logs: [(file: LogSurvey.File, reading: LogReading)] = []
  private(set) var leftOut: [(path: String, reason: String)] = []
  private(set) var troubles: [String] = []
  private var refused: [String: Int] = [:]
  private let start = TimeSource.system.now.monotonic
  private var isLate = false

  init() {}

  mutating func read(_ file: LogSurvey.File) {
    guard !isLate else { return }
    // There is a file for each parameter and tag of a run, and none of them changes.
    if let place = MlflowPlace(file.segments), place.part == "params" || place.part == "tags" { return }
    guard logs.count < Self.logsMax, TimeSource.system.now.monotonic - start < Self.patience.wholeNanoseconds else {
      isLate = true
      troubles.append("read \(logs.count) logs, and left the rest alone: name the folder of fewer logs to have others")
      return
    }
    guard let sample = LogSample(file) else {
      return leftOut.append((file.path, "it cannot be read"))
    }
    switch LogProbes.read(sample) {
    case .success(let reading): logs.append((file, reading))
    case .failure(.foreign(let what)): leftOut.append((file.path, what))
    case .failure(.binary): leftOut.append((file.path, "it is no text"))
    case .failure(.noNumbers): leftOut.append((file.path, "no line of it has numbers with names that come again"))
    }
  }

  private static let logsMax = 5_000
  private static let patience = Duration.seconds(60)
}
