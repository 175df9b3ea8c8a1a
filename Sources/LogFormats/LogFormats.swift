/// All log formats, in the order of the documentation. A new one is one more line here.
package enum LogFormats {
  package static let all: [FormatDescriptor] = [
    .csv, .jsonl, .json, .text, .pydict, .yaml, .events, .tensorboard, .wandb, .mlflow,
  ]

  /// Whether logs of a format say themselves which metrics they feed.
  package static func isOfEvents(_ format: LogFormat) -> Bool {
    all.contains { if case .events = $0.content { $0.name == format.name } else { false } }
  }

  /// Whether the last lines of logs of a format tell people what happened.
  package static func isForPeople(_ format: LogFormat) -> Bool {
    !all.contains { $0.name == format.name && ($0.isBinary || $0.isMadeOfFiles) }
  }

  /// Whether logs of a format are no text.
  package static func isBinary(_ format: LogFormat) -> Bool {
    all.contains { $0.name == format.name && $0.isBinary }
  }
}
