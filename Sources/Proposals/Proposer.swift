internal import Ingest
internal import LogFormats
internal import PatternSyntax

/// Makes a catalog of logs. Pure: it knows what was read of them, and no files.
package struct Proposer {
  package internal(set) var catalog = ProposedCatalog()
  /// Files that no watcher reads, and why.
  package private(set) var leftOut: [(path: String, reason: String)] = []

  /// The paths of all files that were found.
  let all: [[String]]

  /// What a watcher's metrics are before it is known what other watchers have.
  struct Draft {
    var watcher: ProposedCatalog.Watcher
    var metrics: [ProposedCatalog.Metric]
    var labels: [String: ProposedCatalog.Label]
    var shape: PathShape
    /// What the logs of each run have in common in their paths.
    var runs: Set<String>
    var paths: [String]
    var rootDepth: Int
    var isConsole: Bool
  }

  /// Fields and patterns that were tried and did not do, by watcher and field.
  package typealias Unusable = [String: [String: String]]

  /// - Parameters:
  ///   - groups: logs of each kind.
  ///   - all: the paths of all files that were found.
  ///   - unusable: fields that cannot be used, by the names of watchers, with the reasons.
  package init(_ groups: [LogGroup], all: [[String]], source: String, unusable: Unusable = [:]) {
    self.all = all
    catalog.source = source
    var drafts: [Draft] = []
    let isAnyOfTraining = groups.contains { $0.score > 0 && !$0.isSettings }
    var names: Set<String> = []
    for group in groups.sorted(by: Self.goesFirst) where !group.isSettings {
      // Whatever has pairs or words with numbers looks like a console, such as the settings of other programs.
      guard group.score > 0 || !isAnyOfTraining && !group.isConsole else {
        leave(group, "none of its fields is called as those of trainings are")
        continue
      }
      let shape = group.shape
      let name = Self.watcherName(group, shape, &names)
      guard var draft = draft(group, shape, name, unusable[name] ?? [:]) else { continue }
      guard !isSaidElsewhere(&draft, drafts, group) else { continue }
      drafts.append(draft)
      if let planned = planned(group, shape, name, draft) { drafts.append(planned) }
    }
    for group in groups where group.isSettings { takeSettings(group, &drafts, &names) }
    assemble(drafts)
  }

  private mutating func leave(_ group: LogGroup, _ reason: String) {
    for pattern in group.shape.patterns { leftOut.append((pattern, reason)) }
  }

  /// Records go before documents, and both before what is printed for people.
  private static func goesFirst(_ a: LogGroup, _ b: LogGroup) -> Bool {
    func rank(_ group: LogGroup) -> Int {
      switch group.format.name {
      case "text": 5
      case "pydict": 3
      case "json": group.format.options["records"] == nil && group.format.text("orient") != "columns" ? 4 : 2
      case "csv": group.format.text("separator") == "blanks" ? 2 : 0
      default: 1
      }
    }
    let order = (rank(a), -a.files.count, -a.survey.numeric.count, a.files[0].path)
    return order < (rank(b), -b.files.count, -b.survey.numeric.count, b.files[0].path)
  }

  private static func watcherName(_ group: LogGroup, _ shape: PathShape, _ names: inout Set<String>) -> String {
    var words: [String] = []
    if let recognizer = group.recognizer {
      words = [recognizer.name]
    } else {
      let file = group.files[0].name.prefix { $0 != "." }
      words = FieldWords.words(file).filter { $0.contains(where: \.isLetter) }
      let plain = words.filter { !$0.contains(where: \.isNumber) }
      if !plain.isEmpty { words = plain }
    }
    let base = words.isEmpty ? "log" : words.joined(separator: "_")
    var name = base
    var number = 2
    while !names.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  // MARK: - A watcher

  private mutating func draft(
    _ group: LogGroup,
    _ shape: PathShape,
    _ name: String,
    _ unusable: [String: String]
  ) -> Draft? {
    // Some formats know by themselves when a record was made.
    let known = LogFormats.all.first { $0.name == group.format.name }?.runWords.time
    let again = group.scoresOfSettings
    let plan = FieldPlan(
      group.survey,
      group.recognizer,
      timeField: known,
      unusable: unusable.merging(again.map { ($0, "`add_hparams` writes it once more, at step 0") }) { first, _ in first
      }
    )
    var shape = shape
    var runText: String?
    if group.files.count == 1, Self.strangers(shape, [group.files[0].path], all).count > Self.strangersMax {
      // A pattern that finds so much else is none.
      runText = shape.values["run"]?.first
      shape = PathShape(literal: group.files[0].segments)
    }
    guard !plan.fields.isEmpty else {
      leave(group, Self.reason(plan.leftOut))
      return nil
    }
    var watcher = ProposedCatalog.Watcher(
      name: name,
      tool: group.recognizer?.title ?? Self.title(group),
      files: shape.patterns,
      format: group.format
    )
    watcher.captures = shape.captures
    watcher.exclude = Self.strangers(shape, Set(group.files.map(\.path)), all)
    watcher.fields = plan.fields
    watcher.infos = plan.infos
    watcher.leftOut = plan.leftOut
    watcher.run = ProposedRun.keys(plan, group.recognizer)
    if known != nil { watcher.run?.removeAll { $0.key == "time" } }
    watcher.absent = again
    watcher.logCount = group.files.count
    watcher.numericFields = group.survey.numeric.map(\.name)
    if group.survey.fields.contains(where: { $0.form == .decimalComma }) { watcher.decimal = "," }
    var labels = plan.labels
    if let (field, values) = Self.phaseField(group.survey) {
      watcher.labels = [("phase", "{.\(field)}")]
      labels["phase"] = .init(help: "Part of the training, as the log's `\(field)` says it", bound: .values(values))
    }
    if let runText { watcher.labels.append(("run", Pattern.escaped(runText))) }
    return Draft(
      watcher: watcher,
      metrics: plan.metrics,
      labels: labels,
      shape: shape,
      runs: Self.runs(shape, group.files),
      paths: group.files.map(\.path),
      rootDepth: group.files.map(\.rootDepth).min() ?? 0,
      isConsole: group.isConsole
    )
  }

  /// Why a log is left out of which no field is left.
  private static func reason(_ leftOut: [ProposedCatalog.LeftOut]) -> String {
    let groups = ProposedCatalog.LeftOut.grouped(leftOut)
    guard !groups.isEmpty else { return "it has no numbers" }
    let told = groups.prefix(3).map { "\($0.fields): \($0.reason)" } + (groups.count > 3 ? ["and more"] : [])
    return "it has no number that a metric could show: " + told.joined(separator: "; ")
  }

  private static let strangersMax = 8

  private static func title(_ group: LogGroup) -> String {
    switch group.format.name {
    case "csv": "CSV"
    case "jsonl": "JSON lines"
    case "json": "JSON"
    case "pydict": "Python dicts"
    case "text": "console text"
    default: group.format.name
    }
  }

  /// Files that the patterns match and that are none of these logs.
  static func strangers(_ shape: PathShape, _ own: Set<String>, _ all: [[String]]) -> [String] {
    let patterns = shape.patterns.compactMap { try? Pattern(parsing: $0) }.map { PathPattern($0) }
    let others = all.map { $0.joined(separator: "/") }.filter { path in
      !own.contains(path) && patterns.contains { $0.match(path) != nil }
    }
    func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
    let names = Set(others.map(name))
    let isByName = others.count > 4 && names.isDisjoint(with: own.map(name))
    return isByName ? names.sorted().map { "**/" + Pattern.escaped($0) } : others.map(Pattern.escaped)
  }

  private static func runs(_ shape: PathShape, _ files: [LogSurvey.File]) -> Set<String> {
    Set(files.map { shape.run(of: $0.segments) })
  }

  /// The field whose text says of which part of the training a record is, where all records have it.
  private static func phaseField(_ survey: RecordSurvey) -> (String, [String])? {
    for field in survey.fields
    where ["mode", "phase", "split", "stage", "subset", "set"].contains(field.name.lowercased()) {
      guard field.textCount + 2 >= survey.records, field.numbers == 0, field.texts.count < 6,
        field.texts.allSatisfy({ FieldMeaning.phases[$0.lowercased()] != nil })
      else { continue }
      var values = field.texts
      for text in ["train", "val", "test"] where !values.contains(text) { values.append(text) }
      return (field.name, values + ["other"])
    }
    return nil
  }

  // MARK: - What is said twice

  /// Takes what other logs of the same runs say out of a watcher. Returns whether nothing of its own is left.
  private mutating func isSaidElsewhere(_ draft: inout Draft, _ drafts: [Draft], _ group: LogGroup) -> Bool {
    for other in drafts where !other.runs.isDisjoint(with: draft.runs) {
      let said = Set(other.watcher.fields.map(\.metric))
      let again = draft.watcher.fields.filter { said.contains($0.metric) && $0.role != .epoch && $0.role != .step }
      let files = other.watcher.files.last ?? ""
      let isLeft =
        draft.isConsole && draft.watcher.format.name == "text" && !other.isConsole && !other.watcher.isSettings
      let values = draft.watcher.fields.count { $0.role != .epoch && $0.role != .step }
      if isLeft || (!again.isEmpty && again.count * 2 >= values) {
        let own = draft.watcher.fields.filter { !said.contains($0.metric) && $0.role != .epoch && $0.role != .step }
        leave(group, Self.reason(files, isLeft, own.flatMap(\.names)))
        return true
      }
      for field in draft.watcher.fields where said.contains(field.metric) {
        for name in field.names { draft.watcher.leftOut.append(.init(name, "\(files) says it, too")) }
      }
      draft.watcher.fields.removeAll { said.contains($0.metric) }
    }
    let used = Set(draft.watcher.fields.map(\.metric) + draft.watcher.infos.map(\.metric))
    draft.metrics.removeAll { !used.contains($0.name) }
    if draft.watcher.fields.isEmpty { leave(group, "another log says the same of these runs") }
    return draft.watcher.fields.isEmpty
  }

  /// Why a log is left out beside another one of the same runs, with the fields that it alone has.
  private static func reason(_ files: String, _ isPrinted: Bool, _ own: [String]) -> String {
    let why =
      isPrinted
      ? "it is printed for people, and \(files) has numbers of the same runs"
      : "\(files) says most of it, of the same runs"
    guard !own.isEmpty else { return why }
    let only = ProposedCatalog.LeftOut.grouped(own.map { .init($0, "") })
    return "\(why); it alone has \(only.map(\.fields).joined())"
  }

  // MARK: - What is planned

  /// Of a document whose records lie in an array: the totals that stand beside it.
  private func planned(_ group: LogGroup, _ shape: PathShape, _ name: String, _ draft: Draft) -> Draft? {
    guard let beside = group.beside, let keys = Self.totals(beside), !keys.isEmpty else { return nil }
    return settingsDraft(name + "_planned", shape, LogFormat("json"), keys, draft.watcher.tool, group.files)
  }

  private static func totals(_ survey: RecordSurvey) -> [(key: String, value: String)]? {
    let names = Set(survey.fields.filter { $0.isNumeric && $0.most > 0 }.map(\.name))
    var keys: [(key: String, value: String)] = []
    if let name = (UsualFields.steps + ["max_iters", "num_training_steps"]).first(where: names.contains) {
      keys.append(("steps", name))
    }
    if let name = (UsualFields.epochs + ["trainer.max_epochs"]).first(
      where: names.contains
    ) {
      keys.append(("epochs", name))
    }
    return keys.isEmpty ? nil : keys
  }

  private func settingsDraft(
    _ name: String,
    _ shape: PathShape,
    _ format: LogFormat,
    _ keys: [(key: String, value: String)],
    _ tool: String,
    _ files: [LogSurvey.File]
  ) -> Draft {
    var watcher = ProposedCatalog.Watcher(name: name, tool: tool, files: shape.patterns, format: format)
    (watcher.captures, watcher.run, watcher.isSettings, watcher.logCount) = (shape.captures, keys, true, files.count)
    return Draft(
      watcher: watcher,
      metrics: [],
      labels: [:],
      shape: shape,
      runs: Self.runs(shape, files),
      paths: files.map(\.path),
      rootDepth: files.map(\.rootDepth).min() ?? 0,
      isConsole: false
    )
  }

  private mutating func takeSettings(
    _ group: LogGroup,
    _ drafts: inout [Draft],
    _ names: inout Set<String>
  ) {
    let shape = group.shape
    let runs = Self.runs(shape, group.files)
    let count = group.survey.fields.count
    guard let keys = Self.totals(group.survey) else {
      return leave(group, "\(count) settings, which do not change and do not say how far a run is to go")
    }
    guard let logs = drafts.first(where: { !$0.watcher.isSettings && !$0.runs.isDisjoint(with: runs) }) else {
      return leave(group, "\(count) settings, which do not change, and no log of a run lies beside them")
    }
    let name = Self.watcherName(group, shape, &names)
    var draft = settingsDraft(name, shape, group.format, keys, logs.watcher.tool, group.files)
    draft.watcher.exclude = Self.strangers(shape, Set(group.files.map(\.path)), all)
    let used = Set(keys.map(\.value))
    let others = group.survey.numeric.count { !used.contains($0.name) }
    if others > 0 {
      draft.watcher.leftOut = [
        .init(
          "",
          "\(others == 1 ? "1 other number is a setting, which does" : "\(others) other numbers are settings, which do") not change"
        )
      ]
    }
    drafts.append(draft)
  }
}
