/// The words that training tools use for what they measure.
extension FieldMeaning {
  /// Writes out what is abbreviated.
  static func expanded(_ words: [String]) -> [String] {
    var result: [String] = []
    for word in words {
      if let long = expansions[word] { result += long } else { result.append(word) }
    }
    // `n_updates` and `num_updates` are updates.
    if result.count > 1, ["n", "number", "nb"].contains(result[0]) { result[0] = "number" }
    // `gradient_norm` in any order.
    if result.contains("gradient"), result.contains("norm") {
      result.removeAll { $0 == "gradient" || $0 == "norm" || $0 == "total" }
      result += ["gradient", "norm"]
    }
    if result.first == "total", result.last == "norm", result.count == 2 { result = ["gradient", "norm"] }
    if let first = result.first, first.first?.isNumber ?? false, result.count > 1 {
      result.append(result.removeFirst())
    }
    return result
  }

  private static let expansions: [String: [String]] = [
    "acc": ["accuracy"], "accu": ["accuracy"], "acc1": ["top1", "accuracy"], "acc5": ["top5", "accuracy"],
    "top1": ["top1", "accuracy"], "top5": ["top5", "accuracy"], "prec1": ["top1", "accuracy"],
    "prec5": ["top5", "accuracy"],
    "lr": ["learning", "rate"], "ppl": ["perplexity"], "grad": ["gradient"], "gnorm": ["gradient", "norm"],
    "gradients": ["gradient"], "gradnorm": ["gradient", "norm"], "iter": ["iteration"], "iters": ["iterations"],
    "it": ["iteration"], "mem": ["memory"], "vram": ["memory"], "avg": ["mean"], "average": ["mean"], "rew": ["reward"],
    "len": ["length"], "tok": ["tokens"], "toks": ["tokens"], "num": ["number"], "prec": ["precision"],
    "err": ["error"],
    "xent": ["cross", "entropy"], "wps": ["words", "per", "second"], "fps": ["frames", "per", "second"],
    "tps": ["tokens", "per", "second"], "ups": ["updates", "per", "second"], "sps": ["steps", "per", "second"],
    "ips": ["samples", "per", "second"], "tgs": ["tokens", "per", "second", "per", "gpu"], "bsz": ["batch", "size"],
    "wd": ["weight", "decay"], "pct": ["percent"], "percentage": ["percent"], "sec": ["seconds"], "secs": ["seconds"],
    "second": ["seconds"], "crossentropy": ["cross", "entropy"], "perc": ["percent"], "std": ["deviation"],
    "img": ["images"],
    "imgs": ["images"], "ex": ["examples"], "samp": ["samples"], "ent": ["entropy"], "ep": ["episode"],
    "ents": ["entities"], "cls": ["class"],
    "bits": ["bit"], "flops": ["flops"], "updates": ["updates"], "temp": ["temperature"], "gauge": [],
    "info": ["information"],
    "lrs": ["learning", "rate"], "mom": ["momentum"], "approx": ["approximate"], "obj": ["object"],
    "util": ["utilization"],
    "kl": ["kl", "divergence"], "epoche": ["epoch"], "ret": ["return"], "frac": ["fraction"],
    "clipfrac": ["clip", "fraction"],
    "approxkl": ["approximate", "kl", "divergence"], "eplenmean": ["episode", "length", "mean"],
    "eprewmean": ["episode", "reward", "mean"], "nupdates": ["number", "updates"], "elapsedtime": ["elapsed", "time"],
    "tok_per_second": ["tokens", "per", "second"], "up": ["updates"], "peak": ["peak"], "losses": ["loss"],
    "sents": ["sentences"],
    "minute": ["minutes"], "hour": ["hours"], "gpus": ["gpu"], "spd": ["speed"], "spl": ["samples"], "scr": ["score"],
  ]

  /// Words of quantities that are known by themselves.
  static let quantities: Set = [
    "loss", "accuracy", "learning", "rate", "perplexity", "precision", "recall", "f1", "auc", "auroc", "map", "iou",
    "miou",
    "dice", "bleu", "chrf", "rouge", "wer", "cer", "mse", "rmse", "mae", "nll", "kl", "divergence", "entropy", "reward",
    "return", "epoch", "step", "iteration", "throughput", "momentum", "gradient", "norm", "score", "logloss", "r2",
    "psnr",
    "ssim", "fid", "memory", "perplexity", "likelihood", "error", "objective", "mfu", "variance", "temperature",
  ]

