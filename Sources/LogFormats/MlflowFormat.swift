internal import Diagnostics
internal import StateStore
internal import YAMLSyntax

extension FormatDescriptor {
  static let mlflow = FormatDescriptor(
    name: "mlflow",
    help: """
      [the files of an MLflow run](formats.md#mlflow), told by their folders: a line of `metrics/KEY` is a record with the fields `KEY`, `step` \
      and `timestamp`; each file of `params` is one with `param.name` and `param.value`, each of `tags` one with \
      `tag.name` and `tag.value`; `meta.yaml` is one with its keys, such as `run_name` and `status`
      """,
    content: .lines(sayWhenWhole: false) { TextOnly(MlflowFormat($0)) },
    isMadeOfFiles: true,
    runWords: RunWords(
      time: "timestamp",
      progress: "step",
      finished: RunWords.Mark("status", "FINISHED"),
      failed: RunWords.Mark("status", "FAILED", "KILLED")
    )
  )
}

/// A file of a run in MLflow's file store (mlflow/store/tracking/file_store.py). Lines are appended to those of `metrics`;
/// all others are written as a whole, without anything that tells their end: they are read when they have rested.
struct MlflowFormat: LineFormat {
  /// What a file holds, by its path.
  private enum Content: Equatable {
    case metric(key: String)
    case parameter(name: String)
    case tag(name: String)
    case run
    case other
  }

  var lines: LineCutter
  private let content: Content
  private let lineBytesMax: Int
  private var record: RecordBuilder
  private var step = RecordBuilder.FixedKey("step")
  private var timestamp = RecordBuilder.FixedKey("timestamp")
  private var metric = RecordBuilder.FixedKey("")
  /// Whether what is there has rested, so that it is the whole file.
  private var isAtRest = false
  /// The file as it was when it had rested: it is written anew as a whole, also where it only seems to grow. Longer ones
  /// are not kept.
  private var text: [UInt8] = []
  private static let textBytesMax = 16 << 10

  init(_ site: LogSite) {
    content = Self.content(of: site.path)
    lineBytesMax = site.lineBytesMax
    lines = LineCutter(lineBytesMax: site.lineBytesMax)
    record = RecordBuilder(fields: site.fields)
    if case .metric(let key) = content { metric = RecordBuilder.FixedKey(key) }
  }

  var fields: FieldTable { record.fields }
  var learnedCount: Int { record.learnedCount }

  mutating func share(withSame other: MlflowFormat) -> Bool {
    content == other.content && record.share(with: other.record)
  }

  /// The deepest folder with a name of MLflow's decides: keys may have slashes, and a run may lie anywhere.
  private static func content(of path: String) -> Content {
    let names = path.split(separator: "/").map(String.init)
    if names.last == "meta.yaml" { return .run }
    for (place, name) in names.enumerated().dropLast() where place > 0 && isRun(names[place - 1]) {
      let key = names[(place + 1)...].joined(separator: "/")
      switch name {
      case "metrics": return .metric(key: key)
      case "params": return .parameter(name: key)
      case "tags": return .tag(name: key)
      default: break
      }
    }
    return .other
  }

  /// Whether a folder's name is a run's: 32 hexadecimal digits.
  private static func isRun(_ name: String) -> Bool {
    name.utf8.count == 32 && name.allSatisfy { $0.isHexDigit && $0.isASCII }
  }

