internal import LogFormats
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// An events file: hands its lines to the watcher's processes, of which its header names one. It may be read as often as
/// anyone likes, since what it says are totals.
final class EventLog: LogConsumer {
  let readsWholeDocuments = false

  private let processes: EventProcesses
  private let feeder: Feeder
  private let expiry: Expiry
  private var file: LogFile
  private var lines = EventLines()
  /// nil: no header was read, or one of a newer version.
  private var process: EventProcess?
  private var version = 0
  /// Whether it is read for the first time, here or by this process.
  private var isFirstReading = true

  init(processes: EventProcesses, feeder: Feeder, expiry: Expiry, file: LogFile) {
    self.processes = processes
    self.feeder = feeder
    self.expiry = expiry
    self.file = file
  }

  deinit { leave() }

  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
    version += 1
    processes.begin(feeder, isFollowed: !isFirstReading)
    let consumed = lines.read(bytes) { line in
      guard let line = copy line else { return processes.countMalformed() }
      if let version = line.version { take(headerOf: version, line) } else { processes.take(line, of: process) }
    }
    processes.commit()
    return consumed
  }

  private func take(headerOf version: UInt64, _ line: EventLine) {
    leave()
    if version != 1 { return processes.refuse(version: version, of: file.path) }
    guard let name = line.process, (1...EventProcesses.identityBytesMax).contains(name.count),
      let identity = EventLine.text(name)
    else { return processes.countMalformed() }
    enter(processes.process(identity))
    if process == nil { processes.countMalformed() }
  }

  private func enter(_ process: EventProcess?) {
    process?.files += 1
    self.process = process
  }

  private func leave() {
    process?.files -= 1
    process = nil
  }

  func handle(_ event: LogEvent) {
    version += 1
    switch event {
    case .willRead(let status): feeder.saw(status, expiry)
    case .restarted:
      leave()
      lines = EventLines()
    case .caughtUp: isFirstReading = false
    case .vanished: leave()
    case .moved(let file):
      self.file = file
      feeder.name = file.path
    case .refused, .passedBy, .restVanished, .succeeds: break
    }
  }

  /// What is known of its process is not here.
  var isOver: Bool { true }

  // MARK: Saving

  var encodingVersion: Int { version }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(false)
    encoder.encode(SavedTimes(of: feeder))
    lines.encode(into: &encoder)
    encoder.encode(process?.identity)
  }

  /// Reads on from where another process stood.
  func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try lines.resume(from: &decoder)
    let identity: String? = try decoder.decode()
    if let identity { enter(processes.process(identity)) }
  }
}
