internal import CNumbers
internal import Glibc

/// Turns one JSON object into a record, in one pass over its bytes: nested objects and arrays become dotted fields, the
/// last of equal keys wins. It builds no tree of values, and it checks the syntax also of what nobody wants.
struct JSONRecordScanner {
  /// Deeper than any log; the scanner recurses.
  static let depthMax = 64
  /// Fields beyond are checked and left alone: the record is one, its width is not what it is read for.
  static let fieldsPerRecordMax = 10_000

  var fields: FieldTable
  private var tree = JSONFieldTree()
  /// The record in which each slot had a value last, to find equal keys.
  private var lastRecords: [UInt64] = []
  private var recordNumber: UInt64 = 0
  private var previous = JSONFieldTree.root
  private var fieldCount = 0
  private var digest: UInt64 = 0
  private var valuesStart = 0
  private var scratch: [UInt8] = []

  init(fields: FieldTable) {
    self.fields = fields
  }

  mutating func share(with other: JSONRecordScanner) -> Bool {
    fields.share(with: other.fields) && tree.share(with: other.tree)
  }

  /// Scans the object that begins at `cursor` into a record of `batch` and moves past it. False: it is none, and the
  /// batch is as before.
  mutating func scanRecord(_ cursor: inout BytePointer, end: BytePointer, into batch: inout RecordBatch) -> Bool {
    guard cursor < end, cursor.pointee == UInt8(ascii: "{") else { return false }
    recordNumber &+= 1
    previous = JSONFieldTree.root
    fieldCount = 0
    digest = 0
    valuesStart = batch.values.count
    let textStart = batch.text.count
    cursor += 1
    guard scanMembers(&cursor, end: end, parent: JSONFieldTree.root, seed: 0, depth: 1, into: &batch) else {
      batch.cut(toValues: valuesStart, text: textStart)
      return false
    }
    batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
    return true
  }

  @inline(__always)
  static func skipBlanks(_ cursor: inout BytePointer, end: BytePointer) {
    while cursor < end, cursor.pointee <= 0x20 {
      switch cursor.pointee {
      case 0x20, 0x09, 0x0A, 0x0D: cursor += 1
      default: return
      }
    }
  }

  private mutating func scanMembers(
    _ cursor: inout BytePointer,
    end: BytePointer,
    parent: Int32,
    seed: UInt64,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    Self.skipBlanks(&cursor, end: end)
    guard cursor < end else { return false }
    if cursor.pointee == UInt8(ascii: "}") {
      cursor += 1
      return true
    }
    while true {
      guard cursor < end, cursor.pointee == UInt8(ascii: "\"") else { return false }
      cursor += 1
      let node: Int32
      let nameHash: UInt64
      if let predicted = tree.predictedKey(after: previous, parent: parent, &cursor, end: end) {
        node = predicted
        nameHash = tree.nodes[Int(node)].nameHash
        previous = node
      } else {
        guard let key = scanKey(&cursor, end: end, parent: parent, seed: seed) else { return false }
        (node, nameHash) = key
      }
      fieldCount &+= 1
      Self.skipBlanks(&cursor, end: end)
      guard cursor < end, cursor.pointee == UInt8(ascii: ":") else { return false }
      cursor += 1
      Self.skipBlanks(&cursor, end: end)
      guard scanValue(&cursor, end: end, node: node, nameHash: nameHash, depth: depth, into: &batch) else {
        return false
      }
      Self.skipBlanks(&cursor, end: end)
      guard cursor < end else { return false }
      let byte = cursor.pointee
      cursor += 1
      if byte == UInt8(ascii: "}") { return true }
      guard byte == UInt8(ascii: ",") else { return false }
      Self.skipBlanks(&cursor, end: end)
    }
  }

  /// A key that the tree did not predict, with `cursor` behind its opening quote.
  @inline(never)
  private mutating func scanKey(
    _ cursor: inout BytePointer,
    end: BytePointer,
    parent: Int32,
    seed: UInt64
  ) -> (node: Int32, nameHash: UInt64)? {
    let start = cursor
    guard let (quote, hasEscapes) = JSONString.end(from: start, to: end) else { return nil }
    cursor = quote + 1
    let raw = UnsafeBufferPointer(start: start, count: quote - start)
    var node = JSONFieldTree.unknown
    if hasEscapes {
      scratch.removeAll(keepingCapacity: true)
      guard JSONString.unescape(from: start, to: quote, into: &scratch) else { return nil }
    }
    if fieldCount < Self.fieldsPerRecordMax {
      if hasEscapes {
        node = scratch.withUnsafeBufferPointer { tree.node(key: $0, raw: raw, parent: parent, fields: &fields) }
      } else {
        node = tree.node(key: raw, raw: raw, parent: parent, fields: &fields)
      }
    }
    guard node != JSONFieldTree.unknown else {
      return (node, FieldDigest.hash(start, count: raw.count, seed: seed))
    }
    met(node)
    return (node, tree.nodes[Int(node)].nameHash)
  }

