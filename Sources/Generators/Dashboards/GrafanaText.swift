internal import Diagnostics

/// Texts of a catalog in a dashboard, in which Grafana fills in what looks like a variable: `$run`, `${run}` and `[[run]]`.
enum GrafanaText {
  /// Whether it may be a title: all of it can be seen, and Grafana fills nothing in.
  static func canBeTitle(_ text: String) -> Bool {
    !text.contains("$") && !text.contains("[[") && !text.unicodeScalars.contains(where: PrintableText.isUnprintable)
  }

  /// As the description of a panel, which is Markdown, has it: as it is.
  static func description(_ text: String) -> String {
    MarkdownText.plain(text).replacing("$", with: "&#36;")
  }
}
