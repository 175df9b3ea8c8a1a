internal import StateStore

extension FormatDescriptor {
  static let tensorboard = FormatDescriptor(
    name: "tensorboard",
    help: """
      [event files of TensorBoard](formats.md#tensorboard): an event with scalars is a record, and each of their tags is a \
      field. Further fields are `step`, `wall_time`, and those of hyperparameters, such as `hparams.lr`
      """,
    content: .frames { TensorboardFormat(frameBytesMax: $0.lineBytesMax, fields: $0.fields) },
    runWords: RunWords(time: "wall_time")
  )
}

/// Events of TensorBoard, each a frame of a TFRecord file and a message of Protocol Buffers
/// (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto). An event that has a scalar is a record.
/// What else events have is passed by: graphs, pictures, histograms, texts.
struct TensorboardFormat: RecordParser {
  private var frames: TFRecordFrames
  private var record: RecordBuilder
  private var step = RecordBuilder.FixedKey("step")
  private var wallTime = RecordBuilder.FixedKey("wall_time")
  /// How many bytes of the log were consumed.
  private var offset = 0

  init(frameBytesMax: Int, fields: FieldTable) {
    frames = TFRecordFrames(dataBytesMax: frameBytesMax)
    record = RecordBuilder(fields: fields)
  }

  var fields: FieldTable { record.fields }
  var learnedCount: Int { record.learnedCount }

  mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? Self else { return false }
    return record.share(with: other.record)
  }

  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    let start = base.assumingMemoryBound(to: UInt8.self)
    var place = 0
    defer {
      offset += place
      frames.isAtRest = false
    }
    while place < bytes.count, batch.records.count < batch.recordLimit {
      switch frames.step(in: bytes, at: place, isClosed: isClosed) {
      case .frame(let data, let next):
        let isEvent = parseEvent(ProtobufCursor(start + data.lowerBound, end: start + data.upperBound), into: &batch)
        if !isEvent { batch.countMalformed(.isNot("an event of TensorBoard"), at: offset + place) }
        place = next
      case .damaged(let next):
        if offset + place == 0, frames.isLost {
          batch.countMalformed(.isNot("an event file of TensorBoard"), from: start, to: start + bytes.count)
        } else {
          batch.countMalformed(.isDamaged, at: offset + place)
        }
        place = next
      case .half(let next):
        batch.countMalformed(.isHalf, at: offset + place)
        place = next
      case .skipped(let next): place = next
      case .unfinished: return place
      }
    }
    return place
  }

  mutating func rested(on bytes: UnsafeRawBufferPointer) { frames.isAtRest = true }

  mutating func skip(_ count: Int, into batch: inout RecordBatch) {
    if frames.skip(count) { batch.countMalformed(.isDamaged, at: offset) }
    offset += count
  }

  func encode(into encoder: inout StateEncoder) {
    frames.encode(into: &encoder)
    encoder.encode(offset)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try frames.resume(from: &decoder)
    offset = try decoder.decode()
    // Nothing is larger, and sums of it are none that overflow.
    guard (0...Int.max / 2).contains(offset) else { throw StateDecoder.Failure() }
  }
}

// MARK: - Events

extension TensorboardFormat {
  private enum Event {
    static let wallTime: UInt32 = 1
    static let step: UInt32 = 2
    static let summary: UInt32 = 5
  }

  /// - Returns: whether the bytes are an event.
  private mutating func parseEvent(_ message: ProtobufCursor, into batch: inout RecordBatch) -> Bool {
    var message = message
    var wallTime: Double?
    var step: Int64 = 0
    var contents = SummaryContents()
    record.begin(in: batch)
    record.goOnWithKeys()
    while let field = message.next() {
      switch (field.number, field.form) {
      case (Event.wallTime, .fixed64): wallTime = field.double
      case (Event.step, .varint): step = field.integer
      case (Event.summary, .bytes): contents.formUnion(parseSummary(field.message, into: &batch))
      default: break
      }
    }
    if message.isBroken || contents.contains(.isBroken) {
      record.giveUp(in: &batch)
      return false
    }
    if contents.isEmpty {
      record.giveUp(in: &batch)
      return true
    }
    record.noteKeys()
    // Behind the tags: of equal names the last one counts.
    if contents.contains(.scalars) { record.takeBinary(Double(step), record.key(&self.step), into: &batch) }
    if let wallTime { record.takeBinary(wallTime, record.key(&self.wallTime), into: &batch) }
    record.end(in: &batch)
    return true
  }

  private struct SummaryContents: OptionSet {
    let rawValue: UInt8
    static let scalars = SummaryContents(rawValue: 1)
    static let hyperparameters = SummaryContents(rawValue: 2)
    static let isBroken = SummaryContents(rawValue: 4)
  }

  private mutating func parseSummary(_ message: ProtobufCursor, into batch: inout RecordBatch) -> SummaryContents {
    var message = message
    var contents = SummaryContents()
    while let field = message.next() {
      if field.number == 1, field.form == .bytes { contents.formUnion(parseValue(field.message, into: &batch)) }
    }
    if message.isBroken { contents.insert(.isBroken) }
    return contents
  }

