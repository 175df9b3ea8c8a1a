internal import CNumbers

/// Makes one record of fields with dotted names: finds each field's place, keeps the digest, and lets the last of equal
/// fields win. It is used again from record to record, and knows no syntax.
struct RecordBuilder {
  /// Fields beyond are checked and left alone: the record is one, its width is not what it is read for.
  static let fieldsPerRecordMax = 10_000

  /// A field, or what holds fields, on its way into the record.
  struct Position {
    /// `FieldTree.unknown` where nothing is kept of it.
    var node: Int32
    var nameHash: UInt64

    static let root = Position(node: FieldTree.root, nameHash: 0)
  }

  private(set) var fields: FieldTable
  private var tree: FieldTree
  /// Where each slot's value stood in its batch when it had one last, to find equal keys.
  private var places: [Int] = []
  private var recordCount = 0
  private var previous = FieldTree.root
  private var fieldCount = 0
  /// Values that were taken back, and stand in the batch until the record ends.
  private var deadCount = 0
  private(set) var digest: UInt64 = 0
  /// How often the tree of fields was emptied: what was known of its nodes means nothing then.
  private var treeCount = 0
  /// The key that came last in the record before, where keys go on from record to record.
  private var lastKey = FieldTree.root
  private var valuesStart = 0
  private var textStart = 0

  /// Keeps what it learned of its fields in one piece with another builder, if that learned the same.
  mutating func share(with other: RecordBuilder) -> Bool {
    fields.share(with: other.fields) && tree.share(with: other.tree)
  }

  init(fields: FieldTable) {
    self.fields = fields
    tree = FieldTree(budget: fields.budget)
  }

  /// How much it has learned of the fields: another number whenever that is more.
  var learnedCount: Int { tree.nodes.count }

  mutating func begin(in batch: borrowing RecordBatch) {
    previous = FieldTree.root
    fieldCount = 0
    deadCount = 0
    digest = 0
    valuesStart = batch.values.count
    textStart = batch.text.count
  }

  mutating func end(in batch: inout RecordBatch) {
    if deadCount > 0 { removeDead(from: &batch) }
    batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
    settle()
  }

  /// It was no record after all.
  mutating func giveUp(in batch: inout RecordBatch) {
    batch.cut(toValues: valuesStart, text: textStart)
    settle()
  }

  /// After so many records it is tried again whether there is room for fields that had none.
  private static let recordsBeforeRetry = 4_096

  @inline(__always)
  private mutating func settle() {
    recordCount &+= 1
    if tree.hasGrown || tree.hasRefused || fieldCount > Self.fieldsPerRecordMax { settleRest() }
  }

  @inline(never)
  private mutating func settleRest() {
    if fieldCount > Self.fieldsPerRecordMax { fields.tell(.recordFields) }
    let count = tree.nodes.count
    if tree.hasRefused, recordCount.isMultiple(of: Self.recordsBeforeRetry) { tree.removeAll() }
    if tree.hasGrown { tree.settle() }
    if tree.nodes.count < count { (treeCount, lastKey) = (treeCount &+ 1, FieldTree.root) }
  }
}

// MARK: - Values that come late

extension RecordBuilder {
  /// Takes what was added since out of the record's digest.
  ///
  /// - Parameter digest: as it was before.
  mutating func leaveOut(since digest: UInt64) { self.digest = digest }
}

// MARK: - Places

extension RecordBuilder {
  /// The key that came after the one before last, if it stands at `cursor`, past which it moves, with the closing quote.
  @inline(__always)
  mutating func predictedKey(in parent: Position, _ cursor: inout ByteCursor) -> Position? {
    guard fieldCount < Self.fieldsPerRecordMax else { return nil }
    guard let node = tree.predictedKey(after: previous, parent: parent.node, &cursor) else { return nil }
    previous = node
    fieldCount &+= 1
    return Position(node: node, nameHash: tree.nodes[Int(node)].nameHash)
  }

  /// The key that came after the one before last, if it is these bytes.
  @inline(__always)
  mutating func predictedKey(in parent: Position, raw: UnsafeBufferPointer<UInt8>) -> Position? {
    guard fieldCount < Self.fieldsPerRecordMax else { return nil }
    guard let node = tree.predictedKey(after: previous, parent: parent.node, raw: raw) else { return nil }
    previous = node
    fieldCount &+= 1
    return Position(node: node, nameHash: tree.nodes[Int(node)].nameHash)
  }

