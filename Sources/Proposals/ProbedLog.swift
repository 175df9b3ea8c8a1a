package import LogFormats

/// How a log can be read, and what is in it then.
package struct ProbedLog: Sendable {
  package var format: LogFormat
  package var survey: RecordSurvey
  /// Of a document whose records lie in an array: the fields that stand beside it.
  package var beside: RecordSurvey?
  /// Whether it says how a training is set, and not how it goes.
  package var isSettings = false
  /// Whether a program prints it for people.
  package var isConsole = false

  init(_ format: LogFormat, _ survey: RecordSurvey, isConsole: Bool = false) {
    self.format = format
    self.survey = survey
    self.isConsole = isConsole
  }
}

/// A way in which a log may be read: it looks at a log, and says how it is read if that is its own way.
package struct LogProbe: Sendable {
  /// The format's word in the catalog.
  let format: String
  /// Whether such logs are no text.
  var readsBinary = false
  let read: @Sendable (LogSample) -> ProbedLog?
}

/// All ways, those first that take nothing for theirs that is not. A format more is one more line here.
package enum LogProbes {
  package static let all: [LogProbe] = [
    .tensorboard, .wandb, .mlflow, .json, .jsonl, .yaml, .pydict, .csv, .blankTable, .text,
  ]

  /// Why a file is no log.
  package enum Refusal: Error, Hashable {
    /// What it is: "gzip data".
    case foreign(String)
    case binary
    /// A document that is too large to be read whole.
    case tooLarge
    /// Nothing in it has a number with a name.
    case noNumbers
  }

  package static func read(_ sample: LogSample) -> Result<ProbedLog, Refusal> {
    for probe in all where probe.readsBinary {
      if let reading = probe.read(sample) { return .success(reading) }
    }
    if case .foreign(let content) = sample.head.withUnsafeBytes({ ForeignContent.judge($0, isClosed: true) }) {
      return .failure(.foreign(content.name))
    }
    if sample.isBinary { return .failure(.binary) }
    for probe in all where !probe.readsBinary {
      if let reading = probe.read(sample) { return .success(reading) }
    }
    let first = sample.head.first { !" \t\r\n".utf8.contains($0) }
    let isDocument = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    return .failure(isDocument && sample.document == nil ? .tooLarge : .noNumbers)
  }
}

extension RecordSurvey {
  /// Whether it has many numbers in lists of each record, which are data and no measurements.
  var isOfLists: Bool {
    let numbers = numeric
    guard numbers.count > 200 else { return false }
    let inLists = numbers.count { field in
      field.name.split(separator: ".").contains { !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 48 <= 9 } }
    }
    return inLists * 4 > numbers.count * 3
  }

  /// How many values there are of fields that have numbers and a name.
  var weight: Int { numeric.reduce(0) { $0 + min($1.numbers, 1_000) } }
}