  private enum Value {
    static let tag: UInt32 = 1
    static let simpleValue: UInt32 = 2
    static let tensor: UInt32 = 8
    static let metadata: UInt32 = 9
  }

  private mutating func parseValue(_ message: ProtobufCursor, into batch: inout RecordBatch) -> SummaryContents {
    var message = message
    var tag: ProtobufCursor.Field?
    var number: Double?
    var tensor: ProtobufCursor?
    var metadata = Metadata()
    while let field = message.next() {
      switch (field.number, field.form) {
      case (Value.tag, .bytes): tag = field
      case (Value.simpleValue, .fixed32): number = Double(field.float)
      case (Value.tensor, .bytes): tensor = field.message
      case (Value.metadata, .bytes): metadata = Metadata(field.message)
      default: break
      }
    }
    if message.isBroken || metadata.isBroken { return .isBroken }
    if let content = metadata.hyperparameters { return takeHyperparameters(content, into: &batch) }
    guard let tag, tag.start < tag.end else { return [] }
    if number == nil, let tensor, metadata.isOfScalars != false {
      number = TensorScalar.value(tensor, takesAnyShape: metadata.isOfScalars == true)
    }
    guard let number else { return [] }
    let place = record.predictedKey(in: .root, raw: tag.bytes) ?? record.key(tag.bytes, raw: tag.bytes, in: .root)
    record.takeBinary(number, place, into: &batch)
    return .scalars
  }

  /// What `SummaryMetadata` says of a value. Writers may leave it out of all but a tag's first value.
  private struct Metadata {
    /// nil: nothing says it.
    var isOfScalars: Bool?
    /// The plugin's data, if it is that of hyperparameters.
    var hyperparameters: ProtobufCursor?
    var isBroken = false

    private static let scalarClass: UInt64 = 1

    init() {}

    init(_ message: ProtobufCursor) {
      var message = message
      while let field = message.next() {
        switch (field.number, field.form) {
        case (1, .bytes): readPlugin(field.message)
        case (4, .varint) where field.bits > 0: isOfScalars = isOfScalars ?? (field.bits == Self.scalarClass)
        default: break
        }
      }
      if message.isBroken { isBroken = true }
    }

    private mutating func readPlugin(_ message: ProtobufCursor) {
      var message = message
      var name = ""
      var content: ProtobufCursor?
      while let field = message.next() {
        if field.number == 1, field.form == .bytes { name = field.text }
        if field.number == 2, field.form == .bytes { content = field.message }
      }
      if message.isBroken { isBroken = true }
      if name.isEmpty { return }
      isOfScalars = name == "scalars"
      if name == "hparams" { hyperparameters = content }
    }
  }
}

// MARK: - Hyperparameters

extension TensorboardFormat {
  /// `HParamsPluginData` (tensorboard/plugins/hparams/plugin_data.proto): a session's start has its hyperparameters, and
  /// its end says how it went.
  private mutating func takeHyperparameters(
    _ message: ProtobufCursor,
    into batch: inout RecordBatch
  ) -> SummaryContents {
    var message = message
    var contents = SummaryContents()
    while let field = message.next() {
      guard field.form == .bytes, field.number == 3 || field.number == 4 else { continue }
      var part = field.message
      while let entry = part.next() {
        switch (field.number, entry.number, entry.form) {
        case (3, 1, .bytes):
          guard takeHyperparameter(entry.message, into: &batch) else { return .isBroken }
        case (4, 1, .varint):
          take("status", text: Self.statusNames[entry.bits] ?? "unknown", into: &batch)
        default: continue
        }
        contents.insert(.hyperparameters)
      }
      if part.isBroken { return .isBroken }
    }
    return message.isBroken ? .isBroken : contents
  }

  private static let statusNames: [UInt64: String] = [1: "success", 2: "failure", 3: "running"]

  /// An entry of a map from names to `google.protobuf.Value`.
  ///
  /// - Returns: whether it is one.
  private mutating func takeHyperparameter(_ message: ProtobufCursor, into batch: inout RecordBatch) -> Bool {
    var message = message
    var name = ""
    var value: ProtobufCursor?
    while let field = message.next() {
      if field.number == 1, field.form == .bytes { name = field.text }
      if field.number == 2, field.form == .bytes { value = field.message }
    }
    guard !message.isBroken, var value else { return !message.isBroken }
    while let field = value.next() {
      switch (field.number, field.form) {
      case (2, .fixed64): record.takeBinary(field.double, key(of: name), into: &batch)
      case (3, .bytes): take(name, text: field.text, into: &batch)
      case (4, .varint): take(name, text: field.bits == 0 ? "false" : "true", into: &batch)
      default: break
      }
    }
    return !value.isBroken
  }

  private mutating func key(of name: String) -> RecordBuilder.Position {
    var name = "hparams." + name
    return name.withUTF8 { record.key($0, raw: $0, in: .root) }
  }

  private mutating func take(_ name: String, text: String, into batch: inout RecordBatch) {
    let place = key(of: name)
    var text = text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
      let (start, end) = ByteScan.trimmed(from: base, to: base + bytes.count)
      record.takeText(place, from: start, to: end, into: &batch)
    }
  }
}
