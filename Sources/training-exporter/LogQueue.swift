import Dispatch
import Synchronization

/// Lines on their way to standard error. One thread of its own waits for whoever reads them, and nobody else does: a
/// container runtime that stops reading must not stop the exporter. What does not fit is dropped and counted, and the
/// next line that fits is preceded by one that says how many are missing.
final class LogQueue: Sendable {
  /// Some thousand lines: a reader that is slow for a moment loses none.
  static let bytesMax = 1 << 20

  private struct Line {
    var bytes: [UInt8]
    /// How many dropped lines it tells of; 0: it is one of the log's own.
    var dropped = 0
  }

  private struct State {
    var lines: [Line] = []
    /// Of `lines` and of the one that is being written.
    var bytes = 0
    /// Lines that were dropped, and that no line in the queue tells of.
    var untold = 0
    var droppedTotal: UInt64 = 0
    var isWriting = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "log")
  private let writing = DispatchGroup()
  private let write: @Sendable ([UInt8]) -> Bool
  private let notice: @Sendable (Int) -> String

  /// - Parameters:
  ///   - write: blocks until a line is written, or says that it cannot be.
  ///   - notice: the line that tells of so many dropped ones.
  init(write: @escaping @Sendable ([UInt8]) -> Bool, notice: @escaping @Sendable (Int) -> String) {
    self.write = write
    self.notice = notice
  }

  /// Lines that were dropped since the start.
  var droppedTotal: UInt64 { state.withLock { $0.droppedTotal } }

  /// Takes a line with its end. Never waits.
  func add(_ line: String) {
    let line = Line(bytes: Array(line.utf8))
    let begins = state.withLock { state -> Bool in
      guard state.bytes + line.bytes.count <= Self.bytesMax else {
        state.untold += 1
        state.droppedTotal += 1
        return false
      }
      tell(&state)
      append(line, &state)
      return begin(&state)
    }
    if begins { queue.async { self.writeAll() } }
  }

  /// Blocks until all lines are written, or so long.
  func drain(atMost limit: DispatchTimeInterval) { _ = writing.wait(timeout: .now() + limit) }

  private func append(_ line: Line, _ state: inout State) {
    state.lines.append(line)
    state.bytes += line.bytes.count
  }

  /// Stands where the dropped lines would have stood. It may pass the limit, by the one line that it is.
  private func tell(_ state: inout State) {
    guard state.untold > 0 else { return }
    append(Line(bytes: Array(notice(state.untold).utf8), dropped: state.untold), &state)
    state.untold = 0
  }

  private func begin(_ state: inout State) -> Bool {
    defer { state.isWriting = true }
    if !state.isWriting { writing.enter() }
    return !state.isWriting
  }

  // MARK: On its thread

  private func writeAll() {
    while let lines = take() {
      for line in lines {
        let isWritten = write(line.bytes)
        state.withLock { settle(line, isWritten, &$0) }
      }
    }
    writing.leave()
  }

  /// nil: there are none, and the next one begins anew.
  private func take() -> [Line]? {
    state.withLock { state in
      defer { state.lines = [] }
      state.isWriting = !state.lines.isEmpty
      return state.isWriting ? state.lines : nil
    }
  }

  private func settle(_ line: Line, _ isWritten: Bool, _ state: inout State) {
    state.bytes -= line.bytes.count
    if isWritten {
      // There is room again; nobody may have more to say.
      if state.lines.isEmpty { tell(&state) }
    } else if line.dropped > 0 {
      state.untold += line.dropped
    } else {
      state.untold += 1
      state.droppedTotal += 1
    }
  }
}