  private mutating func met(_ node: Int32) {
    tree.note(node, after: previous)
    previous = node
    while lastRecords.count < fields.names.count { lastRecords.append(0) }
  }

  private mutating func scanElements(
    _ cursor: inout BytePointer,
    end: BytePointer,
    parent: Int32,
    seed: UInt64,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    Self.skipBlanks(&cursor, end: end)
    guard cursor < end else { return false }
    if cursor.pointee == UInt8(ascii: "]") {
      cursor += 1
      return true
    }
    var index = 0
    while true {
      var node = JSONFieldTree.unknown
      if fieldCount < Self.fieldsPerRecordMax {
        node = tree.node(element: index, after: previous, parent: parent, fields: &fields)
      }
      if node != JSONFieldTree.unknown { met(node) }
      let nameHash =
        node == JSONFieldTree.unknown
        ? withUnsafeBytes(of: UInt64(index).littleEndian) { bytes in
          bytes.baseAddress.map { FieldDigest.hash($0.assumingMemoryBound(to: UInt8.self), count: 8, seed: seed) } ?? 0
        } : tree.nodes[Int(node)].nameHash
      fieldCount &+= 1
      guard scanValue(&cursor, end: end, node: node, nameHash: nameHash, depth: depth, into: &batch) else {
        return false
      }
      Self.skipBlanks(&cursor, end: end)
      guard cursor < end else { return false }
      let byte = cursor.pointee
      cursor += 1
      if byte == UInt8(ascii: "]") { return true }
      guard byte == UInt8(ascii: ",") else { return false }
      Self.skipBlanks(&cursor, end: end)
      index += 1
    }
  }

  @inline(__always)
  private mutating func scanValue(
    _ cursor: inout BytePointer,
    end: BytePointer,
    node: Int32,
    nameHash: UInt64,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    let start = cursor
    if Self.beginsLikeNumber(start, end), let number = NumberParser.scanExact(&cursor, end: end) {
      digest &+= FieldDigest.hash(start, count: cursor - start, seed: nameHash)
      take(node, number: number, textFrom: start, to: cursor, isJSONNumber: true, into: &batch)
      return true
    }
    cursor = start
    return scanRest(&cursor, end: end, node: node, nameHash: nameHash, depth: depth, into: &batch)
  }

  /// A value that is no short number.
  @inline(never)
  private mutating func scanRest(
    _ cursor: inout BytePointer,
    end: BytePointer,
    node: Int32,
    nameHash: UInt64,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    guard cursor < end else { return false }
    let start = cursor
    switch cursor.pointee {
    case UInt8(ascii: "\""):
      return scanString(&cursor, end: end, node: node, nameHash: nameHash, into: &batch)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < Self.depthMax else { return false }
      // The container itself is a field without a value; what is in it comes after.
      take(node, number: nil, textFrom: start, to: start, isJSONNumber: false, into: &batch)
      let isObject = cursor.pointee == UInt8(ascii: "{")
      cursor += 1
      return isObject
        ? scanMembers(&cursor, end: end, parent: node, seed: nameHash, depth: depth + 1, into: &batch)
        : scanElements(&cursor, end: end, parent: node, seed: nameHash, depth: depth + 1, into: &batch)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      while cursor < end, Self.isWordByte(cursor.pointee) { cursor += 1 }
      return scanWord(from: start, to: cursor, node: node, nameHash: nameHash, into: &batch)
    default:
      return false
    }
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// A long number or one of JSON's words.
  private mutating func scanWord(
    from start: BytePointer,
    to end: BytePointer,
    node: Int32,
    nameHash: UInt64,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let word = Self.word(from: start, to: end) else { return false }
    let number: Double
    let isJSONNumber: Bool
    switch word {
    case .null:
      forget(node, in: &batch)
      return true
    case .number(let value): (number, isJSONNumber) = (value, true)
    case .named(let value): (number, isJSONNumber) = (value, false)
    }
    digest &+= FieldDigest.hash(start, count: end - start, seed: nameHash)
    take(node, number: number, textFrom: start, to: end, isJSONNumber: isJSONNumber, into: &batch)
    return true
  }

  enum Word {
    case null
    case number(Double)
    /// `true`, `false`, `NaN`, `Infinity`, `-Infinity`: a number whose text stays.
    case named(Double)
  }

  /// What a run of word bytes stands for; nil where JSON has no such word.
  static func word(from start: BytePointer, to end: BytePointer) -> Word? {
    if isWord(start, end, "null") { return .null }
    if isWord(start, end, "true") { return .named(1) }
    if isWord(start, end, "false") { return .named(0) }
    if isWord(start, end, "NaN") { return .named(.nan) }
    if isWord(start, end, "Infinity") { return .named(.infinity) }
    if isWord(start, end, "-Infinity") { return .named(-.infinity) }
    guard beginsLikeNumber(start, end) else { return nil }
    return NumberParser.parse(from: start, to: end).map { .number($0) }
  }

  private static func isWord(_ start: BytePointer, _ end: BytePointer, _ word: StaticString) -> Bool {
    end - start == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, word.utf8CodeUnitCount) == 0
  }

