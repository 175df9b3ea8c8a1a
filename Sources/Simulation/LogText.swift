/// What a log's bytes say, read in the plainest way: the model's own reader, apart from the parsers that it judges.
enum LogText {
  struct Row: Hashable {
    /// All of the record that tells it from another.
    var key: String
    var time: Double?
    var loss: Double?
  }

  struct Content {
    /// Of lines with their ends.
    var rows: [Row] = []
    /// The last line without its end, if it is a whole row.
    var tail: Row?
  }

  static func header(of bytes: [UInt8]) -> [String] {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return [] }
    return cells(bytes[..<end])
  }

  static func read(_ bytes: [UInt8]) -> Content {
    var content = Content()
    let header = header(of: bytes)
    guard !header.isEmpty else { return content }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropFirst()
    let tail = lines.popLast() ?? []
    content.rows = lines.compactMap { row(of: $0, header) }
    if !tail.isEmpty { content.tail = row(of: tail, header) }
    return content
  }

  private static func row(of line: ArraySlice<UInt8>, _ header: [String]) -> Row? {
    var cells = cells(line)
    if cells.count != header.count, cells.last == "" { cells.removeLast() }
    guard cells.count == header.count, cells.contains(where: { !$0.isEmpty }) else { return nil }
    var row = Row(key: "")
    for (name, cell) in zip(header, cells).sorted(by: { $0.0 < $1.0 }) where !cell.isEmpty {
      row.key += "\(name)=\(cell);"
      if name == "time" { row.time = Double(cell) }
      if name == "loss" { row.loss = Double(cell) }
    }
    return row
  }

  private static func cells(_ line: ArraySlice<UInt8>) -> [String] {
    line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { cell in
      let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") }
      return String(decoding: cell.drop(while: isBlank).reversed().drop(while: isBlank).reversed(), as: UTF8.self)
    }
  }

  // MARK: Contents made of others

  /// The header and the first rows.
  static func prefix(of bytes: [UInt8], rows: Int) -> [UInt8] {
    var place = 0
    for _ in 0...max(0, rows) {
      guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { break }
      place = end + 1
      if rows == 0 { return [] }
    }
    return Array(bytes[..<place])
  }

  static func widened(_ bytes: [UInt8]) -> [UInt8] {
    let columns = header(of: bytes).count
    return edited(bytes) { line, isHeader in
      guard columns < 6 else { return line }
      return line + (isHeader ? Array(",x\(columns)".utf8) : [UInt8(ascii: ",")])
    }
  }

  static func padded(_ bytes: [UInt8]) -> [UInt8] {
    edited(bytes) { line, _ in
      line.flatMap { $0 == UInt8(ascii: ",") ? [UInt8(ascii: " "), $0, UInt8(ascii: " ")] : [$0] }
    }
  }

  private static func edited(_ bytes: [UInt8], _ edit: ([UInt8], _ isHeader: Bool) -> [UInt8]) -> [UInt8] {
    var isHeader = true
    var result: [UInt8] = []
    // What has no end is left out: who writes a log again writes whole rows.
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      result += edit(Array(line), isHeader) + [UInt8(ascii: "\n")]
      isHeader = false
    }
    return result
  }

  /// Where a row's loss stands, seven digits.
  static func digits(of bytes: [UInt8], row: Int) -> Int? {
    let start = prefix(of: bytes, rows: row).count
    guard row > 0, start < bytes.count, let comma = bytes[start...].firstIndex(of: UInt8(ascii: ",")) else {
      return nil
    }
    let place = bytes[(comma + 1)...].firstIndex { $0 != UInt8(ascii: " ") } ?? bytes.count
    guard place + 7 < bytes.count, bytes[place..<(place + 7)].allSatisfy({ (48...57).contains($0) }),
      bytes[place + 7] == UInt8(ascii: ",") || bytes[place + 7] == UInt8(ascii: " ")
    else { return nil }
    return place
  }
}
