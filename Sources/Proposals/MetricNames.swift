/// Names and help texts of metrics, by the conventions of Prometheus.
enum MetricNames {
  /// The name of the metric that shows a field.
  static func name(_ meaning: FieldMeaning) -> String {
    let isOfTraining =
      [.epoch, .step, .plannedSteps, .plannedEpochs].contains(meaning.role)
      || meaning.words.starts(with: ["learning", "rate"])
    let prefix = isOfTraining ? "training" : meaning.phase?.rawValue ?? "training"
    switch meaning.role {
    case .plannedSteps: return "training_steps_planned"
    case .plannedEpochs: return "training_epochs_planned"
    case .epoch: return "training_epoch"
    case .step:
      let isIteration = meaning.words.contains { $0.hasPrefix("iteration") }
      return isIteration ? "training_iteration" : "training_step"
    default: break
    }
    return name([prefix] + meaning.words, unit: meaning.unit, isTotal: meaning.isTotal)
  }

  static func name(_ words: [String], unit: String?, isTotal: Bool = false) -> String {
    var safe = Self.safe(words)
    while !isTotal, safe.count > 1, let last = safe.last, endings.contains(last) {
      safe.removeLast()
      if last == "count", let noun = safe.last, !noun.hasSuffix("s") {
        safe[safe.count - 1] = noun + (noun.hasSuffix("ch") || noun.hasSuffix("x") ? "es" : "s")
      }
    }
    if safe.count == 1, unit == nil, !isTotal { safe.append("value") }
    if let unit, safe.last != unit { safe.append(unit) }
    if isTotal { safe.append("total") }
    return safe.joined(separator: "_")
  }

  /// Words that a name may have: some letters alone are taken for units, and some words are types.
  private static func safe(_ words: [String]) -> [String] {
    var safe: [String] = []
    for word in words.flatMap({ $0.split(separator: "_").map(String.init) }) {
      let bare = word.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
      if bare.isEmpty || ["gauge", "counter"].contains(bare) { continue }
      if abbreviations.contains(bare), let last = safe.popLast() {
        safe.append(last + bare)
      } else if nonBase.contains(bare), bare.hasSuffix("s") {
        safe.append(String(bare.dropLast()))
      } else {
        safe.append(bare)
      }
    }
    return safe
  }

  private static let abbreviations: Set = [
    "s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d",
  ]
  private static let nonBase: Set = [
    "bits", "minutes", "hours", "days", "weeks", "inches", "yards", "miles", "calories", "pounds",
  ]
  /// Endings that Prometheus keeps for types of metrics.
  private static let endings: Set = ["count", "sum", "bucket", "created", "info", "total"]

  // MARK: - Help

  static func help(_ meaning: FieldMeaning, field: String) -> String {
    switch meaning.role {
    case .epoch: return "Latest epoch, as the log numbers it"
    case .step: return "Latest \(meaning.words.contains("iteration") ? "iteration" : "step"), as the log numbers it"
    case .plannedSteps: return "How many steps are planned"
    case .plannedEpochs: return "How many epochs are planned"
    default: break
    }
    var words = meaning.words.map { uppercased.contains($0) ? $0.uppercased() : $0 }
    if words == ["learning", "rate"] { return "Learning rate" }
    if meaning.isTotal { words.append("so far") }
    if meaning.unit == "seconds" {
      if words == ["elapsed"] { return "Time since the training began, as the log counts it" }
      if words == ["remaining"] { return "Time until the end of the training, as the log expects it" }
      if words != ["time"], words != ["runtime"], words != ["duration"] { words.append("time") }
    }
    let phase = (meaning.phase ?? .training).rawValue
    let text = ([phase] + words).joined(separator: " ").replacingUnderscores
    let first = text.prefix(1).uppercased() + text.dropFirst()
    return meaning.isKnown ? first : "\(first) (field `\(field)`)"
  }

  private static let uppercased: Set = [
    "auc", "auroc", "map", "iou", "bleu", "wer", "cer", "mse", "rmse", "mae", "kl", "nll", "psnr", "ssim", "fid", "mfu",
    "miou",
    "gpu", "f1", "r2",
  ]
}

extension String {
  fileprivate var replacingUnderscores: String { split(separator: "_").joined(separator: " ") }
}
