internal import MetricModel

/// What the words of a metric's name say about its values.
struct MetricWords {
  /// The words but for `total` and the unit.
  private let words: [Substring]
  private let name: String

  init(_ metric: MetricDescriptor) {
    name = metric.name
    var words = metric.name.split { $0 == "_" || $0 == ":" }
    if words.count > 1, words.last == "total" || words.last == "info" { words.removeLast() }
    if words.count > 1, let last = words.last, GrafanaUnit(String(last)) != nil { words.removeLast() }
    self.words = words
  }

  /// What part of the data a metric is about, and not what it measures.
  private static let parts: [Substring: String] = [
    "train": "training", "training": "training", "val": "validation", "valid": "validation",
    "validation": "validation", "eval": "evaluation", "evaluation": "evaluation", "test": "test",
  ]

  /// `training` of `training_loss`; nil where the name does not say.
  var part: String? { words.lazy.compactMap { Self.parts[$0] }.first }

  /// What is measured, whichever part of the data it is measured on: `loss` of `training_loss`.
  var stem: [Substring] {
    let stem = words.filter { Self.parts[$0] == nil }
    return stem.isEmpty ? words : stem
  }

  /// The stem as a title.
  var title: String {
    let text = stem.joined(separator: " ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private func has(_ some: Set<Substring>) -> Bool { !some.isDisjoint(with: words) }

  var isLoss: Bool { has(["loss", "losses"]) }
  /// Whether higher values are better ones.
  var isScore: Bool {
    has([
      "accuracy", "auc", "auroc", "bleu", "dice", "f1", "iou", "map", "miou", "precision", "recall", "return", "reward",
      "rouge", "score",
    ])
  }
  /// Whether it tells how far off a model is, so that lower values are better ones.
  var isError: Bool { has(["cer", "fid", "mae", "mse", "perplexity", "ppl", "rmse", "wer"]) }
  var isLearningRate: Bool { has(["lr"]) || name.contains("learning_rate") }
  /// Whether the values are above 0 by what they are, and spread over powers of ten.
  var isSpread: Bool { isLearningRate || has(["norm", "perplexity", "ppl"]) }

  /// Whether the name of a metric or field is of reinforcement learning, whose losses may well be below 0.
  static func isOfReinforcement(_ name: String) -> Bool {
    let words = Set(name.lowercased().split { !$0.isLetter }.map(String.init))
    return !words.isDisjoint(with: [
      "actor", "advantage", "critic", "entropy", "episode", "policy", "reward", "rollout",
    ])
  }

  /// Whether a counter counts how far a training is: its value says more than its pace.
  var isProgress: Bool {
    has(["epoch", "epochs", "step", "steps", "iteration", "iterations", "checkpoints", "episodes", "evaluations"])
  }
  var isTimestamp: Bool { name.hasSuffix("_timestamp_seconds") }
}