  mutating func rested(on bytes: UnsafeRawBufferPointer) { isAtRest = true }

  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    defer { isAtRest = false }
    if case .metric = content { return parseLines(bytes, isClosed: isClosed, into: &batch) }
    guard !lines.isInsideLongLine, let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return bytes.count
    }
    let end = base + bytes.count
    if bytes.count > lineBytesMax || content == .other {
      // What is left of it is passed by.
      lines.isInsideLongLine = true
      batch.countMalformed(content == .other ? .isNot("a file of an MLflow run") : .tooLong, from: base, to: end)
      return bytes.count
    }
    guard isClosed || isAtRest else { return 0 }
    let whole = text + bytes
    whole.withUnsafeBytes { takeWhole($0, into: &batch) }
    text = whole.count > Self.textBytesMax ? [] : whole
    return bytes.count
  }

  private mutating func takeWhole(_ bytes: UnsafeRawBufferPointer, into batch: inout RecordBatch) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let end = base + bytes.count
    switch content {
    case .parameter(let name): take("param", name, from: base, to: end, into: &batch)
    case .tag(let name): take("tag", name, from: base, to: end, into: &batch)
    default:
      if !takeRun(bytes, into: &batch) { batch.countMalformed(.isNotWhole("yaml"), from: base, to: end) }
    }
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(lines.isInsideLongLine)
    encoder.encode(lines.lineEnd)
    encoder.encode(text)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    lines.isInsideLongLine = try decoder.decode()
    lines.lineEnd = try decoder.lineEnd()
    text = try decoder.byteArray()
  }

  /// A line of a metric: a time in milliseconds since 1970, a value, a step, and perhaps a dataset.
  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    var cursor = ByteCursor(start, end: end)
    guard let time = Self.word(&cursor) else { return }
    guard let value = Self.word(&cursor), Self.number(of: time) != nil, Self.number(of: value) != nil else {
      return batch.countMalformed(.isNot("a line of a metric"), from: start, to: end)
    }
    let step = Self.word(&cursor)
    if let step, Self.number(of: step) == nil {
      return batch.countMalformed(.isNot("a line of a metric"), from: start, to: end)
    }
    record.begin(in: batch)
    record.takeText(record.key(&metric), from: value.start, to: value.end, into: &batch)
    if let step {
      record.takeText(record.key(&self.step), from: step.start, to: step.end, into: &batch)
    } else {
      record.takeBinary(0, record.key(&self.step), into: &batch)
    }
    record.takeText(record.key(&timestamp), from: time.start, to: time.end, into: &batch)
    record.end(in: &batch)
  }

  private static func word(_ cursor: inout ByteCursor) -> (start: BytePointer, end: BytePointer)? {
    cursor.skipBlanks()
    if cursor.isAtEnd { return nil }
    let start = cursor.at
    cursor.skip { $0 > 0x20 }
    return (start, cursor.at)
  }

  private static func number(of word: (start: BytePointer, end: BytePointer)) -> Double? {
    NumberParser.parse(from: word.start, to: word.end)
  }

  /// A parameter or a tag, whose text is what it is: `None` is a value like others.
  private mutating func take(
    _ kind: String,
    _ name: String,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    let (start, end) = ByteScan.trimmedOfLines(from: start, to: end)
    record.begin(in: batch)
    take(kind + ".name", name, into: &batch)
    for key in [kind + ".value", kind + "s." + name] {
      record.takeVerbatim(self.key(key), from: start, to: end, into: &batch)
    }
    record.end(in: &batch)
  }

  private mutating func key(_ name: String) -> RecordBuilder.Position {
    var name = name
    return name.withUTF8 { record.key($0, raw: $0, in: .root) }
  }

  private mutating func take(_ field: String, _ text: String, into batch: inout RecordBatch) {
    let place = key(field)
    var text = text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
      record.takeVerbatim(place, from: base, to: base + bytes.count, into: &batch)
    }
  }

  /// What `meta.yaml` says of a run, with its status as a word.
  private mutating func takeRun(_ bytes: UnsafeRawBufferPointer, into batch: inout RecordBatch) -> Bool {
    let document = YAMLDocument.parse(SourceFile(path: "", bytes: Array(bytes)))
    guard case .mapping(let mapping)? = document.root?.content else { return false }
    record.begin(in: batch)
    for entry in mapping.entries {
      guard case .scalar(let scalar) = entry.value.content, !scalar.isNull, !scalar.text.isEmpty else { continue }
      let status = entry.key.text == "status" ? Self.statusNames[scalar.text] : nil
      take(entry.key.text, status ?? scalar.text, into: &batch)
    }
    record.end(in: &batch)
    return true
  }

  /// Of `RunStatus` (mlflow/protos/service.proto).
  private static let statusNames = ["1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"]
}
