internal import Budgets
internal import StateStore

/// A table as programs print it for people: columns parted by runs of blanks, below a header, with other lines around it.
///
/// What has a number is a row. The header is the last line before it that has as many words and no number, or as many names
/// with gaps between them that are wider than one blank. Above an index, as pandas prints it, it has no name. Some headers
/// say themselves that they are one: by a `#` at their beginning, or a line of dashes below, which also says where their
/// columns begin, so that names may have blanks. Only another of their kind takes their place.
///
/// A message between rows may have as many words as the header. It is told from another header by its single blanks, and
/// because nobody wants fields of such names.
struct BlankTableFormat: LineFormat {
  private(set) var fields: FieldTable
  var lines: ConsoleLines
  private let comment: [UInt8]?
  private var header: CSVHeader
  private var hasHeader = false
  /// Whether it says itself that it is one.
  private var isMarked = false
  /// The lines since the last row, of which one may be the header of the next.
  private var candidates: [String] = []
  private var share: CopiedShare
  private var row = CSVRow()
  /// How many words the line above the last row had, if that was no header for it.
  private var wordsAbove: Int?

  /// So many lines may stand between a header and the first row.
  private static let candidatesMax = 8
  /// Far more than a table on a terminal has.
  private static let candidateBytesMax = 4 << 10

  init(columns: [String]?, comment: String?, lineBytesMax: Int, fields: FieldTable) {
    self.fields = fields
    self.comment = comment.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    lines = ConsoleLines(lineBytesMax: lineBytesMax)
    header = CSVHeader(budget: fields.budget)
    share = CopiedShare(of: fields.budget)
    if let columns {
      _ = header.install(columns, fields: &self.fields, isCertain: true)
      (hasHeader, isMarked) = (true, true)
    }
  }

  var learnedCount: Int { header.installCount &+ fields.names.count }

