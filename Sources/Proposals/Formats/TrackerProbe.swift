internal import LogFormats

extension LogProbe {
  /// Event files of TensorBoard.
  static let tensorboard = LogProbe(format: "tensorboard", readsBinary: true) { sample in
    guard sample.name.contains("tfevents") || sample.isBinary else { return nil }
    return frames("tensorboard", sample)
  }

  /// The `.wandb` files of Weights & Biases.
  static let wandb = LogProbe(format: "wandb", readsBinary: true) { sample in
    guard sample.head.starts(with: ":W&B".utf8) else { return nil }
    return frames("wandb", sample)
  }

  /// The files of a run in MLflow's file store, which their folders tell.
  static let mlflow = LogProbe(format: "mlflow") { sample in
    guard MlflowPlace(sample.path.split(separator: "/").map(String.init)) != nil else { return nil }
    guard let survey = RecordSurvey(sample, LogFormat("mlflow")), survey.records > 0 else { return nil }
    return ProbedLog(LogFormat("mlflow"), survey)
  }

  private static func frames(_ format: String, _ sample: LogSample) -> ProbedLog? {
    guard let survey = RecordSurvey(sample, LogFormat(format)), survey.records > 0,
      survey.malformed <= survey.records, !survey.numeric.isEmpty
    else { return nil }
    return ProbedLog(LogFormat(format), survey)
  }
}

/// Where in MLflow's file store a file lies.
struct MlflowPlace {
  /// The folders that lead to the run, itself included.
  var run: [String]
  /// `metrics`, `params`, `tags` or `meta.yaml`.
  var part: String

  /// nil: it does not lie in such a store.
  init?(_ segments: [String]) {
    guard let place = segments.lastIndex(where: { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) }),
      place + 1 < segments.count, ["metrics", "params", "tags", "meta.yaml"].contains(segments[place + 1])
    else { return nil }
    run = Array(segments[...place])
    part = segments[place + 1]
  }
}
