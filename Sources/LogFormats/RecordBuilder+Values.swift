/// What a record holds of each field: numbers and texts, of which the last of equal fields has the last word.
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
      in: fields,
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
  mutating func removeDead(from batch: inout RecordBatch) {
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
