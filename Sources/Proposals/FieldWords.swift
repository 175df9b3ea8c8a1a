/// The words of a field's name, and what they say.
package enum FieldWords {
  /// The words in small letters: `valLoss`, `val/loss` and `Val Loss` are the same.
  package static func words(_ name: some StringProtocol) -> [String] {
    var text = String(name)
    while text.last == " " { text.removeLast() }
    for ending in ["/sec", "/second", "/s"] where text.lowercased().hasSuffix(ending) {
      text = text.dropLast(ending.count) + " per second"
    }
    for (written, word) in wholes where text.contains(written) { text = replace(written, by: word, in: text) }
    var words: [String] = []
    var word = ""
    var last: Character = " "
    var isBehindApostrophe = false
    func finish() {
      if !word.isEmpty { words.append(word.lowercased()) }
      word = ""
    }
    for character in text {
      let isPossessive = isBehindApostrophe && character == "s"
      isBehindApostrophe = false
      if character == "%" {
        finish()
        words.append("percent")
      } else if character == "'" {
        finish()
        // `training's`
        isBehindApostrophe = true
      } else if isPossessive {
        finish()
      } else if !(character.isASCII && (character.isLetter || character.isNumber)) {
        finish()
      } else {
        if last.isLowercase, character.isUppercase { finish() }
        word.append(character)
      }
      last = character
    }
    finish()
    return words
  }

  /// Words whose capitals are no beginnings, and signs that are words.
  private static let wholes = [
    ("mAP", " map"), ("mIoU", " miou"), ("IoU", " iou"), ("mDice", " mdice"), ("aAcc", " overall accuracy"),
    ("mAcc", " mean accuracy"), ("it/s", " iterations per second"), ("/s)", " per second "), ("/sec", " per second"),
    ("R@", " recall at "), ("P@", " precision at "), ("@", " at "), ("μs", " us"), ("R^2", " r2"),
  ]

  private static func replace(_ written: String, by word: String, in text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while !rest.isEmpty {
      if rest.hasPrefix(written) {
        result += word
        rest = rest.dropFirst(written.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }

  /// Whether it is called as what trainings say.
  package static func isOfTraining(_ name: String) -> Bool {
    words(name).contains { word in
      known.contains(word) || ["loss", "acc", "rew", "epoch"].contains { word.hasPrefix($0) || word.hasSuffix($0) }
    }
  }

  private static let known: Set = [
    "step", "steps", "iter", "iters", "iteration", "iterations", "lr", "learning", "train", "training", "val", "valid",
    "validation", "eval", "test", "dev", "grad", "gnorm", "gradient", "score", "bleu", "chrf", "rouge", "ppl",
    "perplexity",
    "auc", "auroc", "map", "miou", "iou", "dice", "f1", "precision", "recall", "error", "err", "wer", "cer", "mse",
    "rmse",
    "mae", "logloss", "rmsle", "metric", "throughput", "tokens", "wps", "fps", "ips", "tps", "reward", "return",
    "returns",
    "episode", "episodes", "episodic", "timesteps", "kl", "entropy", "objective", "psnr", "ssim", "fid", "mfu",
    "updates",
    "ndcg", "mrr", "r2", "top1", "top5", "nll", "bpc", "bpb", "cost", "checkpoint", "policy", "critic", "actor", "td",
    "elbo",
    "roc", "ap", "xent", "momentum", "sps", "crossentropy", "likelihood", "correlation",
  ]

  /// Whether nobody would call a field so: a sentence, a path, a number, a part of a program.
  static func isStrange(_ name: String) -> Bool {
    guard let first = name.first(where: { !"_/.#$<[( ".contains($0) }) else { return true }
    return first.isNumber || name.utf8.count > 64 || name.contains("://") || name.contains("\"") || name.contains("\\")
      || name.split(separator: " ").count > 5 || name.hasSuffix(".py") || name.contains(".py:")
      || !name.utf8.allSatisfy { $0 >= 0x20 }
  }
}
