internal import Diagnostics
internal import Glibc
internal import Page

/// The page as one file that needs nothing else: made of the documents of the API, wherever they come from.
public struct KeptPage {
  /// A document that is asked for.
  public struct Request: Sendable, Hashable {
    /// Such as `/api/v1/curves`.
    public var path: String
    /// What of it, in the order of the query. Names and values are of letters and digits alone.
    public var parameters: [(name: String, value: String)]

    /// The path with the query.
    public var target: String {
      parameters.isEmpty
        ? path : path + "?" + parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    public static func == (one: Request, other: Request) -> Bool { one.target == other.target }

    public func hash(into hasher: inout Hasher) { hasher.combine(target) }
  }

  /// Why there is nothing to keep.
  public struct Failure: Error {
    /// A sentence without its full stop.
    public let message: String
    /// What leads on; nil: nothing does.
    public let help: String?
  }

  /// How many runs have curves in it.
  public static let runsMax = 100
  /// The command that shows which runs there are, where nobody says another.
  public static let listing = "training-exporter runs"
  /// How many runs are asked for at a time.
  private static let runsAtATime = 20
  /// How often logs are asked for that are still being read, each time for 2 s; what is not read by then is said.
  private static let turnsMax = 100
  private static let pauseMicroseconds: UInt32 = 50_000

  /// The page, in HTML.
  public let html: String
  /// How many runs it shows.
  public let runCount: Int

  /// - Parameters:
  ///   - wanted: runs, each by its `id`, by the value of a label, or by the values of all its labels with blanks or `/`
  ///     between them; none: all.
  ///   - points: how many values a curve has at most, 2 to 2,000.
  ///   - listing: the command that shows which runs there are, for whoever asks for one that is not there.
  ///   - ask: answers with a document of the API, as text.
  /// - Throws: `Failure`, and whatever `ask` does.
  public init(
    of wanted: [String],
    points: Int,
    listedBy listing: String = Self.listing,
    ask: (Request) throws -> String
  ) throws {
    func document(_ path: String, _ parameters: [(name: String, value: String)] = []) throws -> JSON {
      let request = Request(path: path, parameters: parameters)
      guard let document = JSON(parsing: Array(try ask(request).utf8)) else {
        throw Failure(message: "\(path) is not answered with JSON", help: "is it an exporter of this version?")
      }
      return document
    }
    let all = try document(RunsDocument.path, [("limit", "10000")])
    guard let known = all["runs"]?.asArray else {
      throw Failure(message: "there are no runs in the answer", help: "is it an exporter of this version?")
    }
    let runs = try Self.choose(wanted, among: known, listing)
    let shown = runs.prefix(Self.runsMax).compactMap { $0["id"]?.asString }
    var curves: [JSON] = []
    var leftOut: [JSON] = []
    for start in stride(from: 0, to: shown.count, by: Self.runsAtATime) {
      let asked = shown[start..<min(start + Self.runsAtATime, shown.count)].map { (name: "run", value: $0) }
      var answer = try document(CurvesDocument.path, asked + [("points", "\(points)")])
      for _ in 0..<Self.turnsMax where answer["left_out"]?.asArray?.contains(where: Self.isUnread) == true {
        usleep(Self.pauseMicroseconds)
        answer = try document(CurvesDocument.path, asked + [("points", "\(points)")])
      }
      curves += answer["curves"]?.asArray ?? []
      leftOut += answer["left_out"]?.asArray ?? []
    }
    let why = "only the first \(Self.runsMax) runs have curves in this file: name it to have them"
    leftOut += runs.dropFirst(Self.runsMax).map { ["run": $0["id"] ?? .null, "why": .string(why)] }
    let time = all["time"] ?? .null
    let snapshot: JSON = [
      "time": time,
      "page": .string(runs.count == 1 ? "#/run/\(shown.first ?? "")" : "#/"),
      "runs": ["time": time, "total": .integer(runs.count), "runs": .array(runs)],
      "curves": ["curves": .array(curves), "left_out": .array(leftOut)],
      "sources": try document(SourcesDocument.path),
      "metrics": try document(MetricsDocument.path),
    ]
    let page = Page(
      title: "training-exporter",
      version: exporterVersion,
      description: "Kept from training logs; nothing in it changes any more.",
      links: []
    )
    html = page.file(showing: snapshot.line, runs: Self.table(runs))
    runCount = runs.count
  }

  private static func choose(_ wanted: [String], among runs: [JSON], _ listing: String) throws -> [JSON] {
    if wanted.isEmpty { return runs }
    var chosen: Set<Int> = []
    for name in wanted {
      let found = runs.indices.filter { names(of: runs[$0]).contains(name) }
      if found.isEmpty {
        let near = Spelling.closest(to: name, among: runs.flatMap(names))
        throw Failure(
          message: "there is no run `\(name)`",
          help: near.map { "did you mean `\($0)`?" } ?? "`\(listing)` shows which there are"
        )
      }
      chosen.formUnion(found)
    }
    return chosen.sorted().map { runs[$0] }
  }

  private static func isUnread(_ leftOut: JSON) -> Bool { leftOut["again"] == .boolean(true) }

  private static func labels(of run: JSON) -> [String] {
    guard case .object(let labels)? = run["labels"] else { return [] }
    return labels.compactMap { $0.value.asString }
  }

  private static func names(of run: JSON) -> [String] {
    let labels = labels(of: run)
    return labels + [labels.joined(separator: " "), labels.joined(separator: "/")] + [run["id"]?.asString ?? ""]
  }

  private static func table(_ runs: [JSON]) -> String {
    let rows = runs.map { run -> [String] in
      let progress = run["progress"]?.asNumber.map { "\(Int($0 * 100)) %" } ?? ""
      let numbers = [run["step"] ?? run["epoch"], run["loss"], run["best_score"]]
      return [labels(of: run).joined(separator: " "), run["state"]?.asString ?? "", progress]
        + numbers.map { $0?.line ?? "" }
    }
    return PageDocument.table(rows)
  }
}
