extension Recognizer {
  /// `scalars.json` of MMEngine: a line is either of the training or of a validation.
  static let mmengine = Recognizer(
    "mmengine",
    "MMEngine",
    rules: [
      Rule("time", "training_iteration_seconds", "Time of an iteration, the latest mean", unit: "seconds"),
      Rule(
        "data_time",
        "training_data_seconds",
        "Time of an iteration spent waiting for data, the latest mean",
        unit: "seconds"
      ),
      Rule("memory", "training_memory_bytes", "Memory of the GPU in use", unit: "bytes", scale: "1048576"),
      Rule(leavingOut: "step", "`iter` says it, and in records of validations it is the epoch"),
      Rule(
        "{dataset}/{score}",
        "validation_score",
        "What an evaluator measured",
        labels: evaluators,
        phase: .validation
      ),
    ],
    run: [("step", "iter")],
    folders: ["run", "*", ""],
    matches: { $0.format == "jsonl" && $0.has("iter", "step", "data_time") }
  )

  private static let evaluators: [String: ProposedCatalog.Label] = [
    "dataset": .init(help: "Prefix of the evaluator", bound: .count(10, evictsOldest: false)),
    "score": .init(help: "What is measured, as the log calls it", bound: .count(50, evictsOldest: false)),
  ]

  /// `*.log.json` of MMDetection 2 and its siblings.
  static let mmdetection = Recognizer(
    "mmdetection",
    "MMDetection",
    rules: [
      Rule("time", "training_iteration_seconds", "Time of an iteration, the latest mean", unit: "seconds"),
      Rule(
        "data_time",
        "training_data_seconds",
        "Time of an iteration spent waiting for data, the latest mean",
        unit: "seconds"
      ),
      Rule("memory", "training_memory_bytes", "Memory of the GPU in use", unit: "bytes", scale: "1048576"),
      Rule(
        "{dataset}_mAP",
        "validation_map",
        "Mean average precision of the validation",
        labels: evaluators,
        phase: .validation
      ),
      Rule(
        "{dataset}_mAP_{score}",
        "validation_map_part",
        "Mean average precision at a threshold, or of objects of a size",
        labels: evaluators,
        phase: .validation
      ),
    ],
    folders: ["run"],
    matches: { $0.format == "jsonl" && $0.has("mode", "iter", "epoch") }
  )

  static let detectron2 = Recognizer(
    "detectron2",
    "Detectron2",
    rules: [
      Rule("time", "training_iteration_seconds", "Time of an iteration", unit: "seconds"),
      Rule("data_time", "training_data_seconds", "Time of an iteration spent waiting for data", unit: "seconds"),
      Rule(
        "{dataset}/AP",
        "validation_average_precision",
        "Average precision of the validation",
        labels: evaluators,
        phase: .validation
      ),
      Rule(
        "{dataset}/AP{score}",
        "validation_average_precision_part",
        "Average precision at a threshold, of objects of a size, or of a class",
        labels: evaluators,
        phase: .validation
      ),
    ],
    matches: { $0.has("total_loss", "data_time") && ($0.has("iteration") || $0.has("iter")) }
  )

  /// CSVLogger of Lightning.
  static let lightning = Recognizer(
    "lightning",
    "Lightning",
    matches: { evidence in
      evidence.format == "csv" && evidence.has("epoch", "step")
        && (evidence.file == "metrics.csv" || evidence.hasField(ending: "_step") || evidence.hasField(ending: "_epoch"))
    }
  )

  /// CSVLogger of Keras.
  static let keras = Recognizer(
    "keras",
    "Keras",
    matches: {
      $0.format == "csv" && $0.has("epoch", "loss") && !$0.has("step")
        && ($0.has("val_loss") || $0.file.hasSuffix(".log"))
    }
  )

  static let deepmd = Recognizer(
    "deepmd",
    "DeePMD-kit",
    matches: { $0.format == "csv" && $0.has("step") && $0.hasField(beginning: "rmse_") }
  )

  static let nnunet = Recognizer(
    "nnunet",
    "nnU-Net",
    matches: { $0.format == "text" && $0.has("train_loss", "val_loss") && $0.hasField(beginning: "pseudo_dice") }
  )

