internal import MetricModel

/// What is known of the machine's GPUs over time: the session, what comes of its failures, counters that outlive it.
/// A state machine: it is handed the moment, and knows neither threads nor locks; its owner lets one thread in at once.
final class NVMLStation {
  struct Options: Sendable {
    var paths = NVMLLibrary.defaultPaths
    /// Between collections GPUs are looked at so often; nil: they are not.
    var sampleInterval: Duration?
    /// Readings that somebody wants; nil: all. Those that take long are read only if they are in it.
    var wanted: Set<String>?
    /// What stands in for `/`.
    var root = ""
  }

  /// A library that is not there is looked for so often: loading fails fast, but drivers come seldom.
  static let loadDelay: Duration = .seconds(60)
  /// After the first failure, and doubled after each further one, up to the largest: initializing a machine with a sick
  /// GPU may take seconds, and disturbs those that are well.
  static let delayStart: Duration = .seconds(5)
  static let delayMax: Duration = .seconds(300)
  /// Kinds of XID errors by GPU; NVIDIA's list has fewer than 200, and a GPU meets few of them.
  static let xidKindsMax = 64

  private let options: Options
  private let names: ProcessNames
  private var session: NVMLSession?
  private var nextAttempt: ContinuousClock.Instant?
  private var delay = NVMLStation.delayStart
  private var reason = ""
  private var isClosed = false
  /// GPUs that answered in the last session: they are shown as lost until they are back, or known to be gone.
  private var known: [NVMLDevice.Identity] = []
  /// UUIDs of those that answer in the collection that runs.
  private var answered: Set<String> = []
  /// By UUID, as XID errors are: both outlive sessions.
  private var samples: [String: NVMLSamples] = [:]
  private var xids: [String: [UInt64: UInt64]] = [:]

  init(_ options: Options) {
    self.options = options
    names = ProcessNames(root: options.root)
  }

  func close() {
    session?.close()
    session = nil
    known = []
    isClosed = true
  }

  // MARK: Sessions

  private func end() {
    session?.close()
    session = nil
  }

  /// When to try anew.
  private func backOff(_ now: ContinuousClock.Instant) {
    nextAttempt = now + delay
    delay = min(delay * 2, Self.delayMax)
  }

  /// A session, a new one where it is time for it; nil: there is none now, and the batch says why.
  private func open(_ now: ContinuousClock.Instant, _ batch: inout ReadingBatch) -> NVMLSession? {
    if isClosed { return nil }
    let isDue = nextAttempt.map { now >= $0 } ?? false
    if let current = session {
      // GPUs that came or went are seen by a new initialization alone.
      let count = try? NVMLSession.count(current.library)
      if count == current.count, !isDue { return current }
      end()
    } else if nextAttempt != nil, !isDue {
      batch.fail(reason)
      return nil
    }
    do throws(NVMLFailure) {
      let opened = try NVMLSession(paths: options.paths)
      session = opened
      nextAttempt = nil
      // Who is neither there nor counted is gone for good. An index may be another GPU's now; nothing else is known.
      let identities = opened.devices.map(\.identity)
      let missing = known.filter { old in !identities.contains { $0.uuid == old.uuid } }
      let lost = opened.unopened.map { index, _ in
        missing.first { $0.index == index } ?? NVMLDevice.Identity(index: index)
      }
      known = identities + lost
      return opened
    } catch {
      reason = error.reason
      batch.fail(reason)
      backOff(now)
      if case .missing = error { nextAttempt = now + Self.loadDelay }
      return nil
    }
  }

  // MARK: Collections

  func collect(_ now: ContinuousClock.Instant, _ batch: inout ReadingBatch) {
    guard let session = open(now, &batch) else {
      for identity in known { addLost(identity, &batch) }
      return
    }
    session.takeEvents { device, xid in count(xid, of: device.identity) }
    batch.add(NVMLRecord.driver.rawValue, labels: session.labels, values: [1, Double(session.count)])
    var lostLibrary: String?
    for device in session.devices where device.lost == nil && lostLibrary == nil {
      lostLibrary = collect(device, session, now, &batch)
      if device.lost == nil, lostLibrary == nil { answered.insert(device.identity.uuid) }
    }
    let lost = session.devices.compactMap(\.lost) + session.unopened.map(\.reason)
    for reason in lost { batch.fail(reason) }
    for identity in known where !answered.contains(identity.uuid) { addLost(identity, &batch) }
    answered.removeAll(keepingCapacity: true)
    if let lostLibrary {
      batch.fail(lostLibrary)
      reason = lostLibrary
      end()
      backOff(now)
    } else if !lost.isEmpty {
      if nextAttempt == nil { backOff(now) }
    } else {
      delay = Self.delayStart
    }
  }

