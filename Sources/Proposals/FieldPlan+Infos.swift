/// Texts that do not change in a run, such as its name and its settings: labels of info metrics.
extension FieldPlan {
  /// Takes what a tool says of a run. Returns the metrics, which stand after those of the numbers.
  mutating func takeInfos(_ wanted: [Recognizer.Info], _ unusable: [String: String]) -> [ProposedCatalog.Metric] {
    var made: [ProposedCatalog.Metric] = []
    for info in wanted {
      switch info {
      case .settings(let prefix):
        if unusable[Self.settings] == nil { made += takeSettings(prefix) }
      case .texts(let metric, let help, let parts):
        guard unusable[metric] == nil, parts.allSatisfy({ isGiven($0.field) }) else { continue }
        for part in parts {
          add(label: part.label, .init(help: part.help, bound: .count(part.most, evictsOldest: true)), seen: [])
          if survey[part.field]?.isNumeric == true {
            leave(part.field, "it is the label `\(part.label)` of an info metric")
          }
        }
        infos.append(
          .init(name: metric, metric: metric, labels: parts.map { .init(label: $0.label, text: "{.\($0.field)}") })
        )
        made.append(.init(name: metric, kind: .info, help: help, labels: parts.map(\.label)))
      }
    }
    return made
  }

  private func isGiven(_ name: String) -> Bool {
    survey[name].map { $0.textCount + $0.numbers > 0 && $0.containers == 0 } ?? false
  }

  private mutating func takeSettings(_ prefix: String) -> [ProposedCatalog.Metric] {
    var named: [(label: String, field: String)] = []
    // A record has all labels, or none of them: how the run ended comes in another.
    let all = survey.fields.filter { $0.name.hasPrefix(prefix) && $0.name != prefix + "status" && isGiven($0.name) }
    let most = all.map(\.count).max() ?? 0
    for field in all where field.count == most {
      let name = String(field.name.dropFirst(prefix.count))
      guard !name.hasPrefix("_"), !FieldFamily.isElementOfRecords(name), !FieldWords.isStrange(name),
        let label = Self.label(ofSetting: name), !named.contains(where: { $0.label == label })
      else { continue }
      named.append((label, field.name))
    }
    // Those that people compare runs by go first.
    let known = named.filter { Self.compared.contains($0.label) }
    let shown = (known + named.filter { !Self.compared.contains($0.label) }).prefix(Self.settingsMax)
    guard !shown.isEmpty else { return [] }
    for (label, field) in shown {
      let name = field.dropFirst(prefix.count)
      add(label: label, .init(help: "The setting `\(name)`", bound: .count(100, evictsOldest: true)), seen: [])
      if survey[field]?.isNumeric == true { leave(field, "it is a setting: a label of an info metric") }
    }
    infos.append(
      .init(
        name: Self.settings,
        metric: Self.settings,
        labels: shown.map { .init(label: $0.label, text: "{.\($0.field)}") }
      )
    )
    return [.init(name: Self.settings, kind: .info, help: "Settings of the run", labels: shown.map(\.label))]
  }

  /// A valid label that stands for this setting alone; nil: there is none.
  private static func label(ofSetting name: String) -> String? {
    var label = ""
    for character in name.unicodeScalars {
      let isFit = character.isASCII && (character.properties.isAlphabetic || "0"..."9" ~= character)
      if isFit { label.unicodeScalars.append(character) } else if !label.isEmpty, label.last != "_" { label += "_" }
    }
    while label.last == "_" { label.removeLast() }
    guard let first = label.first, first.isLetter, label.utf8.count <= 40 else { return nil }
    return taken.contains(label.lowercased()) ? label + "_setting" : label
  }

  static let settings = "training_settings_info"
  private static let settingsMax = 8

  private static let compared: Set = [
    "lr", "learning_rate", "batch_size", "per_device_train_batch_size", "optimizer", "optim", "model_setting",
    "model_name", "architecture", "arch", "dataset_setting", "epochs", "num_train_epochs", "max_steps", "seed_setting",
    "weight_decay", "dropout",
  ]

  /// Labels that stand for something else in a proposed catalog, or in Prometheus, or that say nothing.
  private static let taken: Set = [
    "run", "run_name", "phase", "rank", "task", "experiment", "project", "version", "date", "fold", "seed", "log",
    "method", "model", "component", "interval", "score", "group", "dataset", "gpu", "index", "head", "iou_threshold",
    "param", "param_value", "job", "instance", "le", "quantile", "layer", "name", "type", "kind", "value", "id", "key",
    "tag", "item", "field", "metric", "attribute", "property", "status", "state", "mode", "code", "label", "data",
    "info", "class", "category", "result", "path", "file",
  ]
}
