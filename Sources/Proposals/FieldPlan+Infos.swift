/// Texts that do not change in a run, such as its name and its settings: labels of info metrics.
extension FieldPlan {
  /// Takes what a tool says of a run. Returns the metrics, which stand after those of the numbers.
  mutating func takeInfos(_ wanted: [Recognizer.Info], _ unusable: [String: String]) -> [ProposedCatalog.Metric] {
    var made: [ProposedCatalog.Metric] = []
    for info in wanted {
      switch info {
      case .runName(let field):
        guard unusable[field] == nil, let name = text(field) else { continue }
        add(
          label: "run_name",
          .init(help: "Name of the run", bound: .count(100, evictsOldest: true)),
          seen: name.starts.sorted()
        )
        infos.append(.init(field: field, metric: Self.run, labels: [.init(label: "run_name", text: "{.\(field)}")]))
        made.append(.init(name: Self.run, kind: .info, help: "Name of the run", labels: ["run_name"]))
      case .settings(let prefix):
        guard takeSettings(prefix, unusable) else { continue }
        made.append(
          .init(name: Self.setting, kind: .info, help: "Settings of the run", labels: ["setting", "setting_value"])
        )
      }
    }
    return made
  }

  /// A field that has texts which a label can have.
  private func text(_ name: String) -> FieldProfile? {
    guard let field = survey[name], field.containers == 0, !field.starts.isEmpty,
      field.starts.allSatisfy({ $0.utf8.count <= Self.textBytesMax })
    else { return nil }
    return field
  }

  /// One series for each setting, so that runs with other settings have the same labels.
  private mutating func takeSettings(_ prefix: String, _ unusable: [String: String]) -> Bool {
    var found: [(name: String, field: FieldProfile)] = []
    for field in survey.fields where field.name.hasPrefix(prefix) {
      let name = String(field.name.dropFirst(prefix.count))
      // `hparams.status` says how the run ended.
      guard !name.hasPrefix("_"), name != "status", !name.contains(where: { $0 == "{" || $0 == "}" }),
        !FieldFamily.isElementOfRecords(name), !FieldWords.isStrange(name), let field = text(field.name),
        // What each run has its own of is another name of the run.
        field.starts.count <= Self.valuesMax
      else { continue }
      found.append((name, field))
    }
    // Those that people compare runs by go first.
    func isCompared(_ name: String) -> Bool {
      name.split(separator: ".").last.map { Self.compared.contains($0.lowercased()) } ?? false
    }
    let shown = (found.filter { isCompared($0.name) } + found.filter { !isCompared($0.name) })
      .prefix(Self.settingsMax).filter { unusable[$0.field.name] == nil }
    for (name, field) in shown {
      add(label: "setting", .init(help: "Setting of the run, by name", bound: .values([])), seen: [name])
      add(
        label: "setting_value",
        .init(help: "Value of the setting", bound: .count(50, evictsOldest: true)),
        seen: field.starts.sorted()
      )
      infos.append(
        .init(
          field: field.name,
          metric: Self.setting,
          labels: [
            .init(label: "setting", text: name), .init(label: "setting_value", text: "{.\(field.name)}"),
          ]
        )
      )
      if field.isNumeric { leave(field.name, "it is a setting, which `\(Self.setting)` shows") }
    }
    return !shown.isEmpty
  }

  private static let run = "training_run_info"
  private static let setting = "training_setting_info"
  private static let settingsMax = 8
  private static let valuesMax = 50
  private static let textBytesMax = 128

  private static let compared: Set = [
    "lr", "learning_rate", "batch_size", "per_device_train_batch_size", "optimizer", "optim", "model", "model_name",
    "architecture", "arch", "dataset", "epochs", "num_train_epochs", "max_steps", "seed", "weight_decay", "dropout",
  ]
}
