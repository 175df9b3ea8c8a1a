package import LogFormats

/// Logs of one kind: of one tool, in one format, with like fields and like paths.
package struct LogGroup: Sendable {
  package var files: [LogSurvey.File]
  /// How many of its last files lie in folders below that of another one, with which they are one run.
  private var countBelow = 0
  package var format: LogFormat
  package var survey: RecordSurvey
  package var beside: RecordSurvey?
  package var isConsole: Bool
  package var isSettings: Bool
  package var recognizer: Recognizer?

  private init(_ file: LogSurvey.File, _ reading: ProbedLog, _ recognizer: Recognizer?) {
    files = [file]
    format = reading.format
    survey = reading.survey
    beside = reading.beside
    isConsole = reading.isConsole
    isSettings = reading.isSettings
    self.recognizer = recognizer
  }

  /// What the path of its logs is, level by level.
  package var shape: PathShape {
    if format.name == "mlflow" {
      let runs = Set(files.compactMap { MlflowPlace($0.segments)?.run })
      var shape = PathShape(
        runs.map { $0 + ["meta.yaml"] },
        rootDepth: files.map(\.rootDepth).min() ?? 0,
        folders: recognizer?.folders ?? []
      )
      let hasParams = files.contains { MlflowPlace($0.segments)?.part == "params" }
      shape.add(endings: [["metrics", "**"]] + (hasParams ? [["params", "**"]] : []))
      return shape
    }
    var shape = PathShape(
      files.dropLast(countBelow).map(\.segments),
      rootDepth: files.map(\.rootDepth).min() ?? 0,
      folders: recognizer?.folders(of: files.map(\.segments)) ?? [],
      file: recognizer?.file
    )
    if recognizer?.endsBesideCheckpoints ?? false { shape.addEndOfCheckpoints() }
    // A writer of TensorBoard may put more into folders below a run's tomorrow.
    if countBelow > 0 || format.name == "tensorboard" && shape.endsInRun { shape.addFoldersBelow() }
    return shape
  }

  /// How many of its fields are called as those of trainings are.
  var score: Int {
    recognizer == nil ? survey.numeric.count { FieldWords.isOfTraining($0.name) } : survey.numeric.count + 1
  }

  /// The tags under which `add_hparams` of TensorBoard writes final scores beside the settings, once for each call and at
  /// step 0.
  var scoresOfSettings: [String] {
    guard format.name == "tensorboard", survey.fields.contains(where: { $0.name.hasPrefix("hparams.") }) else {
      return []
    }
    return survey.fields.filter { field in
      field.isNumeric && field.count <= files.count && ["hparam/", "hp/"].contains { field.name.hasPrefix($0) }
    }.map(\.name)
  }

  /// Puts logs together that are alike.
  package static func group(_ logs: [(file: LogSurvey.File, reading: ProbedLog)]) -> [LogGroup] {
    var groups: [LogGroup] = []
    var places: [String: [Int]] = [:]
    let (own, below) = parted(logs)
    for (file, reading) in own {
      let evidence = Recognizer.Evidence(
        format: reading.format.name,
        file: file.name,
        folders: file.segments.dropLast(),
        fields: Set(reading.survey.fields.map(\.name)),
        beside: Set(reading.beside?.fields.map(\.name) ?? [])
      )
      let recognizer = Recognizers.recognize(evidence)
      let key = self.key(file, reading, recognizer)
      if let place = places[key, default: []].first(where: { groups[$0].isLike(reading, recognizer) }) {
        groups[place].add(file, reading)
      } else {
        places[key, default: []].append(groups.count)
        groups.append(LogGroup(file, reading, recognizer))
      }
    }
    for (file, reading, folder) in below {
      let place = groups.firstIndex { group in
        group.format.name == reading.format.name && group.files.contains { $0.segments.dropLast() == folder }
      }
      guard let place else { continue }
      groups[place].add(file, reading)
      groups[place].countBelow += 1
    }
    return groups
  }

  private typealias Log = (file: LogSurvey.File, reading: ProbedLog)

  /// Writers of TensorBoard put some scalars of a run into folders below its own, such as those of `add_hparams` and
  /// `add_scalars`.
  ///
  /// - Returns: logs in folders of their own, and those in folders below such a one.
  private static func parted(_ logs: [Log]) -> (own: [Log], below: [(LogSurvey.File, ProbedLog, ArraySlice<String>)]) {
    let folders = Set(logs.filter { $0.reading.format.name == "tensorboard" }.map { $0.file.segments.dropLast() })
    var own: [Log] = []
    var below: [(LogSurvey.File, ProbedLog, ArraySlice<String>)] = []
    for (file, reading) in logs {
      let folder = file.segments.dropLast()
      let above = folder.indices.dropFirst().map { folder[..<$0] }.first(where: folders.contains)
      if reading.format.name == "tensorboard", let above {
        below.append((file, reading, above))
      } else {
        own.append((file, reading))
      }
    }
    return (own, below)
  }

  /// What is equal for all logs of a kind.
  private static func key(_ file: LogSurvey.File, _ reading: ProbedLog, _ recognizer: Recognizer?) -> String {
    if reading.format.name == "mlflow" {
      return "mlflow\n\(MlflowPlace(file.segments)?.run.count ?? 0)"
    }
    let depth = file.segments.count { !PathShape.isCheckpoint($0) || $0 == file.segments.last }
    var options = ""
    for (key, option) in reading.format.options.sorted(by: { $0.key < $1.key }) {
      if case .lines = option { continue }
      options += "\(key)=\(option);"
    }
    var name = ""
    for character in file.name {
      if !character.isNumber { name.append(character) } else if name.last != "#" { name.append("#") }
    }
    // Files side by side whose names differ are logs of one kind where their fields are.
    if recognizer?.file != nil { name = recognizer?.file ?? name }
    let isAmongMany = recognizer == nil && file.segments.count > 1
    let ending = file.name.split(separator: ".").last.map(String.init) ?? ""
    return [
      reading.format.name, options, recognizer?.name ?? "", "\(depth)", isAmongMany ? ending : name,
      reading.isSettings ? name : "",
    ]
    .joined(separator: "\n")
  }

  private func isLike(_ reading: ProbedLog, _ recognizer: Recognizer?) -> Bool {
    if recognizer != nil { return true }
    let (own, other) = (Set(survey.fields.map(\.name)), Set(reading.survey.fields.map(\.name)))
    let common = own.intersection(other).count
    return common * 2 >= min(own.count, other.count) && common * 4 >= max(own.count, other.count)
  }

  private mutating func add(_ file: LogSurvey.File, _ reading: ProbedLog) {
    files.append(file)
    survey.merge(reading.survey)
    if let other = reading.beside { beside?.merge(other) }
    guard case .lines(let own)? = format.options["lines"], case .lines(let other)? = reading.format.options["lines"]
    else { return }
    let all = own + other.filter { !own.contains($0) }
    let sorted = all.sorted {
      ($0.line.captureNames.count, $0.line.source.count) > ($1.line.captureNames.count, $1.line.source.count)
    }
    format.options["lines"] = .lines(sorted)
  }
}
