internal import StateStore

extension FormatDescriptor {
  static let wandb = FormatDescriptor(
    name: "wandb",
    help: """
      [`.wandb` files of Weights & Biases](formats.md#weights--biases): a row of the history is a record with `_step` and \
      `_timestamp`, nested values have dotted names. Further records have fields such as `config.lr`, `summary.loss`, `system.cpu`, `run.name` and `exit.code`
      """,
    content: .frames { WandbFormat(recordBytesMax: $0.lineBytesMax, fields: $0.fields) },
    runWords: RunWords(
      time: "_timestamp",
      progress: "_step",
      finished: RunWords.Mark("exit.state", "finished"),
      failed: RunWords.Mark("exit.state", "failed")
    )
  )
}

/// Records of W&B, each a record of a log of LevelDB and a message of Protocol Buffers (wandb/proto/wandb_internal.proto).
/// Rows of the history, the summary, the configuration, readings of the machine, and what is said of the run and its end
/// are records; all else is passed by.
struct WandbFormat: RecordParser {
  private var blocks: WandbBlocks
  private var scanner: JSONRecordScanner

  init(recordBytesMax: Int, fields: FieldTable) {
    blocks = WandbBlocks(recordBytesMax: recordBytesMax)
    scanner = JSONRecordScanner(fields: fields)
  }

  var fields: FieldTable { scanner.record.fields }
  var learnedCount: Int { scanner.record.learnedCount }

  mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? Self else { return false }
    return scanner.record.share(with: other.scanner.record)
  }

  mutating func rested(on bytes: UnsafeRawBufferPointer) { blocks.isAtRest = true }

  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    var place = 0
    let base = blocks.offset
    defer {
      blocks.advance(by: place)
      blocks.isAtRest = false
    }
    while place < bytes.count, batch.records.count < batch.recordLimit {
      switch blocks.step(in: bytes, at: place, base: base, isClosed: isClosed) {
      case .record(let parts, let next):
        if !parse(parts, of: bytes, into: &batch) {
          batch.countMalformed(.isNot("a record of W&B"), at: base + place)
        }
        place = next
      case .damaged(let next):
        let isHead = base + place == 0 && bytes.count < WandbBlocks.head.count && WandbBlocks.head.starts(with: bytes)
        if base + place == 0, !isHead, let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
          batch.countMalformed(.isNot("a file of W&B"), from: start, to: start + bytes.count)
        } else {
          batch.countMalformed(isClosed && next == bytes.count ? .isHalf : .isDamaged, at: base + place)
        }
        place = next
      case .tooLong(let next):
        batch.countMalformed(.tooLong, at: base + place)
        place = next
      case .skipped(let next): place = next
      case .unfinished: return place
      }
    }
    return place
  }

  mutating func skip(_ count: Int, into batch: inout RecordBatch) {
    let place = blocks.offset
    if blocks.skip(count) { batch.countMalformed(.isDamaged, at: place) }
  }

  func encode(into encoder: inout StateEncoder) { blocks.encode(into: &encoder) }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try blocks.resume(from: &decoder)
  }
}

// MARK: - Records

extension WandbFormat {
  private enum Content {
    static let history: UInt32 = 2
    static let summary: UInt32 = 3
    static let configuration: UInt32 = 5
    static let readings: UInt32 = 7
    static let run: UInt32 = 17
    static let exit: UInt32 = 18
  }

