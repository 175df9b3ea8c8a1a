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
  private(set) var tree: FieldTree
  /// Where each slot's value stood in its batch when it had one last, to find equal keys.
  var places: [Int] = []
  private var recordCount = 0
  private var previous = FieldTree.root
  var fieldCount = 0
  /// Values that were taken back, and stand in the batch until the record ends.
  var deadCount = 0
  var digest: UInt64 = 0
  /// How often the tree of fields was emptied: what was known of its nodes means nothing then.
  private var treeCount = 0
  /// The key that came last in the record before, where keys go on from record to record.
  private var lastKey = FieldTree.root
  private(set) var valuesStart = 0
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

  /// The keys of the record that was read last are met once more.
  mutating func beginAgain() {
    previous = FieldTree.root
    fieldCount = 0
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

extension RecordBuilder {
  /// Takes what was added since out of the record's digest: its values come late.
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
