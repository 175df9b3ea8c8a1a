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
    /// A text of an alert shows something of the result.
    case text
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
  let query: [UInt8]
  /// Where each byte of the query begins in the text, and where the last one ends; nil: they follow each other.
  private let offsets: [Int]?

  init(text: PlacedText, range: Range<Int>, purpose: Purpose, owner: String, templates: [PlacedText] = []) {
    self.text = text
    self.range = range
    self.purpose = purpose
    self.owner = owner
    self.templates = templates
    query = Array(Array(text.text.utf8)[range])
    offsets = nil
  }

  /// The query in a string of a template, with its escapes.
  init?(text: PlacedText, _ content: Range<Int>, isRaw: Bool, owner: String) {
    self.text = text
    range = content
    purpose = .text
    self.owner = owner
    templates = []
    let bytes = Array(text.text.utf8)
    if isRaw {
      query = Array(bytes[content])
      offsets = nil
    } else {
      guard let decoded = TemplateAction.unescaped(content, of: bytes) else { return nil }
      query = decoded.bytes
      offsets = decoded.offsets
    }
  }

  /// The range in the file of some bytes of the query.
  func place(of part: Range<Int>) -> SourceRange {
    if let offsets { return text.place(of: offsets[part.lowerBound]..<offsets[part.upperBound]) }
    return text.place(of: range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  var isOfDashboard: Bool {
    switch purpose {
    case .alert, .recording, .text: false
    case .panel, .variable: true
    }
  }

  var variables: Parser.Variables { isOfDashboard ? .grafana : .none }
}
