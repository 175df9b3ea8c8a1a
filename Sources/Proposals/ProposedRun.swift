internal import Ingest

/// What a watcher says of runs: the keys of `run` whose fields its default names would not find.
enum ProposedRun {
  static func keys(_ plan: FieldPlan, _ recognizer: Recognizer?) -> [(key: String, value: String)] {
    var keys = recognizer?.run ?? []
    func add(_ key: String, _ value: String?) {
      if let value, !keys.contains(where: { $0.key == key }) { keys.append((key, value)) }
    }
    let singles = plan.fields.filter { $0.names.count == 1 }
    let steps = singles.filter { $0.role == .step }.map { $0.names[0] }
    if !steps.contains(where: UsualFields.step.contains) { add("step", best(steps)) }
    let epochs = singles.filter { $0.role == .epoch }.map { $0.names[0] }
    if !epochs.contains(where: UsualFields.epoch.contains) { add("epoch", epochs.first) }
    for (role, key, known) in [
      (FieldMeaning.Role.plannedSteps, "steps", UsualFields.steps),
      (.plannedEpochs, "epochs", UsualFields.epochs),
    ] {
      let names = singles.filter { $0.role == role }.map { $0.names[0] }
      if !names.contains(where: known.contains) { add(key, names.first) }
    }
    add("loss", loss(plan.fields))
    if let (score, isLowerBetter) = score(plan.fields) {
      add("score", score)
      if isLowerBetter { add("better", "lower") }
    }
    add("time", plan.timeField)
    return keys
  }

  private static func best(_ steps: [String]) -> String? {
    steps.first { $0.lowercased().contains("global") || $0.lowercased().contains("timesteps") } ?? steps.first
  }

  /// nil: the default names find it, or there is none.
  private static func loss(_ fields: [ProposedCatalog.Field]) -> String? {
    let ofTraining = fields.filter { $0.phase == nil || $0.phase == .training }
    if ofTraining.contains(where: { $0.names.contains(where: UsualFields.loss.contains) }) { return nil }
    if let total = ofTraining.first(where: { $0.role == .loss }) { return total.names[0] }
    let parts = ofTraining.first { $0.metric.hasPrefix("training_") && $0.metric.contains("loss") }?.names
    // Of a group `loss/…` not all are losses.
    let named = parts?.first { name in
      FieldWords.words(name.split { $0 == "/" || $0 == "." }.last ?? "").contains("loss")
    }
    return named ?? parts?.first
  }

  /// The score by which the best record is told, and whether a lower one is better.
  private static func score(_ fields: [ProposedCatalog.Field]) -> (String, Bool)? {
    let ofValidation = fields.filter { $0.phase != nil && $0.phase != .training }
    for word in higherIsBetter {
      for phase in [FieldMeaning.Phase.validation, .evaluation, .test] {
        let found = ofValidation.filter { field in
          field.phase == phase && field.metric.split(separator: "_").contains { $0 == word }
        }
        let names = ofValidation.filter { $0.phase == phase && $0.names.count > 1 }.flatMap(\.names)
        if found.isEmpty, let name = names.first(where: { FieldWords.words($0).contains(word) }) {
          return (name, false)
        }
        if let field = found.first(where: { $0.labels["iou_threshold"] == "0.5:0.95" }) ?? found.first {
          return (field.names[0], false)
        }
      }
    }
    let losses = ofValidation.filter { $0.metric.hasSuffix("_loss") || $0.role == .loss }
    if let field = losses.first { return (field.names[0], true) }
    for word in lowerIsBetter {
      if let field = ofValidation.first(where: { $0.metric.split(separator: "_").contains { $0 == word } }) {
        return (field.names[0], true)
      }
    }
    for word in ["reward", "return", "score"] {
      let found = fields.filter { field in
        field.metric.split(separator: "_").contains { $0 == word } && field.names.count == 1
          && !field.metric.hasSuffix("_seconds") && field.labels.isEmpty
      }
      if let field = found.first(where: { $0.metric.hasSuffix("_mean") || $0.metric.contains("_mean_") }) ?? found.first
      {
        return (field.names[0], false)
      }
    }
    return nil
  }

  private static let higherIsBetter = [
    "map", "accuracy", "f1", "auc", "auroc", "miou", "iou", "dice", "bleu", "ndcg", "r2", "psnr", "score", "reward",
    "recall",
    "precision",
  ]
  private static let lowerIsBetter = ["perplexity", "wer", "cer", "rmse", "mae", "mse", "logloss", "error", "nll"]
}