  /// Words that go with them.
  static let known: Set = [
    "mean", "total", "max", "min", "best", "class", "box", "cross", "number", "per", "second", "tokens", "samples",
    "steps",
    "words", "frames", "images", "updates", "weight", "decay", "batch", "size", "data", "time", "forward", "backward",
    "elapsed", "remaining", "runtime", "duration", "episode", "episodes", "length", "top1", "top5", "binary", "multi",
    "approximate", "deviation", "value", "policy", "explained", "clip", "fraction", "range", "scale", "gpu", "examples",
    "iterations", "epochs", "sentences", "peak", "allocated", "reserved", "utilization", "balanced", "macro", "micro",
    "weighted", "global", "local", "wall", "optimizer", "model", "ratio", "speed", "floating_point_operations",
  ]

  static func role(of words: [String], _ profile: FieldProfile) -> Role {
    let name = words.joined(separator: "_")
    if name == "s", profile.isInteger, profile.grows { return .step }
    if identifiers.contains(name) || words.isEmpty || words.last == "lineno" || name == "unnamed_0" {
      return .identifier
    }
    if ["epoch", "current_epoch", "epoch_number", "epoch_index", "epoch_idx", "e"].contains(name) { return .epoch }
    if ["epochs", "total_epochs", "max_epochs", "number_epochs", "total_epoch", "max_epoch", "epochs_total"].contains(
      name
    ) {
      return name == "epochs" && profile.rises > 0 ? .epoch : .plannedEpochs
    }
    if planned.contains(name), profile.rises <= profile.falls { return .plannedSteps }
    if steps.contains(name) { return .step }
    if words == ["loss"] || words == ["total", "loss"] { return .loss }
    return .value
  }

  /// Whether it says when a record was made.
  static func isTime(_ profile: FieldProfile, _ words: [String]) -> Bool {
    let isNamedSo = words.contains { ["time", "timestamp", "ts", "date", "datetime", "created", "t"].contains($0) }
    guard isNamedSo else { return false }
    if profile.numbers > 0 {
      return profile.least > 1e9 && profile.most < 5e9 || profile.least > 1e12 && profile.most < 5e12
    }
    return !profile.texts.isEmpty && profile.texts.allSatisfy(isDate)
  }

  /// Whether it begins as `2026-11-30T12:00` or with a blank for the `T`.
  private static func isDate(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 16, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A,
      bytes[10] == 0x54 || bytes[10] == 0x20
    else { return false }
    return [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15].allSatisfy { bytes[$0] &- 48 <= 9 }
  }

  private static let identifiers: Set = [
    "id", "pid", "seed", "port", "uuid", "hash", "index", "idx", "unnamed", "trial_id", "experiment_id", "run_id",
    "job_id",
    "date", "timestamp", "node_ip", "hostname", "version", "v_number", "v_num", "rank", "world_size", "row",
    "log_version",
    "date_time", "time_stamp", "trial", "worker_id", "host", "line", "started_at", "process_id", "lineno",
  ]

  private static let planned: Set = [
    "total_steps", "max_steps", "total_iterations", "max_iterations", "total_iteration", "max_iteration", "total_step",
    "max_step",
    "number_training_steps", "total_batches", "total_updates", "max_updates", "planned_steps", "total_batch",
  ]

  private static let steps: Set = [
    "step", "steps", "global_step", "global_steps", "iteration", "iterations", "current_step", "current_steps",
    "current_iteration", "number_updates", "update", "updates", "total_timesteps", "timesteps", "timestep", "batch",
    "batches",
    "batch_idx", "batch_index", "number_steps", "optimizer_step", "environment_steps", "step_number", "trained_batches",
    "total_steps", "total_step", "env_steps", "number_timesteps", "total_iterations", "agent_timesteps_total",
    "timesteps_total",
    "train_step", "training_step", "update_step", "round",
  ]
}
