internal import Budgets
internal import Glibc

/// The keys that a log's objects have had, as a tree, each with its field and with the key that came after it last:
/// most objects have the keys of the one before, so one comparison of raw bytes settles a key. It holds no values.
///
/// It is kept for speed alone, and takes all keys of a record: one that has become too large, or for which the budget has
/// no room, is to be emptied between two records.
struct FieldTree {
  struct Node: Equatable {
    var parent: Int32
    /// The place in its array; -1 for a key.
    var element: Int32
    /// -1 where no field is kept for it.
    var slot: Int32
    /// Whether it is in an array, however deep.
    var isInArray = false
    var use: FieldUse
    /// Of the field's dotted name, in bytes.
    var nameLength: Int32
    /// The node that was met after this one last; 0 where none was.
    var next: Int32 = 0
    var nameHash: UInt64
    /// The raw key with its closing quote, in `keys`; none where the key is written with escapes.
    var keyStart: Int
    var keyLength: Int
  }

  private struct Edge: Hashable {
    var parent: Int32
    var key: String
  }

  /// The node of the record itself.
  static let root: Int32 = 0
  /// What stands for keys whose names are too long, and those beyond a record's limit.
  static let unknown: Int32 = -1
  /// Twice what a record may have, so that two kinds of the widest records may alternate.
  static let nodesMax = 2 * RecordBuilder.fieldsPerRecordMax
  /// What those take whose keys are some dozen bytes long.
  static let bytesMax = 5 << 20
  /// What a node takes in all collections beside its key, which stands in two.
  private static let bytesPerNode = 200

  private(set) var nodes = [
    Node(parent: -1, element: -1, slot: -1, use: [], nameLength: 0, nameHash: 0, keyStart: 0, keyLength: 0)
  ]
  private var keys: [UInt8] = []
  /// Each node's own key, unescaped.
  private var texts = [""]
  private var edges: [Edge: Int32] = [:]
  /// What the nodes take.
  private var bytes = 0
  /// How much of it the share holds; here, where it is asked for each record.
  private var settledBytes = 0
  private var share: CopiedShare
  /// Whether a key was met whose field has no place.
  private(set) var hasRefused = false

  init(budget: MemoryBudget) {
    share = CopiedShare(of: budget)
  }

  /// Whether keys were met since `settle` was called last.
  @inline(__always)
  var hasGrown: Bool { bytes != settledBytes }

  /// Settles with the budget what was met since it last did. Where there is no room for it all is forgotten. For the time
  /// between two records: nodes are not what they were.
  mutating func settle() {
    guard nodes.count <= Self.nodesMax, bytes <= Self.bytesMax, share.grow(by: bytes - settledBytes) else {
      return removeAll()
    }
    settledBytes = bytes
  }

  mutating func removeAll() {
    self = FieldTree(budget: share.budget)
  }

  /// The node met after `previous` last, if it is the key of `parent` that begins at `cursor`, past which it moves, with
  /// the closing quote.
  @inline(__always)
  func predictedKey(after previous: Int32, parent: Int32, _ cursor: inout ByteCursor) -> Int32? {
    let predicted = nodes[Int(previous)].next
    let node = nodes[Int(predicted)]
    guard node.parent == parent, node.keyLength > 0, node.keyLength <= cursor.end - cursor.at else { return nil }
    let isSame = keys.withUnsafeBufferPointer { keys in
      guard let base = keys.baseAddress else { return false }
      return memcmp(base + node.keyStart, cursor.at, node.keyLength) == 0
    }
    guard isSame else { return nil }
    cursor.at += node.keyLength
    return predicted
  }

  /// The node met after `previous` last, if it is the key of `parent` that is written so.
  @inline(__always)
  func predictedKey(after previous: Int32, parent: Int32, raw: UnsafeBufferPointer<UInt8>) -> Int32? {
    let predicted = nodes[Int(previous)].next
    let node = nodes[Int(predicted)]
    guard node.parent == parent, node.keyLength == raw.count + 1, let written = raw.baseAddress else { return nil }
    let isSame = keys.withUnsafeBufferPointer { keys in
      guard let base = keys.baseAddress else { return false }
      return memcmp(base + node.keyStart, written, raw.count) == 0
    }
    return isSame ? predicted : nil
  }

  /// Keeps the keys in one piece with another tree, if they are the same.
  mutating func share(with other: FieldTree) -> Bool {
    // The edges follow from the nodes and their texts.
    guard nodes == other.nodes, texts == other.texts, keys == other.keys else { return false }
    self = other
    return true
  }

  @inline(__always)
  mutating func note(_ node: Int32, after previous: Int32) {
    if nodes[Int(previous)].next != node { nodes[Int(previous)].next = node }
  }

  /// The node of a key by its unescaped text; `raw` is how it is written.
  mutating func node(
    key: UnsafeBufferPointer<UInt8>,
    raw: UnsafeBufferPointer<UInt8>,
    parent: Int32,
    fields: inout FieldTable
  ) -> Int32 {
    guard parent != Self.unknown, key.count <= FieldTable.nameBytesMax else { return Self.unknown }
    let node = node(Edge(parent: parent, key: String(decoding: key, as: UTF8.self)), element: -1, fields: &fields)
    if node != Self.unknown, nodes[Int(node)].keyLength == 0, key.count == raw.count {
      nodes[Int(node)].keyStart = keys.count
      nodes[Int(node)].keyLength = raw.count + 1
      keys.append(contentsOf: raw)
      keys.append(UInt8(ascii: "\""))
    }
    return node
  }

  /// The node of an array's element.
  mutating func node(element: Int, after previous: Int32, parent: Int32, fields: inout FieldTable) -> Int32 {
    guard parent != Self.unknown, let element = Int32(exactly: element) else { return Self.unknown }
    let predicted = nodes[Int(previous)].next
    if nodes[Int(predicted)].parent == parent, nodes[Int(predicted)].element == element { return predicted }
    return node(Edge(parent: parent, key: String(element)), element: element, fields: &fields)
  }

  private mutating func node(_ edge: Edge, element: Int32, fields: inout FieldTable) -> Int32 {
    if let node = edges[edge] {
      if element >= 0 { nodes[Int(node)].element = element }
      return node
    }
    let parent = nodes[Int(edge.parent)]
    let nameLength = Int(parent.nameLength) + (edge.parent == Self.root ? 0 : 1) + edge.key.utf8.count
    guard nameLength <= FieldTable.nameBytesMax else { return Self.unknown }
    var slot = -1
    switch fields.place(of: name(of: edge)) {
    case .slot(let place): slot = place
    case .unwanted: break
    case .refused: hasRefused = true
    }
    let node = Int32(nodes.count)
    edges[edge] = node
    texts.append(edge.key)
    nodes.append(
      Node(
        parent: edge.parent,
        element: element,
        slot: Int32(slot),
        isInArray: element >= 0 || parent.isInArray,
        use: slot < 0 ? [] : fields.uses[slot],
        nameLength: Int32(nameLength),
        nameHash: FieldDigest.hash(edge.key, seed: parent.nameHash),
        keyStart: 0,
        keyLength: 0
      )
    )
    bytes += Self.bytesPerNode + 2 * edge.key.utf8.count
    return node
  }

  /// The dotted name of the field that an edge leads to.
  private func name(of edge: Edge) -> String {
    guard edge.parent != Self.root else { return edge.key }
    var keys = [edge.key]
    var node = edge.parent
    while node != Self.root {
      keys.append(texts[Int(node)])
      node = nodes[Int(node)].parent
    }
    return keys.reversed().joined(separator: ".")
  }
}
