internal import Diagnostics
internal import PromQL

/// A query of a file, with all around it that concerns its labels.
struct FoundQuery: Sendable {
  /// Who looks at the query.
  enum Purpose: Sendable {
    /// `waits`: it says itself for how long something has to be so, or goes on being so.
    case alert(waits: Bool)
    /// The result is a new metric, with these labels besides those of the result.
    case recording(name: String, labels: [String])
    case panel
    /// A variable of a dashboard. `label` is the one whose values it takes.
    case variable(label: (name: String, range: Range<Int>)?)
  }

  /// The shortest time that `$__interval` may stand for.
  enum ShortestStep: Sendable {
    /// The dashboard says nothing of it.
    case any
    case seconds(Double)
    /// A variable says it.
    case unknown
  }

  /// The text that the query is in.
  let text: PlacedText
  /// The query's bytes in the text.
  let range: Range<Int>
  let purpose: Purpose
  /// Such as ``panel `Loss` ``.
  let owner: String
  /// Texts in which labels of the result are put.
  let templates: [PlacedText]
  var shortestStep = ShortestStep.any

  /// The query alone.
  var query: [UInt8] { Array(Array(text.text.utf8)[range]) }

  /// The range in the file of some bytes of the query.
  func place(of part: Range<Int>) -> SourceRange {
    text.place(of: range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  var isOfDashboard: Bool {
    switch purpose {
    case .alert, .recording: false
    case .panel, .variable: true
    }
  }

  var variables: Parser.Variables { isOfDashboard ? .grafana : .none }
}