  private mutating func parse(
    _ parts: [Range<Int>],
    of bytes: UnsafeRawBufferPointer,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    if parts.count == 1 {
      return parseRecord(ProtobufCursor(base + parts[0].lowerBound, end: base + parts[0].upperBound), into: &batch)
    }
    var gathered: [UInt8] = []
    for part in parts { gathered.append(contentsOf: bytes[part]) }
    return gathered.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return true }
      return parseRecord(ProtobufCursor(start, end: start + bytes.count), into: &batch)
    }
  }

  /// - Returns: whether the bytes are a record of W&B.
  private mutating func parseRecord(_ message: ProtobufCursor, into batch: inout RecordBatch) -> Bool {
    var message = message
    while let field = message.next() {
      guard field.form == .bytes, Self.contents.contains(field.number) else { continue }
      // A record has one of them.
      scanner.record.begin(in: batch)
      guard parseContent(field.number, field.message, into: &batch) else {
        scanner.record.giveUp(in: &batch)
        return false
      }
      scanner.record.end(in: &batch)
      return true
    }
    return !message.isBroken
  }

  private static let contents: Set<UInt32> = [
    Content.history, Content.summary, Content.configuration, Content.readings, Content.run, Content.exit,
  ]

  private mutating func parseContent(
    _ number: UInt32,
    _ message: ProtobufCursor,
    into batch: inout RecordBatch
  ) -> Bool {
    switch number {
    case Content.history: takeItems(1, of: message, in: .root, into: &batch)
    case Content.summary: takeItems(1, of: message, in: key("summary"), into: &batch)
    case Content.configuration: takeItems(1, of: message, in: key("config"), into: &batch)
    case Content.readings: takeReadings(message, into: &batch)
    case Content.run: takeRun(message, into: &batch)
    default: takeExit(message, into: &batch)
    }
  }

  private mutating func key(
    _ name: StaticString,
    in parent: RecordBuilder.Position = .root
  ) -> RecordBuilder.Position {
    key(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), in: parent)
  }

  private mutating func key(
    _ name: UnsafeBufferPointer<UInt8>,
    in parent: RecordBuilder.Position
  ) -> RecordBuilder.Position {
    scanner.record.predictedKey(in: parent, raw: name) ?? scanner.record.key(name, raw: name, in: parent)
  }

  /// Items with a key, or the parts of a nested one, and their value.
  ///
  /// - Parameter number: of the field that holds them.
  private mutating func takeItems(
    _ number: UInt32,
    of message: ProtobufCursor,
    in parent: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) -> Bool {
    var message = message
    while let field = message.next() {
      guard field.number == number, field.form == .bytes else { continue }
      guard takeItem(field.message, in: parent, into: &batch) else { return false }
    }
    return !message.isBroken
  }

  private enum Item {
    static let key: UInt32 = 1
    static let nestedKey: UInt32 = 2
    static let boolean: UInt32 = 4
    static let integer: UInt32 = 5
    static let number: UInt32 = 6
    static let text: UInt32 = 7
    static let document: UInt32 = 8
    static let json: UInt32 = 16
  }

  private mutating func takeItem(
    _ message: ProtobufCursor,
    in parent: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) -> Bool {
    var message = message
    var place = parent
    var keyCount = 0
    var isOwn = false
    var value: ProtobufCursor.Field?
    while let field = message.next() {
      switch field.number {
      case Item.key, Item.nestedKey:
        guard field.form == .bytes else { return false }
        if field.start == field.end { continue }
        // What W&B keeps there for itself.
        if keyCount == 0, field.bytes.elementsEqual("_wandb".utf8) { isOwn = true }
        if !isOwn { place = key(field.bytes, in: place) }
        keyCount += 1
      case Item.boolean...Item.document, Item.json: value = field
      default: break
      }
    }
    guard !message.isBroken else { return false }
    guard let value, !isOwn, keyCount > 0 else { return true }
    return take(value, at: place, into: &batch)
  }

  private mutating func take(
    _ value: ProtobufCursor.Field,
    at place: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) -> Bool {
    switch (value.number, value.form) {
    case (Item.boolean, .varint): take(value.bits == 0 ? "false" : "true", at: place, into: &batch)
    case (Item.integer, .varint):
      // In the form that keeps small negative numbers short.
      scanner.record.takeBinary(
        Double(Int64(bitPattern: value.bits >> 1) ^ -Int64(bitPattern: value.bits & 1)),
        place,
        into: &batch
      )
    case (Item.number, .fixed64): scanner.record.takeBinary(value.double, place, into: &batch)
    case (Item.text, .bytes): take(value.bytes, at: place, into: &batch)
    case (Item.document, .bytes), (Item.json, .bytes):
      var cursor = ByteCursor(value.start, end: value.end)
      cursor.skipBlanks()
      guard scanner.scanField(&cursor, place, into: &batch) else { return false }
      cursor.skipBlanks()
      return cursor.isAtEnd
    default: return false
    }
    return true
  }

  private mutating func take(
    _ text: UnsafeBufferPointer<UInt8>,
    at place: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) {
    guard let base = text.baseAddress, !text.isEmpty else { return }
    let (start, end) = ByteScan.trimmed(from: base, to: base + text.count)
    scanner.record.takeText(place, from: start, to: end, into: &batch)
  }

  private mutating func take(_ text: StaticString, at place: RecordBuilder.Position, into batch: inout RecordBatch) {
    take(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), at: place, into: &batch)
  }

  /// Readings of the machine that the training runs on.
  private mutating func takeReadings(_ message: ProtobufCursor, into batch: inout RecordBatch) -> Bool {
    guard takeItems(3, of: message, in: key("system"), into: &batch) else { return false }
    var message = message
    while let field = message.next() {
      guard field.number == 2, field.form == .bytes else { continue }
      guard let time = Self.seconds(field.message) else { return false }
      scanner.record.takeBinary(time, key("_timestamp"), into: &batch)
    }
    return true
  }

  private mutating func takeRun(_ message: ProtobufCursor, into batch: inout RecordBatch) -> Bool {
    var message = message
    let run = key("run")
    while let field = message.next() {
      guard field.form == .bytes else { continue }
      switch field.number {
      case 1: take(field.bytes, at: key("id", in: run), into: &batch)
      case 2: take(field.bytes, at: key("entity", in: run), into: &batch)
      case 3: take(field.bytes, at: key("project", in: run), into: &batch)
      case 4:
        guard takeItems(1, of: field.message, in: key("config"), into: &batch) else { return false }
      case 6: take(field.bytes, at: key("group", in: run), into: &batch)
      case 7: take(field.bytes, at: key("job_type", in: run), into: &batch)
      case 8: take(field.bytes, at: key("name", in: run), into: &batch)
      case 12: take(field.bytes, at: key("sweep_id", in: run), into: &batch)
      case 13: take(field.bytes, at: key("host", in: run), into: &batch)
      case 17:
        guard let time = Self.seconds(field.message) else { return false }
        scanner.record.takeBinary(time, key("start_time", in: run), into: &batch)
      default: break
      }
    }
    return !message.isBroken
  }

  private mutating func takeExit(_ message: ProtobufCursor, into batch: inout RecordBatch) -> Bool {
    var message = message
    // Zero is not written.
    var (code, runtime): (Int64, Int64) = (0, 0)
    let exit = key("exit")
    while let field = message.next() {
      guard field.form == .varint else { continue }
      if field.number == 1 { code = field.integer }
      if field.number == 2 { runtime = field.integer }
    }
    scanner.record.takeBinary(Double(runtime), key("runtime", in: exit), into: &batch)
    scanner.record.takeBinary(Double(code), key("code", in: exit), into: &batch)
    take(code == 0 ? "finished" : "failed", at: key("state", in: exit), into: &batch)
    return !message.isBroken
  }

  /// A `google.protobuf.Timestamp`, in seconds since 1970.
  private static func seconds(_ message: ProtobufCursor) -> Double? {
    var message = message
    var seconds = 0.0
    while let field = message.next() {
      guard field.form == .varint else { continue }
      if field.number == 1 { seconds += Double(field.integer) }
      if field.number == 2 { seconds += Double(field.integer) / 1e9 }
    }
    return message.isBroken ? nil : seconds
  }
}
