package import StateStore

/// What was seen of a run when it stalled, failed or was killed: for those who ask why. It is bounded by its makers.
package struct RunEvidence: Sendable, Hashable {
  /// The end of a log.
  package struct Tail: Sendable, Hashable {
    /// The log's path.
    package var file: String
    /// Its last lines, in their order.
    package var lines: [String]

    package init(file: String, lines: [String]) {
      self.file = file
      self.lines = lines
    }
  }

  /// A process of the run, as it is, or as it was when it was seen last.
  package struct Process: Sendable, Hashable {
    package var id: UInt64
    /// As the kernel shows it.
    package var name: String
    /// A letter of proc(5), such as `D` for one that waits for a device or a file system.
    package var state: String
    /// The function of the kernel in which it sleeps; nil: in none, or nobody may know.
    package var waitChannel: String?
    /// CPU time, in seconds.
    package var cpuSeconds: Double
    /// How many CPUs it kept busy between the two latest looks; nil: it was seen but once.
    package var cpuRatio: Double?
    package var residentBytes: Double
    package var threads: UInt64

    package init(
      id: UInt64,
      name: String,
      state: String,
      waitChannel: String? = nil,
      cpuSeconds: Double,
      cpuRatio: Double? = nil,
      residentBytes: Double,
      threads: UInt64
    ) {
      self.id = id
      self.name = name
      self.state = state
      self.waitChannel = waitChannel
      self.cpuSeconds = cpuSeconds
      self.cpuRatio = cpuRatio
      self.residentBytes = residentBytes
      self.threads = threads
    }
  }

  /// A GPU, at the latest collection.
  package struct GPU: Sendable, Hashable {
    package var id: String
    package var name: String
    /// How much of the time a kernel ran, 0 to 1.
    package var utilizationRatio: Double?
    package var memoryUsedBytes: Double?

    package init(id: String, name: String, utilizationRatio: Double?, memoryUsedBytes: Double?) {
      self.id = id
      self.name = name
      self.utilizationRatio = utilizationRatio
      self.memoryUsedBytes = memoryUsedBytes
    }
  }

  /// What the kernel killed for want of memory since the run's processes were seen first.
  package struct Kills: Sendable, Hashable {
    /// The folder of the control group in which they were counted; nil: the whole machine.
    package var group: String?
    package var count: UInt64

    package init(group: String?, count: UInt64) {
      self.group = group
      self.count = count
    }
  }

  /// What the run had become.
  package var state: RunState
  /// When that was seen: nanoseconds since 1970.
  package var time: Int64
  package var tails: [Tail]
  package var processes: [Process]
  package var gpus: [GPU]
  /// nil: its processes were never seen, or the kernel does not say.
  package var kills: Kills?

  package init(
    state: RunState,
    time: Int64,
    tails: [Tail] = [],
    processes: [Process] = [],
    gpus: [GPU] = [],
    kills: Kills? = nil
  ) {
    self.state = state
    self.time = time
    self.tails = tails
    self.processes = processes
    self.gpus = gpus
    self.kills = kills
  }

  /// Whether a run in this state is asked what it was doing.
  package static func isWanted(of state: RunState) -> Bool {
    switch state {
    case .stalled, .failed, .killed: true
    case .starting, .running, .finished, .vanished: false
    }
  }

  /// The last line of a log that was written last: what people look for first.
  package var lastLine: (file: String, text: String)? {
    tails.lazy.compactMap { tail in tail.lines.last.map { (tail.file, $0) } }.first
  }
}

extension RunState: StateCodable {}

extension RunEvidence: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(state, time, tails, processes, gpus, kills)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (state, time, tails, processes, gpus, kills) = try decoder.decodeAll()
  }
}

extension RunEvidence.Tail: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(file, lines) }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (file, lines) = try decoder.decodeAll()
  }
}

extension RunEvidence.Process: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(id, name, state, waitChannel, cpuSeconds, cpuRatio, residentBytes, threads)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (id, name, state, waitChannel, cpuSeconds, cpuRatio, residentBytes, threads) = try decoder.decodeAll()
  }
}

extension RunEvidence.GPU: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(id, name, utilizationRatio, memoryUsedBytes)
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (id, name, utilizationRatio, memoryUsedBytes) = try decoder.decodeAll()
  }
}

extension RunEvidence.Kills: StateCodable {
  package func encode(into encoder: inout StateEncoder) { encoder.encode(group, count) }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    (group, count) = try decoder.decodeAll()
  }
}
