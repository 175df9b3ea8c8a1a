import Collectors
import Dispatch
import MetricCatalog
import MetricModel
import Synchronization

/// What a scripted collector does when it is asked, and who asks it.
final class Script: Sendable {
  struct State {
    var isHanging = false
    var problem: String?
    var value: Double? = 1
    var asked = 0
    var underWay = 0
    var underWayMax = 0
    var made = 0
  }

  let state = Mutex(State())
  let name: String
  private let gate = DispatchSemaphore(value: 0)
  private static let all = Mutex<[String: Script]>([:])

  init(name: String) {
    self.name = name
    Self.all.withLock { $0[name] = self }
  }

  static func named(_ name: String) -> Script? { all.withLock { $0[name] } }

  /// Lets the collection that hangs go on, and those after it.
  func release() {
    state.withLock { $0.isHanging = false }
    gate.signal()
  }

  fileprivate func collect(into batch: inout ReadingBatch) {
    let hangs = state.withLock { state in
      state.asked += 1
      state.underWay += 1
      state.underWayMax = max(state.underWayMax, state.underWay)
      return state.isHanging
    }
    if hangs { gate.wait() }
    state.withLock { state in
      state.underWay -= 1
      if let problem = state.problem { batch.fail(problem) }
      if let value = state.value { batch.add(0, values: [value]) }
    }
  }
}

/// A collector that does what the script says that its key `script` names.
final class ScriptedCollector: Collector {
  static let descriptor = CollectorDescriptor(
    name: "scripted",
    help: "h",
    keys: [.init("script", .paths, help: "h")],
    records: [
      RecordDescriptor(
        "thing",
        help: "h",
        readings: [ReadingDescriptor("thing.value", .gauge, help: "h", source: "s")]
      )
    ]
  )

  private let script: Script?

  init(settings: Catalog.Collector) {
    guard case .texts(let names)? = settings.options["script"] else {
      script = nil
      return
    }
    script = names.first.flatMap { Script.named($0) }
    script?.state.withLock { $0.made += 1 }
  }

  func collect(into batch: inout ReadingBatch) { script?.collect(into: &batch) }
}
