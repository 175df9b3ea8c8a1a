internal import Diagnostics
package import Runs

/// What is known of runs, as JSON: `/api/v1/runs`, and what the command `runs` shows. docs/runs.md describes it.
package enum RunsDocument {
  package static let path = "/api/v1/runs"

  /// - Parameter now: nanoseconds since 1970.
  package static func text(_ board: RunBoard, at now: Int64) -> String {
    let evidence = board.evidence
    let runs = board.all().map { member(key: $0.key, $0.health, evidence[$0.key], now) }
    return "{\"time\": \(seconds(now).line), \"runs\": [" + runs.map { "\n" + $0.line }.joined(separator: ",")
      + (runs.isEmpty ? "]}\n" : "\n]}\n")
  }

  private static func member(key: RunBoard.Key, _ run: RunHealth, _ evidence: RunEvidence?, _ now: Int64) -> JSON {
    [
      "labels": .object(zip(key.names, key.values).map { JSON.Member($0, .string($1)) }),
      "state": .string(run.state(at: now).rawValue),
      "files": run.files.count.map(JSON.integer),
      "processes": run.processes.count.map(JSON.integer),
      "start": run.start.map(seconds),
      "last_record": run.lastRecord.map(seconds),
      "end": run.end(at: now).map(seconds),
      "step": run.step.map(JSON.number),
      "planned_steps": run.plannedSteps.map(JSON.number),
      "epoch": run.epoch.map(JSON.number),
      "planned_epochs": run.plannedEpochs.map(JSON.number),
      "progress": run.progress(at: now).map(JSON.number),
      "step_seconds": run.stepSeconds.map(JSON.number),
      "epoch_seconds": run.epochSeconds.map(JSON.number),
      "expected_end": run.expectedEnd(at: now).map(seconds),
      "stall_limit_seconds": .number(Double(run.stallLimit) / 1e9),
      "loss": run.loss.map(JSON.number),
      "diverged": run.isDiverged.map(JSON.boolean),
      "best_score": run.bestScore.map(JSON.number),
      "best_score_step": run.bestAt.map(JSON.number),
      "checkpoint": run.checkpoint.map { checkpoint in
        ["file": .string(checkpoint.path), "time": seconds(checkpoint.time), "size": .integer(checkpoint.size)]
      },
      "non_finite_values": .object(
        run.nonFinite.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .integer(Int(clamping: $0.value))) }
      ),
      "evidence": evidence.map(member),
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
  private static func seconds(_ nanoseconds: Int64) -> JSON {
    .number((Double(nanoseconds) / 1e6).rounded() / 1e3)
  }
}