  /// A key by its unescaped text; `raw` is how it is written.
  @inline(never)
  mutating func key(
    _ text: UnsafeBufferPointer<UInt8>,
    raw: UnsafeBufferPointer<UInt8>,
    in parent: Position
  ) -> Position {
    var node = FieldTree.unknown
    if fieldCount < Self.fieldsPerRecordMax {
      node = tree.node(key: text, raw: raw, parent: parent.node, fields: &fields)
    }
    fieldCount &+= 1
    guard node != FieldTree.unknown else {
      // As the tree would: the digest says nothing of what else the log had.
      return Position(node: node, nameHash: FieldDigest.hash(text, seed: parent.nameHash))
    }
    met(node)
    return Position(node: node, nameHash: tree.nodes[Int(node)].nameHash)
  }

  /// An element of an array.
  @inline(__always)
  mutating func element(_ index: Int, in parent: Position) -> Position {
    var node = FieldTree.unknown
    if fieldCount < Self.fieldsPerRecordMax {
      node = tree.node(element: index, after: previous, parent: parent.node, fields: &fields)
    }
    fieldCount &+= 1
    guard node != FieldTree.unknown else {
      return Position(node: node, nameHash: FieldDigest.hash(String(index), seed: parent.nameHash))
    }
    met(node)
    return Position(node: node, nameHash: tree.nodes[Int(node)].nameHash)
  }

  private mutating func met(_ node: Int32) {
    tree.note(node, after: previous)
    previous = node
    while places.count < fields.names.count { places.append(0) }
  }
}

// MARK: - Keys of records that have a key or two each

extension RecordBuilder {
  /// A key of the record itself that nearly all records have, with the place that it had last.
  struct FixedKey {
    let name: String
    fileprivate var position = Position.root
    fileprivate var treeCount = -1

    init(_ name: String) { self.name = name }
  }

  /// The place of a key that nearly all records have. It is not among the keys of which each foretells the next one.
  @inline(__always)
  mutating func key(_ key: inout FixedKey) -> Position {
    if key.treeCount != treeCount || key.position.node == FieldTree.unknown { find(&key) }
    return key.position
  }

  @inline(never)
  private mutating func find(_ key: inout FixedKey) {
    let before = previous
    var name = key.name
    key.position = name.withUTF8 { self.key($0, raw: $0, in: .root) }
    key.treeCount = treeCount
    previous = before
  }

  /// In records that have a key or two each, the last one of a record foretells the first one of the next.
  @inline(__always)
  mutating func goOnWithKeys() { previous = lastKey }

  /// Takes note of the key that came last, for `goOnWithKeys`.
  @inline(__always)
  mutating func noteKeys() { lastKey = previous }
}

// MARK: - Values

extension RecordBuilder {
  /// Takes a number that is not written as a text.
  @inline(__always)
  mutating func takeBinary(_ number: Double, _ place: Position, into batch: inout RecordBatch) {
    var bits = number.bitPattern.littleEndian
    digest &+= withUnsafeBytes(of: &bits) { bytes in
      bytes.withMemoryRebound(to: UInt8.self) { bytes in
        bytes.baseAddress.map { FieldDigest.hash($0, count: bytes.count, seed: place.nameHash) } ?? 0
      }
    }
    guard place.node != FieldTree.unknown else { return }
    let node = tree.nodes[Int(place.node)]
    if node.use.isEmpty { return }
    var value = RecordBatch.Value(slot: UInt32(truncatingIfNeeded: node.slot), isNumber: true, number: number)
    if node.use.contains(.text) { (value.textStart, value.textLength) = batch.appendText(of: number) }
    put(value, in: &batch)
  }

  /// Takes a text as it is, which is never missing.
  mutating func takeVerbatim(
    _ place: Position,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    digest &+= FieldDigest.hash(start, count: end - start, seed: place.nameHash)
    let number = FieldNumber.parse(from: start, to: end, for: use(of: place))
    take(place, number: number, textFrom: start, to: end, isNumberText: false, into: &batch)
  }

