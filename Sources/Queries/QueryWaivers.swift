internal import Diagnostics
internal import MetricCatalog
internal import PromQL

/// An id that a comment in a query waives: `# allow query/rate-of-gauge`. Several ids have blanks or commas between them,
/// and a reason may follow.
struct QueryWaiver {
  var id: String
  /// Finds the place in the file.
  var place: () -> SourceRange

  /// What cannot be told of a query.
  private static let ofFiles = FileIDs.all.map(\.name)
  /// What is only told where the time between two scrapes is known.
  private static let ofIntervals = ShortRangeCheck.ids.map(\.name)
  private static let area = "query/"
  private static let names = Set(QueryChecks.ruleIDs.map(\.name))
  /// The most ids of a query, several times as many as there are.
  private static let idsMax = 100

  /// All waivers of a query: of its own comments, and of the comment that YAML has behind it.
  static func all(of query: FoundQuery) -> [QueryWaiver] {
    let bytes = query.query
    var waivers: [QueryWaiver] = []
    if bytes.contains(UInt8(ascii: "#")) {
      for comment in Parser.comments(in: bytes, variables: query.variables) {
        waivers += words(Array(bytes[comment])).map { word in
          let start = comment.lowerBound + word.range.lowerBound
          return QueryWaiver(id: word.id) { query.place(of: start..<start + word.range.count) }
        }
      }
    }
    if let comment = query.text.comment {
      let document = query.text.document
      waivers += words(Array(document.source.bytes[comment.start..<comment.end])).map { word in
        let start = comment.start + word.range.lowerBound
        return QueryWaiver(id: word.id) { document.place(of: SourceRange(start, start + word.range.count)) }
      }
    }
    return Array(waivers.prefix(idsMax))
  }

  /// The ids behind `allow` in a comment with its `#`. A comment that only begins with this word is none.
  private static func words(_ comment: [UInt8]) -> [(id: String, range: Range<Int>)] {
    let separators: [UInt8] = [0x20, 0x09, 0x2C, 0x3A, 0x23]
    var words: [(String, Range<Int>)] = []
    var at = 0
    while at < comment.count {
      guard !separators.contains(comment[at]) else {
        at += 1
        continue
      }
      let end = comment[at...].firstIndex(where: separators.contains) ?? comment.count
      words.append((String(decoding: comment[at..<end], as: UTF8.self), at..<end))
      at = end
    }
    guard words.first?.0 == "allow" else { return [] }
    return Array(words.dropFirst().prefix { $0.0.hasPrefix(area) || names.contains(area + $0.0) })
  }

  /// Reports what is no id that can be waived, and what nothing needed.
  ///
  /// - Parameter needed: the waivers that something needed, by their index.
  static func report(
    _ waivers: [QueryWaiver],
    needed: Set<Int>,
    of query: FoundQuery,
    isIntervalKnown: Bool,
    _ report: QueryReport
  ) {
    guard !waivers.isEmpty else { return }
    let known = QueryChecks.all.flatMap { $0.ids.map(\.name) }
    for (index, waiver) in waivers.enumerated() {
      if ofFiles.contains(waiver.id) {
        report.add(
          WaiverIDs.unknown,
          "\(query.owner): `\(waiver.id)` cannot be allowed",
          at: waiver.place(),
          help: "it is about what cannot be read at all"
        )
      } else if !known.contains(waiver.id) {
        let full = area + waiver.id
        let help = known.contains(full) ? "did you mean `\(full)`?" : report.suggestion(for: waiver.id, among: known)
        report.add(
          WaiverIDs.unknown,
          "\(query.owner): there is no rule `\(waiver.id)`",
          at: waiver.place(),
          help: help ?? "`training-exporter rule` lists all ids"
        )
      } else if !needed.contains(index), isIntervalKnown || !ofIntervals.contains(waiver.id) {
        report.add(
          WaiverIDs.unneeded,
          "\(query.owner): nothing in the query gives `\(waiver.id)`",
          at: waiver.place(),
          help: "remove it from `allow`"
        )
      }
    }
  }
}

/// What is reported of the waivers in queries.
enum WaiverIDs {
  static let all = [unknown, unneeded]

  private static let example = """
    metrics:
      steps_total: { type: counter, help: Steps }
    """

  static let unknown = RuleID(
    "query/unknown-waiver",
    .warning,
    "a comment in a query allows something that there is not",
    why: """
      A waiver of something that does not exist waives nothing, and gives the feeling that the matter is settled.
      """,
    remedy: """
      Take the id from the end of the message that you want to waive. What is wrong with a file as a whole, and a query \
      that Prometheus refuses, cannot be waived.
      """,
    catalog: example,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: Stalled, expr: "rate(steps_total[5m]) == 0 # allow query/raw-counters" }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: ManySteps, expr: "steps_total > 1e6 # allow query/raw-counter" }]
      """
  )

  static let unneeded = RuleID(
    "query/unneeded-waiver",
    .warning,
    "a comment in a query allows what nothing gives",
    why: """
      What it was written for is gone. It would hide the next message of this kind, which nobody has thought about.
      """,
    remedy: "Remove it, or move it into the query that a message is about.",
    catalog: example,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: Stalled, expr: "rate(steps_total[5m]) == 0 # allow query/raw-counter" }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: Stalled, expr: "rate(steps_total[5m]) == 0" }]
      """
  )
}
