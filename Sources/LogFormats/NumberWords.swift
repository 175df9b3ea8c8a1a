/// How far a number reaches over the words behind it where its text is open: as the value of a pair up to the next key, and
/// as a capture at the end of a line pattern. In `mem: 9.5 GiB loss: 3` it is two words.
enum NumberWords {
  /// Whether what stands behind a text may belong to it as a number: all that most values ask.
  @inline(__always)
  static func mayFollow(_ end: BytePointer, upTo limit: BytePointer) -> Bool {
    guard limit - end > 1, ByteScan.isBlank(end.pointee) || end.pointee == UInt8(ascii: ",") else { return false }
    var next = end + 1
    while next < limit, ByteScan.isBlank(next.pointee) { next += 1 }
    return next < limit && (isWordByte(next.pointee) || next.pointee == UInt8(ascii: "%"))
  }

  /// The end of the longest run of words that is a number to one of those that take it; nil: the text is alone.
  ///
  /// Where none reads more than the text, and the next word is a unit of something else, the run has that word as well: then
  /// nobody takes the number for his.
  ///
  /// - Parameters:
  ///   - end: where the text ends, which is the first of the words.
  ///   - limit: how far the words may reach.
  static func end(
    from start: BytePointer,
    to end: BytePointer,
    upTo limit: BytePointer,
    _ forms: [NumberForm]
  ) -> BytePointer? {
    let forms = forms.filter(\.takesWords)
    guard !forms.isEmpty, start.pointee &- 48 <= 9 || "+-.,".utf8.contains(start.pointee) else { return nil }
    let room = start + min(limit - start, NumberForm.textBytesMax)
    guard let first = Word(behind: end, room), room == limit || first.end < room else { return nil }
    if first.start.pointee &- 48 <= 9 {
      // Only a further part of a duration, or of thousands.
      let isPart = end[-1] &- 48 > 9 || end.pointee != UInt8(ascii: ",") && forms.contains(where: \.thousandsAreBlanks)
      guard isPart else { return nil }
    } else if end.pointee == UInt8(ascii: ",") {
      return nil
    }
    var found: BytePointer?
    var word = first
    // `1 hour, 19 minutes and 54 seconds`: two words may be part of nothing before the next is.
    var strange = 0
    while strange < 3 {
      let isNumber = forms.contains { form in
        form.isNumber(from: start, to: word.end) && (form.knowsLetters || !word.isLikeKey(limit))
      }
      if isNumber { (found, strange) = (word.end, 0) } else { strange += 1 }
      guard let next = Word(behind: word.writtenEnd, room), room == limit || next.writtenEnd < room else { break }
      word = next
    }
    return strangeUnit(from: start, to: found ?? end, room, forms) ?? found
  }

  /// Where the longest run of words begins that ends with a text and is a number to one of those that take it; nil: none is
  /// longer than the text.
  ///
  /// - Parameter limit: how far back the words may reach.
  static func start(
    of start: BytePointer,
    to end: BytePointer,
    backTo limit: BytePointer,
    _ forms: [NumberForm]
  ) -> BytePointer? {
    let forms = forms.filter(\.takesWords)
    guard !forms.isEmpty, start > limit else { return nil }
    var found: BytePointer?
    var cursor = start
    var strange = 0
    while strange < 3, end - cursor < NumberForm.textBytesMax {
      while cursor > limit, ByteScan.isBlank(cursor[-1]) { cursor -= 1 }
      guard cursor > limit else { break }
      while cursor > limit, !ByteScan.isBlank(cursor[-1]) { cursor -= 1 }
      let isNumber = cursor.pointee &- 48 <= 9 || "+-.,".utf8.contains(cursor.pointee)
      if isNumber, forms.contains(where: { $0.isNumber(from: cursor, to: end) }) {
        (found, strange) = (cursor, 0)
      } else {
        strange += 1
      }
    }
    return found
  }

  /// Where the words end of a number that has a unit behind it which nobody wants; nil: it has none.
  private static func strangeUnit(
    from start: BytePointer,
    to end: BytePointer,
    _ limit: BytePointer,
    _ forms: [NumberForm]
  ) -> BytePointer? {
    let text = UnsafeBufferPointer(start: start, count: end - start)
    let isPlain = text.allSatisfy { $0 &- 48 <= 9 || "+-.,_' eE".utf8.contains($0) }
    guard isPlain, let word = Word(behind: end, limit) else { return nil }
    let unit = String(decoding: UnsafeBufferPointer(start: word.start, count: word.end - word.start), as: UTF8.self)
    if UnitName.isUnit(unit), !word.isLikeKey(limit) || !UnitName.mayBeKey(unit) { return word.end }
    // `2 Tage, 1:00:00`, in whatever language.
    guard forms.contains(where: \.readsDurations), text.allSatisfy({ $0 &- 48 <= 9 }), word.end < word.writtenEnd,
      word.end.pointee == UInt8(ascii: ","), let clock = Word(behind: word.writtenEnd, limit),
      clock.start.pointee &- 48 <= 9, DurationParser.parse(from: clock.start, to: clock.end) != nil
    else { return nil }
    return clock.end
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte &- 48 <= 9 || byte >= 0x80
  }

  private struct Word {
    let start: BytePointer
    /// Where it ends without the comma or full stop of the sentence.
    let end: BytePointer
    let writtenEnd: BytePointer

    /// The next word behind a place, if it is one that may belong to a number.
    init?(behind place: BytePointer, _ limit: BytePointer) {
      var cursor = place
      if cursor < limit, cursor.pointee == UInt8(ascii: ",") { cursor += 1 }
      while cursor < limit, ByteScan.isBlank(cursor.pointee) { cursor += 1 }
      guard cursor < limit, isWordByte(cursor.pointee) || cursor.pointee == UInt8(ascii: "%") else { return nil }
      start = cursor
      while cursor < limit, !ByteScan.isBlank(cursor.pointee) { cursor += 1 }
      writtenEnd = cursor
      while cursor > start + 1, ",;.)]}".utf8.contains(cursor[-1]) { cursor -= 1 }
      end = cursor
    }

    /// Whether it may be a key itself: in `n 12 k 5` the letter has a number behind it.
    func isLikeKey(_ limit: BytePointer) -> Bool {
      guard end == writtenEnd else { return false }
      var cursor = end
      while cursor < limit, ByteScan.isBlank(cursor.pointee) { cursor += 1 }
      guard cursor < limit else { return false }
      return cursor.pointee &- 48 <= 9 || ":=+-.".utf8.contains(cursor.pointee)
    }
  }
}
