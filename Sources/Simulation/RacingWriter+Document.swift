/// A trainer's state: a document of all records until now, written whole each time.
extension RacingWriter {
  func writeDocument() {
    for _ in 0..<1 + random.below(3) { _ = newRow() }
    if number == 0 || random.below(4) == 0 {
      number += 1
      calls.append(.folder(folder))
    }
    let path = "\(folder)/state.json"
    let records = (1...rows).map {
      "{\"loss\": \($0), \"time\": \(Double($0) / 2), \"phase\": \"\(Self.phase(of: $0))\"}"
    }
    let text = "{\"log_history\": [\(records.joined(separator: ",\n"))]}"
    if random.below(2) == 0 {
      write(text, to: "\(path).tmp")
      calls.append(.rename("\(path).tmp", to: path))
      return
    }
    calls.append(.empty(path))
    let cut = random.below(text.utf8.count)
    if cut > 0 { write(String(text.prefix(cut)), to: path) }
    write(String(text.dropFirst(cut)), to: path)
  }

  /// Of two files with the same time, which a trainer does not make, the later name counts as the newer one.
  private var folder: String { "\(directory)/checkpoint-\(1000 + number)" }

  /// What the info of a run shows at a row.
  static func phase(of row: Int) -> String { "p\(row / 5)" }
}
