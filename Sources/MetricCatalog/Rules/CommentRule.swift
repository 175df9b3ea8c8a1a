internal import Diagnostics

/// A help text is not cut by what YAML takes for a comment.
enum CommentRule: Rule {
  static let ids = [comment]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels { check(label.help.value, label.allow, report) }
    for metric in catalog.metrics { check(metric.help.value, metric.allow, report) }
  }

  /// A comment has two blanks before it, or one behind its `#`; a text such as `Loss #1` has neither.
  private static func check(_ text: Text?, _ allow: Key<[Text]>, _ report: Report) {
    guard let text, text.verbatimStart == text.range.start else { return }
    let rest = report.source.bytes[text.range.end...].prefix { $0 != 0x0A && $0 != 0x0D }
    guard rest.starts(with: " #".utf8), let next = rest.dropFirst(2).first, isWordByte(next) else { return }
    let end = rest.lastIndex { $0 != 0x20 && $0 != 0x09 } ?? rest.startIndex
    report.add(
      comment,
      "the text ends here: ` #` begins a comment",
      at: SourceRange(rest.startIndex + 1, end + 1),
      help: "put the whole text in quotes; a comment has a blank behind its `#`",
      waivedBy: [allow]
    )
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
  }
}

extension CommentRule {
  private static let comment = RuleID(
    "yaml/comment",
    .warning,
    "a ` #` that cuts a text off, as in `help: Loss #1`",
    why: """
      In YAML a `#` behind a blank begins a comment. Of `Loss #1` only `Loss` is read: two metrics end with one help \
      text, and what told them apart is lost.
      """,
    remedy: """
      Put the text in quotes. If a comment is meant, leave a blank behind the `#`.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: Training loss }
        head_loss:
          type: gauge
          help: Loss of head #1
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
        head_loss:
          type: gauge
          help: "Loss of head #1"   # the head for boxes
      """
  )
}
