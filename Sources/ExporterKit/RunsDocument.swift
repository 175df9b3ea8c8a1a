internal import Diagnostics
internal import Runs
internal import Serving

/// What is known of runs, as JSON: `/api/v1/runs`, and what the command `runs` shows. docs/runs.md describes it.
struct RunsDocument {
  static let path = "/api/v1/runs"

  let board: RunBoard
  let ids: RunIDs
  /// The catalog's folder, as paths begin.
  let root: String
  /// Nanoseconds since 1970.
  let now: Int64

  /// How many runs are told at a time.
  private static let limitByDefault = 1000
  private static let limitMax = 10_000

  /// All runs.
  var text: String {
    let runs = board.all()
    return String(decoding: Self.opening(at: now) + rest(runs[...], of: runs.count), as: UTF8.self)
  }

  /// Some runs, as a request asks for.
  func answer(_ request: DocumentRequest) -> ServedDocument {
    let limit = request.values(of: "limit").last.map { Int($0) } ?? Self.limitByDefault
    let offset = request.values(of: "offset").last.map { Int($0) } ?? 0
    guard let limit, (1...Self.limitMax).contains(limit) else {
      return .badRequest("limit is a number from 1 to \(Self.limitMax)")
    }
    guard let offset, offset >= 0 else { return .badRequest("offset is a number from 0 on") }
    let runs = board.all()
    return ServedDocument(
      opening: Self.opening(at: now),
      rest: rest(runs.dropFirst(offset).prefix(limit), of: runs.count)
    )
  }

  private func rest(_ runs: ArraySlice<(key: RunBoard.Key, health: RunHealth)>, of total: Int) -> [UInt8] {
    let evidence = board.evidence
    var text = JSONBytes()
    text.write("\"total\": \(total), \"runs\": [")
    for (place, run) in runs.enumerated() {
      text.write(place == 0 ? "\n" : ",\n")
      text.write(member(run.key, run.health, evidence[run.key]))
    }
    text.write(runs.isEmpty ? "]}\n" : "\n]}\n")
    return text.bytes
  }

  /// How each document begins: with the time.
  static func opening(at now: Int64) -> [UInt8] { Array("{\"time\": \(seconds(now).line), ".utf8) }

  private func member(_ key: RunBoard.Key, _ run: RunHealth, _ evidence: RunEvidence?) -> JSON {
    [
      "id": .string(ids.id(of: key)),
      "labels": .object(zip(key.names, key.values).map { JSON.Member($0, .string($1)) }),
      "state": .string(run.state(at: now).rawValue),
      "files": run.files.count.map(JSON.integer),
      "processes": run.processes.count.map(JSON.integer),
      "start": run.start.map(Self.seconds),
      "last_record": run.lastRecord.map(Self.seconds),
      "end": run.end(at: now).map(Self.seconds),
      "step": run.step.map(JSON.number),
      "planned_steps": run.plannedSteps.map(JSON.number),
      "epoch": run.epoch.map(JSON.number),
      "planned_epochs": run.plannedEpochs.map(JSON.number),
      "progress": run.progress(at: now).map(JSON.number),
      "step_seconds": run.stepSeconds.map(JSON.number),
      "epoch_seconds": run.epochSeconds.map(JSON.number),
      "expected_end": run.expectedEnd(at: now).map(Self.seconds),
      "stall_limit_seconds": .number(Double(run.stallLimit) / 1e9),
      "loss": run.loss.map(JSON.number),
      "diverged": run.isDiverged.map(JSON.boolean),
      "best_score": run.bestScore.map(JSON.number),
      "best_score_step": run.bestAt.map(JSON.number),
      "checkpoint": run.checkpoint.map { checkpoint in
        [
          "file": .string(LogPaths.relative(checkpoint.path, to: root)), "time": Self.seconds(checkpoint.time),
          "size": .integer(checkpoint.size),
        ]
      },
      "non_finite_values": .object(
        run.nonFinite.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .integer(Int(clamping: $0.value))) }
      ),
      "recent_loss": run.recentLosses.map { .array($0.map(JSON.number)) },
      "evidence": evidence.map(Self.member),
    ]
  }

  private static func member(_ evidence: RunEvidence) -> JSON {
    [
      "state": .string(evidence.state.rawValue),
      "time": seconds(evidence.time),
      "logs": .array(
        evidence.tails.map { ["file": .string($0.file), "lines": .array($0.lines.map(JSON.string))] }
      ),
      "processes": .array(evidence.processes.map(member)),
      "gpus": .array(evidence.gpus.map(member)),
      "out_of_memory_kills": evidence.kills.map { kills in
        ["cgroup": kills.group.map(JSON.string), "count": .integer(Int(clamping: kills.count))]
      },
    ]
  }

  private static func member(_ process: RunEvidence.Process) -> JSON {
    [
      "pid": .integer(Int(clamping: process.id)),
      "name": .string(process.name),
      "state": .string(process.state),
      "wait_channel": process.waitChannel.map(JSON.string),
      "cpu_seconds": .number(process.cpuSeconds),
      "cpu_ratio": process.cpuRatio.map { .number(($0 * 1e3).rounded() / 1e3) },
      "resident_bytes": .number(process.residentBytes),
      "threads": .integer(Int(clamping: process.threads)),
    ]
  }

  private static func member(_ gpu: RunEvidence.GPU) -> JSON {
    [
      "id": .string(gpu.id),
      "name": .string(gpu.name),
      "utilization_ratio": gpu.utilizationRatio.map(JSON.number),
      "memory_used_bytes": gpu.memoryUsedBytes.map(JSON.number),
    ]
  }

  /// Seconds since 1970, to the millisecond.
  static func seconds(_ nanoseconds: Int64) -> JSON {
    .number((Double(nanoseconds) / 1e6).rounded() / 1e3)
  }
}
