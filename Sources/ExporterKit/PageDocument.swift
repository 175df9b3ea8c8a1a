internal import Page
internal import Runs
internal import Serving

/// The page at `/`.
struct PageDocument {
  static let path = "/"

  /// The scripts and styles beside it.
  static var files: [ServedFile] {
    Page.files.map { file in ServedFile(path: file.path, contentType: file.contentType) { file.bytes } }
  }

  private let page: Page

  init(_ landing: LandingPage, telemetryPath: String) {
    page = Page(
      title: landing.name,
      version: landing.version,
      description: landing.description,
      links: [("Metrics for Prometheus", telemetryPath)] + landing.links.map { ($0.title, $0.path) }
    )
  }

  /// - Parameter now: nanoseconds since 1970.
  func answer(_ board: RunBoard, at now: Int64) -> ServedDocument {
    var document = ServedDocument(rest: Array(page.html(runs: Self.table(board, at: now)).utf8))
    document.contentType = "text/html; charset=utf-8"
    document.headers = [("Content-Security-Policy", Page.contentSecurityPolicy)]
    return document
  }

  /// More runs have no place in a table without a script.
  private static let rowsMax = 1000

  private static func table(_ board: RunBoard, at now: Int64) -> String {
    let rows = board.all().prefix(rowsMax).map { key, health -> [String] in
      let progress = health.progress(at: now).map { "\(Int($0 * 100)) %" }
      let numbers = [health.step ?? health.epoch, health.loss, health.bestScore].map { $0.map(text) ?? "" }
      return [key.values.joined(separator: " "), health.state(at: now).rawValue, progress ?? ""] + numbers
    }
    return table(rows)
  }

  /// A table of runs: of each its name, state, progress, step, loss and best score.
  static func table(_ rows: [[String]]) -> String {
    rows.isEmpty
      ? "<p>There are no runs yet.</p>" : Page.table(["Run", "State", "Progress", "Step", "Loss", "Best"], rows)
  }

  private static func text(_ number: Double) -> String { Int64(exactly: number).map { "\($0)" } ?? "\(number)" }
}
