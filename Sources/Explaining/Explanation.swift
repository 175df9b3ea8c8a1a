package import Ingest
package import LogFormats

/// Where the numbers of logs go, as `explain` tells it.
package struct Explanation: Sendable {
  /// A watcher, with its logs and what is wrong with them.
  package struct WatcherPart: Sendable {
    package var name: String
    package var format: String
    /// `files`, as written.
    package var patterns: [String]
    package var logs: [Log] = []
    package var findings: [Finding] = []
    /// Targets that no log fed.
    package var unfed: [UnfedTarget] = []
  }

  /// One log.
  package struct Log: Sendable {
    package var path: String
    /// What the path's captures took.
    package var captures: [Capture]
    package var bytes: Int
    /// Whether it was read whole, or the beginning and the end alone.
    package var isWhole = true
    /// How many records were read, and lines that are none.
    package var records = 0
    /// Records and lines without one, in the order of the log: the first and the last of them.
    package var pieces: [Piece] = []
    /// The names of its fields, as far as they were read.
    package var fields: [String] = []
    /// Why it could not be read.
    package var failure: String?
    /// Where the catalog would have to lie for the watcher to find it; nil: it finds it.
    package var root: String?
  }

  package struct Capture: Sendable {
    package var name: String
    package var value: String
  }

  /// A line, or whatever is one record or none.
  package struct Piece: Sendable {
    /// Its place in the file, from 1; 0: it is not known, since what is before was not read.
    package var line: Int
    /// Where it begins, in bytes, if it is a frame; it has no line then.
    package var offset: Int?
    /// How it begins.
    package var text: String
    /// Its records; several in an array, or none.
    package var records: [RecordExplanation]
    /// Why it is no record.
    package var badLine: BadLine?
    /// Where the pattern that comes nearest stops to match.
    package var nearest: NearestLine.Reach?
  }

  /// A target that no log fed.
  package struct UnfedTarget: Sendable, Hashable {
    /// The field's pattern; nil: it is one of `each_record`.
    package var field: String?
    /// Which target of the field, or of `each_record`, it is.
    package var target: Int
    package var metric: String
  }

  /// A log that was asked for and that no watcher reads.
  package struct Stray: Sendable {
    package var path: String
    /// Why, as a sentence without its full stop.
    package var message: String
    package var help: String?
  }

  package var watchers: [WatcherPart] = []
  package var strays: [Stray] = []
  /// What is said of folders and files while they are looked for, such as that one cannot be listed.
  package var troubles: [String] = []
  /// Metrics of the catalog that no watcher and no collector feeds.
  package var metricsWithoutFeed: [String] = []
}

extension Explanation {
  /// Whether something that should be fed is not: a log without a watcher, a watcher without a log, or a target.
  package var hasUnfed: Bool {
    !strays.isEmpty || !troubles.isEmpty
      || watchers.contains { !$0.unfed.isEmpty || $0.logs.isEmpty || $0.logs.contains { $0.failure != nil } }
  }

  /// Whether a value or a line was refused.
  package var hasRejected: Bool {
    watchers.contains { part in
      part.findings.contains { [.malformed, .rowWidth, .noMatch, .noNumber, .refused].contains($0.kind) }
    }
  }
}

extension Finding {
  /// Whether it says already why a target is not fed.
  package func tells(of target: Explanation.UnfedTarget) -> Bool {
    switch kind {
    case .noFile, .noMatch, .filtered: true
    case .malformed, .rowWidth: false
    case .noField, .noNumber, .refused: field == target.field || metric == target.metric || (field ?? metric) == nil
    }
  }
}
