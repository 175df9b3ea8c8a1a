internal import Diagnostics
internal import Explaining
package import MetricCatalog

/// A catalog proposed for logs, which has been loaded and tried on these logs as an exporter would.
package struct Proposal: Sendable {
  package var catalog: ProposedCatalog
  /// The catalog as YAML.
  package var text: String
  /// What was loaded from it.
  package var loaded: Catalog
  /// Files that no watcher reads, and why.
  package var leftOut: [(path: String, reason: String)]
  /// What is wrong with the logs themselves, such as a row that was cut.
  package var remarks: [String]
  /// What could not be looked at.
  package var troubles: [String]
  /// How many bytes all logs have together.
  package var bytes: Int

  package enum Failure: Error {
    /// There is no log. What there is instead is told.
    case nothingFound(leftOut: [(path: String, reason: String)], troubles: [String], passedBy: Int)
    /// What was made is wrong, and could not be mended.
    case isWrong([String])
  }

  /// Looks at logs and proposes a catalog.
  ///
  /// - Parameters:
  ///   - roots: where logs are looked for.
  ///   - folder: the absolute path of the folder to which relative paths in the catalog are relative.
  ///   - source: how it is called where logs are looked for.
  ///   - load: loads a catalog from memory.
  package static func make(
    _ roots: [LogSurvey.Root],
    folder: String,
    source: String,
    load: ([UInt8]) -> CatalogLoading
  ) throws(Failure) -> Proposal {
    let survey = LogSurvey(roots)
    var reader = ProbedLogs()
    for file in survey.files { reader.read(file) }
    let troubles = survey.troubles + reader.troubles
    let groups = LogGroup.group(reader.logs)
    var unusable: Proposer.Unusable = [:]
    var problems: [String] = []
    for _ in 0..<roundsMax {
      let proposer = Proposer(groups, all: survey.files.map(\.segments), source: source, unusable: unusable)
      let leftOut = proposer.leftOut + reader.leftOut
      guard proposer.catalog.watchers.contains(where: { !$0.isSettings }) else {
        throw Failure.nothingFound(leftOut: leftOut, troubles: troubles, passedBy: survey.passedBy)
      }
      var catalog = proposer.catalog
      let (text, loading) = catalog.makeRoom { load(Array($0.utf8)) }
      let crowded = catalog.crowdedInfos
      guard crowded.isEmpty else {
        for (watcher, fields) in crowded { unusable[watcher, default: [:]].merge(fields) { first, _ in first } }
        continue
      }
      var trial = ProposalTrial(catalog, text)
      trial.load(loading)
      if let loaded = trial.loaded, trial.unusable.isEmpty { trial.explain(loaded, folder) }
      if trial.unusable.isEmpty {
        guard let loaded = trial.loaded, trial.problems.isEmpty else {
          problems = trial.problems
          break
        }
        return Proposal(
          catalog: catalog,
          text: text.text,
          loaded: loaded,
          leftOut: leftOut.sorted { $0.path < $1.path },
          remarks: trial.remarks,
          troubles: troubles,
          bytes: reader.logs.reduce(0) { $0 + $1.file.size }
        )
      }
      problems = trial.problems
      for (watcher, fields) in trial.unusable { unusable[watcher, default: [:]].merge(fields) { first, _ in first } }
    }
    throw Failure.isWrong(problems)
  }

  /// A field that is left out may bring another to light; more often than that it is an error here.
  private static let roundsMax = 12
}

/// Tries a proposed catalog: what is wrong with it, and which fields have to go so that it is right.
private struct ProposalTrial {
  private let catalog: ProposedCatalog
  private let text: CatalogText
  /// By watcher and field.
  private(set) var unusable: Proposer.Unusable = [:]
  private(set) var problems: [String] = []
  private(set) var remarks: [String] = []
  private(set) var loaded: Catalog?

  init(_ catalog: ProposedCatalog, _ text: CatalogText) { (self.catalog, self.text) = (catalog, text) }

  /// Drops fields, and texts of info metrics. Returns whether there is one.
  private mutating func drop(
    _ reason: String,
    of watcher: ProposedCatalog.Watcher?,
    fields: [ProposedCatalog.Field],
    infos: [ProposedCatalog.Info] = []
  ) -> Bool {
    guard let watcher else { return false }
    for name in fields.flatMap(\.names) + infos.map(\.field) { unusable[watcher.name, default: [:]][name] = reason }
    return !fields.isEmpty || !infos.isEmpty
  }

  private func watcher(_ name: String) -> ProposedCatalog.Watcher? { catalog.watchers.first { $0.name == name } }

  /// Takes what the loader says. Warnings count as errors.
  mutating func load(_ loading: CatalogLoading) {
    loaded = loading.catalog
    var loading = loading
    _ = loading.checkBudget(collectors: [])
    for diagnostic in loading.diagnostics where diagnostic.severity != .note {
      let line = diagnostic.range.map { loading.source.position(ofByte: $0.start).line }
      let reason = "the catalog refuses it: \(diagnostic.message)"
      var isMended = false
      switch line.flatMap(text.origin) {
      case .metric(let name):
        for watcher in catalog.watchers {
          let (fields, infos) = (
            watcher.fields.filter { $0.metric == name }, watcher.infos.filter { $0.metric == name }
          )
          if drop(reason, of: watcher, fields: fields, infos: infos) { isMended = true }
        }
      case .field(let name, let place):
        isMended = drop(reason, of: watcher(name), fields: watcher(name).map { [$0.fields[place]] } ?? [])
      case .info(let name, let place):
        isMended = drop(reason, of: watcher(name), fields: [], infos: watcher(name).map { [$0.infos[place]] } ?? [])
      case nil: break
      }
      problems.append("\(diagnostic.message) [\(diagnostic.id)]" + (isMended ? "" : line.map { ": line \($0)" } ?? ""))
    }
  }

  /// Takes what the explainer says of the logs.
  mutating func explain(_ loaded: Catalog, _ folder: String) {
    let explanation = LogExplainer(catalog: loaded, root: folder, shownCount: 1).explain()
    for part in explanation.watchers {
      let own = watcher(part.name)
      for finding in part.findings {
        switch finding.kind {
        case .malformed, .rowWidth:
          remarks.append("\(part.name): \(finding.message)")
          continue
        default: break
        }
        let reason = finding.kind == .noNumber ? "it is not everywhere a number of its metric's unit" : finding.message
        let fields = (own?.fields ?? []).filter { field in
          finding.field.map { field.pattern == $0 || field.names.contains($0) } ?? (field.metric == finding.metric)
        }
        let isMended = drop(reason, of: own, fields: fields)
        if !isMended, let field = finding.field { unusable[part.name, default: [:]][field] = reason }
        problems.append(finding.line + (isMended ? "" : " (not mended)"))
      }
      for unfed in part.unfed where unusable.isEmpty {
        _ = drop(
          "no record has it where it was looked for",
          of: own,
          fields: (own?.fields ?? []).filter { $0.pattern == unfed.field },
          infos: unfed.field == nil ? own.map { [$0.infos[unfed.target]] } ?? [] : []
        )
        problems.append("watcher \(part.name): no log feeds \(unfed.metric) by \(unfed.field ?? "each record")")
      }
      for log in part.logs {
        if let failure = log.failure { problems.append("\(log.path): \(failure)") }
      }
      if part.logs.isEmpty { problems.append("watcher \(part.name) has no log") }
    }
    problems += explanation.strays.map(\.message) + explanation.troubles
    problems += explanation.metricsWithoutFeed.map { "nothing feeds \($0)" }
  }
}
