extension Recognizer {
  static let tensorboard = Recognizer(
    "tensorboard",
    "TensorBoard",
    infos: [.settings(prefix: "hparams.")],
    file: "events.out.tfevents.*",
    matches: { $0.format == "tensorboard" && $0.file.hasPrefix("events.out.tfevents.") }
  )

  static let wandb = Recognizer(
    "wandb",
    "Weights & Biases",
    rules: [
      Rule(leavingOut: "_step", "it numbers the rows of the history: `run` has it as the step"),
      Rule(leavingOut: "summary.{_}", "it is the latest value of a row's field once more"),
      Rule(leavingOut: "exit.{_}", "it says how the run ended, which `run` knows"),
      Rule(leavingOut: "system.network.{_}", machine),
      Rule(leavingOut: "system.disk.{_}", machine),
      Rule(leavingOut: "system.cpu", machine),
      Rule(leavingOut: "system.cpu.{_}", machine),
      Rule(leavingOut: "system.memory_percent", machine),
      Rule(
        "system.proc.memory.rssMB",
        "training_process_resident_memory_bytes",
        "Memory of the process",
        unit: "bytes",
        scale: "1048576"
      ),
      Rule(leavingOut: "system.proc.{_}", "the collector `process` reads it itself"),
      Rule("_runtime", "training_elapsed_seconds", "Time since the run began", unit: "seconds"),
    ],
    infos: [.runName(field: "run.name"), .settings(prefix: "config.")],
    folders: ["*run-*"],
    file: "run-{run}.wandb",
    matches: { $0.format == "wandb" }
  )

  private static let machine = "it is the machine's, which the collector `system` reads itself"

  static let mlflow = Recognizer(
    "mlflow",
    "MLflow",
    rules: [
      Rule(leavingOut: "start_time", "`run` knows when the run began"),
      Rule(leavingOut: "end_time", "`run` knows when the run ended"),
      Rule(leavingOut: "params.{_}", "it is a parameter, which does not change"),
      Rule(leavingOut: "param.value", "it is a parameter, which does not change"),
      Rule(leavingOut: "tag.value", "it is a tag, which does not change"),
      Rule(leavingOut: "source_type", "it names where the run comes from"),
      Rule(leavingOut: "lifecycle_stage", "it names where the run stands"),
    ],
    infos: [.runName(field: "run_name"), .settings(prefix: "params.")],
    folders: ["experiment", "run"],
    matches: { $0.format == "mlflow" }
  )
}
