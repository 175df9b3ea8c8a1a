/// Texts of a catalog in a dashboard, in which Grafana fills in what looks like a variable: `$run`, `${run}` and `[[run]]`.
enum GrafanaText {
  /// Whether Grafana may fill something in.
  static func hasPlaces(_ text: String) -> Bool { text.contains("$") || text.contains("[[") }

  /// As the description of a panel, which is Markdown, has it: as it is.
  static func description(_ text: String) -> String {
    MarkdownText.plain(text).replacing("$", with: "&#36;")
  }
}
