extension Recognizer {
  /// `trainer_state.json` of Hugging Face's Trainer.
  static let trainerState = Recognizer(
    "trainer",
    "Hugging Face Trainer",
    rules: transformersRules,
    endsBesideCheckpoints: true,
    matches: { $0.format == "json" && $0.beside.contains("global_step") && $0.fields.contains("step") }
  )

  /// What it prints.
  static let transformersConsole = Recognizer(
    "trainer_console",
    "Hugging Face Trainer",
    rules: transformersRules,
    matches: { evidence in
      evidence.format == "pydict" && evidence.has("loss", "epoch")
        && (evidence.has("learning_rate") || evidence.has("grad_norm"))
    }
  )

  /// `all_results.json` and the like.
  static let transformersResults = Recognizer(
    "trainer_results",
    "Hugging Face Trainer",
    rules: transformersRules,
    matches: { evidence in
      evidence.format == "json"
        && (evidence.has("train_runtime", "train_loss") || evidence.has("eval_runtime", "eval_samples_per_second"))
    }
  )

  private static let transformersRules = [
    Rule("train_loss", "training_loss_mean", "Training loss, the mean of the whole run"),
    Rule("train_runtime", "training_runtime_seconds", "Time that the whole training took", unit: "seconds"),
    Rule("eval_runtime", "evaluation_runtime_seconds", "Time that the latest evaluation took", unit: "seconds"),
    Rule(
      "total_flos",
      "training_floating_point_operations",
      "Floating point operations of the training so far"
    ),
  ]

  /// `trainer_log.jsonl` of LLaMA-Factory.
  static let llamaFactory = Recognizer(
    "llamafactory",
    "LLaMA-Factory",
    rules: [
      Rule("percentage", "training_progress_ratio", "Share of the steps that are done", unit: "ratio", scale: "0.01"),
      Rule("throughput", "training_tokens_per_second", "Tokens in a second, since the start"),
    ],
    folders: ["model", "method", "run"],
    matches: { $0.format == "jsonl" && $0.has("current_steps", "total_steps") }
  )

  /// The console or `log_*.txt` of torchtune.
  static let torchtune = Recognizer(
    "torchtune",
    "torchtune",
    matches: { $0.has("loss") && $0.fields.contains { $0.hasPrefix("tokens_per_second_per_gpu") } }
  )
}
