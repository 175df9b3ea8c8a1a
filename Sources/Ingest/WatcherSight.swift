package import LogFormats
package import MetricRegistry

/// What was seen of a watcher's logs, for those who ask where a number went: which fields there were, and the first of
/// each kind of what gave nothing. It is kept from the start of the process or the last reload on, and is used on the
/// tailer's thread only.
package final class WatcherSight {
  /// What was seen first of a kind, and in which log.
  package struct Sample<What> {
    package let file: String
    package let what: What
  }

  /// A record that `where` left out.
  package struct Filtered {
    package let field: String
    /// nil: the record lacks the field.
    package let text: String?
  }

  /// A field whose text was no number where a metric wanted one.
  package struct NotANumber {
    package let first: Sample<String>
    package fileprivate(set) var count = 1

    /// What stands for the text of a list or an object.
    package static let container = "a list or object"
  }

  /// A sample that the registry refused.
  package struct Refused {
    package let metric: String
    /// The label at fault; empty where it is none.
    package let label: String
    /// What was said for it.
    package let value: String
    package let reason: Rejection.Reason
  }

  /// One for each metric, label and reason, in the order in which they came.
  package private(set) var refused: [Sample<Refused>] = []
  /// How many refusals of each metric were looked at.
  private var refusals: [Int: Int] = [:]

  /// The names of the fields that logs had, wanted or not, in the order in which they were met; no more than
  /// `fieldsMax`.
  package private(set) var fields: [String] = []
  private var known: Set<String> = []
  /// One for each kind of reason.
  package private(set) var malformed: [Sample<BadLine>] = []
  package private(set) var unmatched: Sample<BadLine>?
  package private(set) var filtered: Sample<Filtered>?
  package private(set) var notNumbers: [String: NotANumber] = [:]
  /// Whether it began to look in the middle of some log, whose records before nobody knows here.
  package internal(set) var isPartial = false
  /// Another number whenever something was noted.
  package private(set) var version = 0

  /// Names beyond are not kept: a suggestion needs few, and what the catalog names is always kept.
  private static let fieldsMax = 1_000

  func note(field name: String, isWanted: Bool) {
    guard isWanted || fields.count < Self.fieldsMax, known.insert(name).inserted else { return }
    fields.append(name)
    version += 1
  }

  /// Whether some record had the field.
  package func has(_ field: String) -> Bool { known.contains(field) }

  func note(_ batch: borrowing RecordBatch, of file: @autoclosure () -> String) {
    if let line = batch.firstMalformed { note(malformed: line, of: file()) }
    if unmatched == nil, let line = batch.firstUnmatched { note(&unmatched, file(), line) }
  }

  func note(malformed line: BadLine, of file: String) {
    guard !malformed.contains(where: { $0.what.reason.isLike(line.reason) }) else { return }
    malformed.append(Sample(file: file, what: line))
    version += 1
  }

  func noteFiltered(by field: String, text: @autoclosure () -> String?, of file: String) {
    if filtered == nil { note(&filtered, file, Filtered(field: field, text: text())) }
  }

  func noteNotANumber(_ field: String, text: @autoclosure () -> String, of file: String) {
    if notNumbers[field] != nil {
      notNumbers[field]?.count += 1
    } else if notNumbers.count < Self.fieldsMax {
      notNumbers[field] = NotANumber(first: Sample(file: file, what: text()))
      version += 1
    }
  }

  /// - Parameter why: asked for the first refusals of each metric alone.
  func noteRefused(metric: Int, in file: String, _ why: () -> Refused?) {
    guard refusals[metric, default: 0] < Self.refusalsMax else { return }
    refusals[metric, default: 0] += 1
    guard let why = why() else { return }
    let isKnown = refused.contains { known in
      known.what.metric == why.metric && known.what.label == why.label && known.what.reason == why.reason
    }
    guard !isKnown else { return }
    refused.append(Sample(file: file, what: why))
    version += 1
  }

  private static let refusalsMax = 16

  private func note<What>(_ place: inout Sample<What>?, _ file: String, _ what: What) {
    place = Sample(file: file, what: what)
    version += 1
  }
}