  /// What the mapping wants of a field.
  @inline(__always)
  func use(of place: Position) -> FieldUse {
    place.node == FieldTree.unknown ? [] : tree.nodes[Int(place.node)].use
  }

  /// Takes a number as it is written.
  @inline(__always)
  mutating func takeNumber(
    _ number: Double,
    _ place: Position,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    digest &+= FieldDigest.hash(start, count: end - start, seed: place.nameHash)
    take(place, number: number, textFrom: start, to: end, isNumberText: true, into: &batch)
  }

  /// Takes a word that stands for a number and stays a text, such as `true`.
  mutating func takeWord(
    _ number: Double,
    _ place: Position,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    digest &+= FieldDigest.hash(start, count: end - start, seed: place.nameHash)
    take(place, number: number, textFrom: start, to: end, isNumberText: false, into: &batch)
  }

  /// Takes a text without blanks around it: perhaps a number, perhaps a word for what is missing.
  ///
  /// - Parameters:
  ///   - limit: how far words behind the text may belong to it as a number.
  ///   - written: where the text ends in the log, if what stands at its end does not belong to it. It is in the digest.
  @inline(__always)
  mutating func takeText(
    _ place: Position,
    from start: BytePointer,
    to end: BytePointer,
    upTo limit: BytePointer? = nil,
    writtenTo written: BytePointer? = nil,
    into batch: inout RecordBatch
  ) {
    var field = FieldRule(nameHash: place.nameHash)
    if place.node != FieldTree.unknown {
      field.slot = Int32(truncatingIfNeeded: tree.nodes[Int(place.node)].slot)
      field.use = tree.nodes[Int(place.node)].use
    }
    var ofText: UInt64 = 0
    let value = field.value(
      from: start,
      to: end,
      upTo: limit,
      forms: fields.forms(ofSlot: field.slot),
      digest: &ofText,
      text: &batch
    )
    digest &+= written.map { FieldDigest.hash(start, count: $0 - start, seed: place.nameHash) } ?? ofText
    if let value {
      put(value, in: &batch)
    } else if !field.use.isEmpty {
      takeMissing(place, in: &batch)
    }
  }

  /// Takes a text that is a list: it stays a text, and its elements are fields with dotted names.
  ///
  /// - Parameter end: where the text ends that counts in the digest. What is in the list does not count a second time.
  mutating func takeList(
    _ place: Position,
    _ list: ListText,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    digest &+= FieldDigest.hash(start, count: end - start, seed: place.nameHash)
    take(place, number: nil, textFrom: start, to: list.end, isNumberText: false, isContainer: true, into: &batch)
    let fieldCount = fieldCount
    for element in list.elements {
      let place = element.path.reduce(place) { self.element($1, in: $0) }
      takeFurther(place, from: element.start, to: element.end, into: &batch)
    }
    self.fieldCount = fieldCount
  }

  /// Takes a text of which another field has all that counts in the digest.
  mutating func takeFurther(
    _ place: Position,
    from start: BytePointer,
    to end: BytePointer,
    upTo limit: BytePointer? = nil,
    into batch: inout RecordBatch
  ) {
    let digest = digest
    takeText(place, from: start, to: end, upTo: limit, into: &batch)
    self.digest = digest
  }