  static let xgboost = Recognizer(
    "xgboost",
    "XGBoost",
    matches: { evidence in
      evidence.format == "text" && evidence.has("iteration")
        && ["logloss", "rmse", "auc", "error", "merror", "mlogloss", "mae", "aucpr"].contains { metric in
          evidence.fields.contains { $0.hasSuffix("_" + metric) && !$0.contains("training") && !$0.hasPrefix("valid_") }
        }
    }
  )

  static let lightgbm = Recognizer(
    "lightgbm",
    "LightGBM",
    matches: {
      $0.format == "text" && $0.has("iteration")
        && ($0.hasField(beginning: "valid_") || $0.hasField(beginning: "training_"))
    }
  )

  static let catboost = Recognizer(
    "catboost",
    "CatBoost",
    rules: [
      Rule("learn", "training_loss", "Loss on the training data", role: .loss),
      Rule("test", "validation_loss", "Loss on the validation data", phase: .validation),
      Rule("best", "validation_loss_best", "The best loss on the validation data so far", phase: .validation),
      Rule("total", "training_elapsed_seconds", "Time since the start of the run", unit: "seconds"),
      Rule("remaining", "training_remaining_seconds", "Time until the end, as the tool expects it", unit: "seconds"),
    ],
    matches: { $0.format == "text" && $0.has("learn", "total", "remaining") }
  )

  static let fairseq = Recognizer(
    "fairseq",
    "fairseq",
    matches: { $0.has("ups", "wps") || $0.has("train_ups", "train_wps") }
  )

  static let openNMT = Recognizer(
    "opennmt",
    "OpenNMT",
    matches: { $0.format == "text" && $0.has("ppl", "xent", "step") }
  )

  static let marian = Recognizer(
    "marian",
    "Marian",
    rules: [
      Rule("ep", "training_epoch", "Latest epoch, as the log numbers it", role: .epoch),
      Rule("up", "training_step", "Latest update, as the log numbers it", role: .step),
      Rule("sen", "training_sentences_total", "Sentences seen", from: "running_total"),
      Rule("cost", "training_loss", "Training loss", role: .loss),
    ],
    matches: { $0.format == "text" && $0.has("ep", "up", "cost") }
  )

  static let darknet = Recognizer(
    "darknet",
    "Darknet",
    rules: [
      Rule("avg_loss", "training_loss", "Training loss, a running mean", role: .loss),
      Rule("rate", "training_learning_rate", "Learning rate"),
      Rule("seconds", "training_iteration_seconds", "Time of an iteration", unit: "seconds"),
    ],
    matches: { $0.format == "text" && $0.has("rate", "images") && ($0.has("avg_loss") || $0.has("avg")) }
  )

  static let megatron = Recognizer(
    "megatron",
    "Megatron-LM",
    matches: { evidence in
      evidence.format == "text" && evidence.has("iteration") && evidence.hasField(beginning: "consumed_samples")
    }
  )

  static let spacy = Recognizer(
    "spacy",
    "spaCy",
    rules: [
      Rule("E", "training_epoch", "Latest epoch", role: .epoch),
      Rule("#", "training_step", "Latest step", role: .step),
      Rule(
        "LOSS {component}",
        "training_loss",
        "Training loss of a component of the pipeline",
        labels: ["component": .init(help: "Part of the loss", bound: .values(["other"]))]
      ),
      Rule(
        "ENTS_F",
        "validation_entities_f1_ratio",
        "F1 of the entities",
        unit: "ratio",
        scale: "0.01",
        phase: .validation
      ),
      Rule(
        "ENTS_P",
        "validation_entities_precision_ratio",
        "Precision of the entities",
        unit: "ratio",
        scale: "0.01",
        phase: .validation
      ),
      Rule(
        "ENTS_R",
        "validation_entities_recall_ratio",
        "Recall of the entities",
        unit: "ratio",
        scale: "0.01",
        phase: .validation
      ),
      Rule("SCORE", "validation_score", "The score by which the best model is told", phase: .validation),
    ],
    matches: { $0.format == "csv" && $0.has("E", "#", "SCORE") }
  )

  static let skorch = Recognizer(
    "skorch",
    "skorch",
    rules: [Rule("dur", "training_epoch_seconds", "Time of the latest epoch", unit: "seconds")],
    matches: { $0.format == "json" && $0.has("epoch", "dur", "train_loss") }
  )
}