  mutating func share(withSame other: BlankTableFormat) -> Bool {
    fields.share(with: other.fields) && header.share(with: other.header)
  }

  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    let count = parseLines(bytes, isClosed: isClosed, into: &batch)
    // Nothing follows: of the lines without a row only the last may still be a header.
    if isClosed, count == bytes.count, !hasHeader, candidates.count > 1 {
      forgetCandidates(but: candidates.count - 1, into: &batch)
    }
    return count
  }

  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    let end = Self.withoutBar(from: start, to: end)
    let line = UnsafeBufferPointer(start: start, count: end - start)
    if let comment, line.drop(while: ByteScan.isBlank).starts(with: comment) { return }
    row.readByBlanks(from: start, to: end)
    defer { row.shrink() }
    if row.cells.isEmpty { return }
    if row.hasControlCharacters {
      batch.countMalformed(.controlCharacters, from: start, to: end)
    } else if isRule {
      takeRule(line, into: &batch)
    } else if !Self.isRemark(line), let number = row.cells.indices.first(where: row.isNumber) {
      takeRow(line, firstNumber: number, into: &batch)
    } else {
      addCandidate(line, into: &batch)
    }
  }

  /// Where a progress bar begins behind the last cell, as tqdm writes it: `640: 100%|####| 8/8`.
  private static func withoutBar(from start: BytePointer, to end: BytePointer) -> BytePointer {
    var from = start
    while let percent = ByteScan.first(UInt8(ascii: "%"), from: from, to: end) {
      from = percent + 1
      guard from < end, from.pointee == UInt8(ascii: "|") else { continue }
      var at = percent
      while at > start, at[-1] &- 48 <= 9 { at -= 1 }
      while at > start, ByteScan.isBlank(at[-1]) { at -= 1 }
      if at > start, at[-1] == UInt8(ascii: ":") { return at - 1 }
    }
    return end
  }

  // MARK: Headers

  /// Whether it is a line of dashes: one below each name, or one below all.
  private var isRule: Bool {
    row.text.count > 1 && Set(row.text).count == 1 && row.text.first.map { "-=".utf8.contains($0) } == true
  }

  private static func isRemark(_ line: some Collection<UInt8>) -> Bool {
    line.first { !ByteScan.isBlank($0) } == UInt8(ascii: "#")
  }

  private mutating func addCandidate(_ line: UnsafeBufferPointer<UInt8>, into batch: inout RecordBatch) {
    if candidates.count == Self.candidatesMax { passBy(candidates.removeFirst(), into: &batch) }
    let text = String(decoding: line, as: UTF8.self)
    guard text.utf8.count <= Self.candidateBytesMax, share.grow(by: text.utf8.count) else {
      return passBy(text, into: &batch)
    }
    candidates.append(text)
  }

  /// A line that is no header is none of the table's.
  private func passBy(_ candidate: String, into batch: inout RecordBatch) {
    if Self.isRemark(candidate.utf8) { return }
    var candidate = candidate
    candidate.withUTF8 { line in
      guard let start = line.baseAddress else { return }
      batch.countUnmatched(.isNot("a row or a header"), from: start, to: start + line.count)
    }
  }

  private mutating func forgetCandidates(but taken: Int? = nil, into batch: inout RecordBatch) {
    for (index, candidate) in candidates.enumerated() where index != taken { passBy(candidate, into: &batch) }
    candidates.removeAll()
    share.removeAll()
  }

  /// The line above a line of dashes is the header.
  private mutating func takeRule(_ rule: UnsafeBufferPointer<UInt8>, into batch: inout RecordBatch) {
    guard row.cells.count > 1, let line = candidates.last else { return }
    let columns = row.cells.count
    var names = names(in: line)
    if names.count != columns { names = Self.cut(line, above: rule) }
    if !install(names, isMarked: true), let start = rule.baseAddress {
      batch.countMalformed(.noRoom, from: start, to: start + rule.count)
    }
    forgetCandidates(but: candidates.count - 1, into: &batch)
  }

  /// The words of a line, without a `#` at its beginning.
  private mutating func names(in line: String) -> [String] {
    var line = line
    return line.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return [] }
      let isMark = { (byte: UInt8) in ByteScan.isBlank(byte) || byte == UInt8(ascii: "#") }
      let mark = Self.isRemark(bytes) ? bytes.prefix(while: isMark).count : 0
      row.readByBlanks(from: start + mark, to: start + bytes.count)
      return row.cells.indices.map(row.name)
    }
  }

  /// The names of so many columns; nil: the line has more or fewer.
  ///
  /// - Parameter isAboveIndex: whether the first column has perhaps no name, and no header.
  private mutating func names(in line: String, ofColumns count: Int, isAboveIndex: Bool) -> [String]? {
    let words = names(in: line)
    if words.count == count { return words }
    if isAboveIndex, words.count == count - 1 { return [""] + words }
    let names = Self.namesByGaps(line)
    return names.count == count ? names : nil
  }

  /// The names of a line, between which more than one blank stands or a TAB.
  private static func namesByGaps(_ line: String) -> [String] {
    var names: [[UInt8]] = []
    var blanks = 2
    for byte in line.utf8.drop(while: { ByteScan.isBlank($0) || $0 == UInt8(ascii: "#") }) {
      if ByteScan.isBlank(byte) {
        blanks += byte == UInt8(ascii: "\t") ? 2 : 1
        continue
      }
      if blanks > 1 { names.append([]) }
      if blanks == 1 { names[names.count - 1].append(UInt8(ascii: " ")) }
      names[names.count - 1].append(byte)
      blanks = 0
    }
    return names.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Cuts a line where the dashes below it begin, by characters.
  private static func cut(_ line: String, above rule: UnsafeBufferPointer<UInt8>) -> [String] {
    let starts = rule.indices.filter { !ByteScan.isBlank(rule[$0]) && ($0 == 0 || ByteScan.isBlank(rule[$0 - 1])) }
    let line = Array(line.unicodeScalars)
    return starts.indices.map { index in
      let end = index + 1 < starts.count ? min(starts[index + 1], line.count) : line.count
      let text = line[min(starts[index], end)..<end].map(String.init).joined()
      return String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
  }

  /// False: there is no room for such a header.
  private mutating func install(_ names: [String], isMarked: Bool) -> Bool {
    if !hasHeader || names != header.names, !header.install(names, fields: &fields) { return false }
    (hasHeader, self.isMarked) = (true, isMarked)
    return true
  }

  // MARK: Rows

  private mutating func takeRow(
    _ line: UnsafeBufferPointer<UInt8>,
    firstNumber: Int,
    into batch: inout RecordBatch
  ) {
    guard let start = line.baseAddress else { return }
    if !candidates.isEmpty {
      wordsAbove = candidates.last.map { $0.utf8.split(whereSeparator: ByteScan.isBlank).count }
      if !findHeader(of: line, beginsWithNumber: firstNumber == 0, into: &batch) {
        return batch.countMalformed(.noRoom, from: start, to: start + line.count)
      }
    }
    guard hasHeader, row.cells.count == header.columns.count else {
      // A message that has a number is no row.
      guard row.cells.indices.count(where: row.isNumber) * 2 >= row.cells.count else {
        return batch.countUnmatched(.isNot("a row or a header"), from: start, to: start + line.count)
      }
      let columns = hasHeader ? header.columns.count : wordsAbove
      let reason = columns.map { BadLine.Reason.cells(row.cells.count, columns: $0) } ?? .noHeader
      return batch.countMalformed(reason, from: start, to: start + line.count)
    }
    header.append(row, to: &batch, fields: &fields)
  }

  /// Takes the last line with so many names as the header of the row at hand. Below a header that does not say that it is
  /// one, another table may begin: its header stands right above its first row. False: there is no room for it.
  ///
  /// - Parameter beginsWithNumber: whether the row does, as rows with a step. Then a message above it that has as many words
  ///   as the header, none of them wanted, is no header.
  private mutating func findHeader(
    of line: UnsafeBufferPointer<UInt8>,
    beginsWithNumber: Bool,
    into batch: inout RecordBatch
  ) -> Bool {
    let row = row
    let indent = line.prefix(while: ByteScan.isBlank).count
    let firstCellEnd = indent + line[indent...].prefix { !ByteScan.isBlank($0) }.count
    var hasRoom = true
    var taken: Int?
    for index in candidates.indices.reversed() where taken == nil {
      let isMarked = Self.isRemark(candidates[index].utf8)
      guard isMarked || !self.isMarked, isMarked || !hasHeader || index == candidates.count - 1 else { continue }
      let isAboveIndex =
        index == candidates.count - 1
        && candidates[index].utf8.prefix(while: ByteScan.isBlank).count >= firstCellEnd
      guard let names = names(in: candidates[index], ofColumns: row.cells.count, isAboveIndex: isAboveIndex)
      else { continue }
      let before = header
      hasRoom = install(names, isMarked: isMarked)
      if beginsWithNumber, !isMarked, before.wantedCount > 0, header.wantedCount == 0,
        before.columns.count == names.count, Self.namesByGaps(candidates[index]).count == 1
      {
        header = before
      } else {
        taken = index
      }
    }
    self.row = row
    forgetCandidates(but: taken, into: &batch)
    return hasRoom
  }

  // MARK: Saving

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(hasHeader ? header.names : nil)
    encoder.encode(isMarked)
    encoder.encode(candidates)
    encoder.encode(lines.isInsideLongLine)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    if let names = try decoder.decode([String]?.self) {
      _ = header.install(names, fields: &fields, isCertain: true)
      hasHeader = true
    }
    isMarked = try decoder.decode()
    candidates = try decoder.decode()
    guard candidates.count <= Self.candidatesMax else { throw StateDecoder.Failure() }
    _ = share.grow(by: candidates.reduce(0) { $0 + $1.utf8.count })
    lines.isInsideLongLine = try decoder.decode()
  }
}