  /// Takes a text that is written with escapes: its digest is that of `raw`.
  mutating func takeText(
    _ place: Position,
    _ text: [UInt8],
    raw: (start: BytePointer, end: BytePointer),
    into batch: inout RecordBatch
  ) {
    digest &+= FieldDigest.hash(raw.start, count: raw.end - raw.start, seed: place.nameHash)
    text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return takeMissing(place, in: &batch) }
      let (start, end) = ByteScan.trimmed(from: base, to: base + bytes.count)
      if NumberParser.isMissing(from: start, to: end) { return takeMissing(place, in: &batch) }
      let number = FieldNumber.parse(from: start, to: end, for: use(of: place))
      take(place, number: number, textFrom: start, to: end, isNumberText: false, into: &batch)
    }
  }

  /// A container itself is a field without a value; what is in it comes after.
  @inline(__always)
  mutating func takeContainer(_ place: Position, into batch: inout RecordBatch) {
    guard !use(of: place).isEmpty else { return }
    let slot = UInt32(truncatingIfNeeded: tree.nodes[Int(place.node)].slot)
    put(RecordBatch.Value(slot: slot, isNumber: false, isContainer: true, number: 0), in: &batch)
  }

  @inline(__always)
  private mutating func take(
    _ place: Position,
    number: Double?,
    textFrom start: BytePointer,
    to end: BytePointer,
    isNumberText: Bool,
    isContainer: Bool = false,
    into batch: inout RecordBatch
  ) {
    guard place.node != FieldTree.unknown else { return }
    let use = tree.nodes[Int(place.node)].use
    if use.isEmpty { return }
    var value = RecordBatch.Value(
      slot: UInt32(truncatingIfNeeded: tree.nodes[Int(place.node)].slot),
      isNumber: number != nil,
      isContainer: isContainer,
      number: number ?? 0
    )
    // A text that is no number is shown to whoever asks why.
    if tree.nodes[Int(place.node)].isInArray { value.isInArray = true }
    if use.contains(.text) || number == nil {
      (value.textStart, value.textLength) =
        isNumberText
        ? appendNumberText(number ?? 0, from: start, to: end, into: &batch)
        : batch.appendText(from: start, to: end)
    }
    put(value, in: &batch)
  }

  /// The last of equal fields has the last word.
  @inline(__always)
  private mutating func put(_ value: RecordBatch.Value, in batch: inout RecordBatch) {
    let slot = Int(value.slot)
    if places[slot] >= valuesStart { takeBack(slot, in: &batch) }
    places[slot] = batch.values.count
    batch.append(value)
  }

  /// A missing value takes back what an equal key before had in this record.
  @inline(never)
  mutating func takeMissing(_ place: Position, in batch: inout RecordBatch) {
    guard !use(of: place).isEmpty else { return }
    takeBack(Int(tree.nodes[Int(place.node)].slot), in: &batch)
  }

  /// Takes back the value that a slot has in this record. A slot's place may be one of an earlier batch: what stands there
  /// now tells.
  @inline(never)
  private mutating func takeBack(_ slot: Int, in batch: inout RecordBatch) {
    let before = places[slot]
    guard before >= valuesStart, before < batch.values.count,
      batch.values[before].slot == UInt32(truncatingIfNeeded: slot)
    else { return }
    batch.values[before].slot = Self.dead
    deadCount &+= 1
  }

  /// The slot of a value that was taken back; no table has so many.
  private static let dead = UInt32.max

  /// The others keep their order, which is that of their last keys.
  @inline(never)
  private mutating func removeDead(from batch: inout RecordBatch) {
    var end = valuesStart
    for index in valuesStart..<batch.values.count where batch.values[index].slot != Self.dead {
      batch.values[end] = batch.values[index]
      end += 1
    }
    batch.values.removeSubrange(end...)
  }

  /// A number's text for labels: without fraction it is an integer, otherwise it is as written.
  private func appendNumberText(
    _ number: Double,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) -> (start: UInt32, length: UInt32) {
    let digits = start.pointee == UInt8(ascii: "-") ? start + 1 : start
    let isWrittenAsInteger = (digits..<end).allSatisfy { $0.pointee &- 48 <= 9 } && number != 0
    // Above, an integer's digits are not in the number any more.
    let integersMax = 1e21
    guard !isWrittenAsInteger, number == number.rounded(), number.magnitude < integersMax else {
      return batch.appendText(from: start, to: end)
    }
    return batch.appendText(of: number)
  }
}

extension RecordBatch {
  /// The shortest text of a number: without fraction it is an integer.
  mutating func appendText(of number: Double) -> (start: UInt32, length: UInt32) {
    if number == 0 { return appendText("0") }
    if !number.isFinite { return appendText(number.isNaN ? "nan" : number < 0 ? "-inf" : "inf") }
    // As the digits of smaller ones they are no longer than this.
    let isPlain = (1e-5..<1e21).contains(number.magnitude)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      guard let base = text.baseAddress else { return (0, 0) }
      let length = cnumbers_format_double(number, isPlain ? 0 : 1, base, text.count)
      return base.withMemoryRebound(to: UInt8.self, capacity: 32) { appendText(from: $0, to: $0 + length) }
    }
  }
}