  /// Adds the records of one GPU, if it answers to the end: half a GPU is none.
  /// - Returns: why the whole library is lost.
  private func collect(
    _ device: NVMLDevice,
    _ session: NVMLSession,
    _ now: ContinuousClock.Instant,
    _ batch: inout ReadingBatch
  ) -> String? {
    let name = device.identity.text
    let calls = NVMLCalls(session.library, device.handle, name: name)
    let values = readings(device, calls)
    var records: [(NVMLRecord, NVMLReadings.Part)] = []
    records += NVMLReadings.errors(calls).map { (.ecc, $0) }
    records += NVMLReadings.throttling(calls, supported: device.throttleReasons).map { (.throttle, $0) }
    records += NVMLReadings.throttleTimes(calls).map { (.throttleTime, $0) }
    records += NVMLReadings.links(calls, device.links).map { (.link, $0) }
    let instances = NVMLInstances.of(calls, name: name)
    for instance in instances {
      let memory = NVMLMemory(instance.calls)
      records.append((.instance, (instance.labels, [memory?.used, memory?.free, memory?.total, memory?.reserved])))
      records += processes(instance.calls, instance.uuid)
    }
    if instances.isEmpty { records += processes(calls, "none") }
    let sampled = options.sampleInterval == nil ? nil : take(device, calls, now)
    switch calls.verdict {
    case .working: break
    case .deviceLost(let reason):
      device.lost = reason
      return nil
    case .libraryLost(let reason): return reason
    }
    for problem in calls.problems { batch.fail(problem) }
    // An instance that goes while it is read takes no GPU with it.
    for problem in instances.flatMap(\.calls.problems) { batch.fail(problem) }
    let errors = xids[device.identity.uuid] ?? [:]
    let total = device.countsEvents ? Double(errors.values.reduce(0, +)) : nil
    let last = sampled ?? NVMLReadings.sampled.map { _ in nil }
    batch.add(NVMLRecord.gpu.rawValue, labels: device.identity.labels, values: [1, total] + values + last)
    for (record, part) in records {
      batch.add(record.rawValue, labels: device.identity.labels + part.labels, values: part.values)
    }
    for (xid, count) in errors.sorted(by: { $0.key < $1.key }) {
      let label = xid == Self.otherXID ? "other" : String(xid)
      batch.add(NVMLRecord.xid.rawValue, labels: device.identity.labels + [label], values: [Double(count)])
    }
    return nil
  }

  /// The values of all groups, in their order.
  private func readings(_ device: NVMLDevice, _ calls: NVMLCalls) -> [Double?] {
    NVMLReadings.groups.enumerated().flatMap { place, group in
      if let fixed = device.fixed[place] { return fixed }
      if group.isSlow, let wanted = options.wanted, !group.readings.contains(where: { wanted.contains($0.name) }) {
        return group.readings.map { _ in nil }
      }
      return group.read(calls)
    }
  }

  private func processes(_ calls: NVMLCalls, _ instance: String) -> [(NVMLRecord, NVMLReadings.Part)] {
    NVMLProcesses.of(calls).map { pid, process in
      let labels = [instance, String(pid), process.types.joined(separator: "+"), names.name(pid)]
      return (.process, (labels, [process.memoryUsedBytes, 1]))
    }
  }

  /// A GPU that is lost has nothing but that.
  private func addLost(_ identity: NVMLDevice.Identity, _ batch: inout ReadingBatch) {
    let others = NVMLReadings.descriptor.records[NVMLRecord.gpu.rawValue].readings.count - 1
    batch.add(
      NVMLRecord.gpu.rawValue,
      labels: identity.labels,
      values: [0] + [Double?](repeating: nil, count: others)
    )
  }

  /// Stands for all kinds beyond the limit; no XID is so large.
  private static let otherXID = UInt64.max

  private func count(_ xid: UInt64, of identity: NVMLDevice.Identity) {
    let kinds = xids[identity.uuid] ?? [:]
    let isNew = kinds[xid] == nil
    let key = isNew && kinds.count >= Self.xidKindsMax ? Self.otherXID : xid
    xids[identity.uuid, default: [:]][key, default: 0] += 1
  }

  // MARK: Samples

  /// A look at each GPU between collections. A GPU that is lost here is told of by the next collection.
  func sample(_ now: ContinuousClock.Instant) {
    guard let session, options.sampleInterval != nil else { return }
    for device in session.devices where device.lost == nil {
      let calls = NVMLCalls(session.library, device.handle, name: device.identity.text)
      look(device, calls, now)
      if case .deviceLost(let reason) = calls.verdict { device.lost = reason }
      // The next collection meets the same, and ends the session.
      if case .libraryLost = calls.verdict { return }
    }
  }

  private func take(_ device: NVMLDevice, _ calls: NVMLCalls, _ now: ContinuousClock.Instant) -> [Double?] {
    look(device, calls, now)
    return samples[device.identity.uuid]?.report() ?? []
  }

  private func look(_ device: NVMLDevice, _ calls: NVMLCalls, _ now: ContinuousClock.Instant) {
    let look = NVMLReadings.look(calls)
    if calls.verdict != .working { return }
    // A few looks may be late or left out; after more than that nobody knows what the GPU did.
    let gapMax = max((options.sampleInterval ?? .zero) * 5, .seconds(2))
    samples[device.identity.uuid, default: NVMLSamples()].take(look, at: now, gapMax: gapMax)
  }
}
