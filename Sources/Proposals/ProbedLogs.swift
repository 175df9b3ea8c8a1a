internal import Clocks

/// Reads the logs that were found, as far as there is time.
struct ProbedLogs {
  typealias Log = (file: LogSurvey.File, reading: ProbedLog)
  private(set) var logs: [Log] = []
  /// How many of them have one parameter of a run each.
  private var params = 0
  private(set) var leftOut: [(path: String, reason: String)] = []
  private(set) var troubles: [String] = []
  private let start = TimeSource.system.now.monotonic
  private var isLate = false

  init() {}

  mutating func read(_ file: LogSurvey.File) {
    guard !isLate else { return }
    // There is a small file for each parameter and tag of a run.
    let part = MlflowPlace(file.segments)?.part
    if part == "tags" { return }
    let isLong = TimeSource.system.now.monotonic - start >= Self.patience.wholeNanoseconds
    guard logs.count - params < Self.logsMax, !isLong else {
      isLate = true
      troubles.append("read \(logs.count) logs, and left the rest alone: name the folder of fewer logs to have others")
      return
    }
    guard let sample = LogSample(file) else {
      return leftOut.append((file.path, "it cannot be read"))
    }
    switch LogProbes.read(sample) {
    case .success(let reading):
      if part == "params" { params += 1 }
      logs.append((file, reading))
    case .failure(.foreign(let what)): leftOut.append((file.path, what))
    case .failure(.binary): leftOut.append((file.path, "it is no text"))
    case .failure(.tooLarge):
      leftOut.append((file.path, "it is a document of more than \(LogSample.documentBytesMax >> 20) MiB"))
    case .failure(.noNumbers): leftOut.append((file.path, "no line of it has numbers with names that come again"))
    }
  }

  private static let logsMax = 5_000
  private static let patience = Duration.seconds(60)
}
