/// Rows by number, so that the model compares numbers. The same row has the same number, whatever file it stands in.
final class RowTable {
  /// A file as it is now, by what it says.
  struct Content {
    var rows: [Int] = []
    /// The last line without its end, if it is a whole row.
    var tail: Tail?
    /// Whether a writer's buffer may have ended there: then it is not shown.
    var isTorn = false
    /// What `running_total` counts of each row.
    var seconds: [Double] = []
  }

  struct Tail: Hashable {
    var row: Int
    var seconds: Double
  }

  private var numbers: [LogText.Row: Int] = [:]
  private var losses: [Double?] = []
  /// What was read of a file, until it changes.
  private var read: [ObjectIdentifier: (file: SimulatedFileSystem.Node, version: Int, content: Content)] = [:]

  /// The number that a row shows.
  func loss(of row: Int) -> Double? { losses[row] }

  func content(of file: SimulatedFileSystem.Node) -> Content {
    if let known = read[ObjectIdentifier(file)], known.version == file.version { return known.content }
    if read.count > 64 { read = [:] }
    let text = LogText.read(file.bytes)
    var content = Content()
    var total: Double?
    for row in text.rows {
      content.rows.append(number(of: row))
      content.seconds.append(Self.increment(row, &total))
    }
    content.isTorn = file.bytes.count % 4_096 == 0 || file.bytes.count % 8_191 == 0
    if let tail = text.tail {
      content.tail = Tail(row: number(of: tail), seconds: Self.increment(tail, &total))
    }
    read[ObjectIdentifier(file)] = (file, file.version, content)
    return content
  }

  private func number(of row: LogText.Row) -> Int {
    if let number = numbers[row] { return number }
    numbers[row] = losses.count
    losses.append(row.loss)
    return losses.count - 1
  }

  private static func increment(_ row: LogText.Row, _ total: inout Double?) -> Double {
    guard let time = row.time else { return 0 }
    defer { total = time }
    guard let before = total, time >= before else { return time }
    return time - before
  }
}