  @inline(__always)
  private static func beginsLikeNumber(_ start: BytePointer, _ end: BytePointer) -> Bool {
    guard start < end else { return false }
    let digit = start.pointee == UInt8(ascii: "-") ? start + 1 : start
    return digit < end && digit.pointee &- 48 <= 9
  }

  private mutating func scanString(
    _ cursor: inout BytePointer,
    end: BytePointer,
    node: Int32,
    nameHash: UInt64,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let (quote, hasEscapes) = JSONString.end(from: cursor + 1, to: end) else { return false }
    let raw = ByteScan.trimmed(from: cursor + 1, to: quote)
    cursor = quote + 1
    if NumberParser.isMissing(from: raw.start, to: raw.end) {
      forget(node, in: &batch)
      return true
    }
    digest &+= FieldDigest.hash(raw.start, count: raw.end - raw.start, seed: nameHash)
    guard hasEscapes else {
      if isWanted(node) {
        let number = NumberParser.parse(from: raw.start, to: raw.end)
        take(node, number: number, textFrom: raw.start, to: raw.end, isJSONNumber: false, into: &batch)
      }
      return true
    }
    var text = scratch
    scratch = []
    defer { scratch = text }
    text.removeAll(keepingCapacity: true)
    guard JSONString.unescape(from: raw.start, to: raw.end, into: &text) else { return false }
    text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      let (start, end) = ByteScan.trimmed(from: base, to: base + bytes.count)
      if NumberParser.isMissing(from: start, to: end) {
        forget(node, in: &batch)
      } else {
        let number = NumberParser.parse(from: start, to: end)
        take(node, number: number, textFrom: start, to: end, isJSONNumber: false, into: &batch)
      }
    }
    return true
  }
}

// MARK: - Values

extension JSONRecordScanner {
  @inline(__always)
  private func isWanted(_ node: Int32) -> Bool {
    node != JSONFieldTree.unknown && !tree.nodes[Int(node)].use.isEmpty
  }

  @inline(__always)
  private mutating func take(
    _ node: Int32,
    number: Double?,
    textFrom start: BytePointer,
    to end: BytePointer,
    isJSONNumber: Bool,
    into batch: inout RecordBatch
  ) {
    guard node != JSONFieldTree.unknown else { return }
    let use = tree.nodes[Int(node)].use
    if use.isEmpty { return }
    let slot = Int(tree.nodes[Int(node)].slot)
    if lastRecords[slot] == recordNumber { forget(node, in: &batch) }
    lastRecords[slot] = recordNumber
    var value = RecordBatch.Value(
      slot: UInt32(truncatingIfNeeded: slot),
      isNumber: number != nil,
      number: number ?? 0
    )
    if use.contains(.text) {
      (value.textStart, value.textLength) =
        isJSONNumber
        ? appendNumberText(number ?? 0, from: start, to: end, into: &batch)
        : batch.appendText(from: start, to: end)
    }
    batch.values.append(value)
  }

  /// Takes back what an equal key before had in this record.
  @inline(never)
  private mutating func forget(_ node: Int32, in batch: inout RecordBatch) {
    guard isWanted(node) else { return }
    let slot = tree.nodes[Int(node)].slot
    guard lastRecords[Int(slot)] == recordNumber else { return }
    var index = batch.values.count
    while index > valuesStart {
      index -= 1
      if batch.values[index].slot == UInt32(slot) {
        batch.values.remove(at: index)
        return
      }
    }
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
    if number == 0 { return batch.appendText("0") }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      guard let base = text.baseAddress else { return (0, 0) }
      let length = cnumbers_format_double(number, 0, base, text.count)
      return base.withMemoryRebound(to: UInt8.self, capacity: 32) { batch.appendText(from: $0, to: $0 + length) }
    }
  }
}
