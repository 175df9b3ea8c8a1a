extension Recognizer {
  /// `results.csv` of YOLO since version 5.
  static let ultralytics = Recognizer(
    "ultralytics",
    "Ultralytics",
    rules: [
      Rule("time", "training_elapsed_seconds", "Time since the process of the run began", unit: "seconds"),
      Rule(
        "metrics/mAP50({head})",
        "validation_map",
        map,
        fixed: ["iou_threshold": "0.5"],
        labels: detection,
        phase: .validation
      ),
      Rule(
        "metrics/mAP50-95({head})",
        "validation_map",
        map,
        fixed: ["iou_threshold": "0.5:0.95"],
        labels: detection,
        phase: .validation
      ),
      Rule(
        "metrics/precision({head})",
        "validation_precision_ratio",
        "Validation precision",
        unit: "ratio",
        labels: detection,
        phase: .validation
      ),
      Rule(
        "metrics/recall({head})",
        "validation_recall_ratio",
        "Validation recall",
        unit: "ratio",
        labels: detection,
        phase: .validation
      ),
      Rule(
        "metrics/mAP_0.5",
        "validation_map",
        map,
        fixed: ["iou_threshold": "0.5"],
        labels: detection,
        phase: .validation
      ),
      Rule(
        "metrics/mAP_0.5:0.95",
        "validation_map",
        map,
        fixed: ["iou_threshold": "0.5:0.95"],
        labels: detection,
        phase: .validation
      ),
      Rule("gpu_memory", "training_memory_bytes", "Memory of the GPU in use", unit: "bytes"),
      Rule(
        "metrics/precision",
        "validation_precision_ratio",
        "Validation precision",
        unit: "ratio",
        phase: .validation
      ),
      Rule("metrics/recall", "validation_recall_ratio", "Validation recall", unit: "ratio", phase: .validation),
      Rule(
        "metrics/accuracy_top1",
        "validation_top1_accuracy_ratio",
        "Share of images whose first guess is right",
        unit: "ratio",
        phase: .validation
      ),
      Rule(
        "metrics/accuracy_top5",
        "validation_top5_accuracy_ratio",
        "Share of images that have the right guess among five",
        unit: "ratio",
        phase: .validation
      ),
      Rule("lr/pg{group}", "training_learning_rate", "Learning rate of a parameter group", labels: groups),
      Rule("x/lr{group}", "training_learning_rate", "Learning rate of a parameter group", labels: groups),
    ],
    tasks: PathShape.tasks,
    matches: { evidence in
      evidence.format == "csv" && evidence.has("epoch")
        && (evidence.hasField(beginning: "metrics/mAP") || evidence.hasField(beginning: "metrics/accuracy_top")
          || evidence.has("train/box_loss"))
    }
  )

  private static let map = "Mean average precision of the validation"
  private static let detection: [String: ProposedCatalog.Label] = [
    "head": .init(help: "Head of the model: B for boxes, M for masks, P for poses", bound: .values(["B", "M", "P"])),
    "iou_threshold": .init(
      help: "Intersection over union from which a detection counts",
      bound: .values(["0.5", "0.5:0.95"])
    ),
  ]
  static let groups: [String: ProposedCatalog.Label] = [
    "group": .init(help: "Parameter group of the optimizer", bound: .range(9))
  ]
}
