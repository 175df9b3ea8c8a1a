internal import Tailing

/// One of the programs that write logs in a `Race`, one call at a time. Its rows are numbered from 1, as those of the
/// others are, and their losses are their numbers.
final class RacingWriter {
  enum Kind: CaseIterable {
    /// Rows at the end, now and then in two pieces.
    case appended
    /// All rows written again, wider and wider: truncated first, over in place, or beside and renamed.
    case rewritten
    /// Renamed to another name that the pattern matches; all files stay.
    case rotated
    /// Copied to another name that the pattern matches, and truncated; all files stay.
    case copied
    /// A document of all records, written again where it is or into a new folder: truncated first, or beside and renamed.
    case document
    /// Rows at the end of one of two files that feed the same series.
    case shared
  }

  enum Call {
    case folder(String)
    case write([UInt8], to: String, at: Int?)
    case rename(String, to: String)
    case empty(String)

    var text: String {
      switch self {
      case .folder(let path): "make \(path)"
      case .write(let bytes, let path, let offset):
        "write \(bytes.count) bytes to \(path)\(offset.map { " at \($0)" } ?? "")"
      case .rename(let path, let other): "rename \(path) to \(other)"
      case .empty(let path): "truncate \(path)"
      }
    }
  }

  let kind: Kind
  /// What is written, or is about to be.
  private(set) var rows = 0
  private(set) var sum = 0.0

  let files: SimulatedFileSystem
  var random: SeededRandom
  var calls: [Call] = []
  private var width = 0
  /// Files or folders that it made.
  var number = 0
  /// Whether all of its rows were shown since the exporter began, since the log has rows, and since a copy was made: the
  /// copy of what was never read is a log of its own.
  var wasShown = false

  init(kind: Kind, files: SimulatedFileSystem, random: SeededRandom) {
    self.kind = kind
    self.files = files
    self.random = random
  }

  var directory: String { "/w/runs/r\(Kind.allCases.firstIndex(of: kind) ?? 0)" }

  /// The next call of the program.
  func step() {
    if calls.isEmpty { begin() }
    if !calls.isEmpty { try? carryOut(calls.removeFirst()) }
  }

  private func carryOut(_ call: Call) throws(SystemError) {
    files.trace?("        * \(kind): \(call.text)")
    switch call {
    case .folder(let path): try files.makeDirectory(path)
    case .write(let bytes, let path, let offset): try files.write(bytes, to: path, at: offset)
    case .rename(let path, let other): try files.rename(path, other)
    case .empty(let path): if files.node(at: path) != nil { try files.truncate(path) }
    }
  }

  /// Before the exporter starts: what is new while another log is written again could be its copy.
  func start() throws(SystemError) {
    try files.makeDirectory(directory)
    if kind == .appended { try files.write(Array("loss,time\n".utf8), to: "\(directory)/results.csv") }
  }

  /// Completes what was begun.
  func finish() {
    while !calls.isEmpty { step() }
  }

  private func begin() {
    switch kind {
    case .appended: append(to: "\(directory)/results.csv")
    case .rewritten: rewrite("\(directory)/metrics.csv")
    case .rotated: rotate("\(directory)/train.jsonl")
    case .copied: copy("\(directory)/train.jsonl")
    case .document: writeDocument()
    case .shared: append(to: sharedPaths[random.below(2)], later: 0.25)
    }
  }

  func newRow() -> Int {
    rows += 1
    sum += Double(rows)
    return rows
  }

  func write(_ text: String, to path: String, at offset: Int? = nil) {
    calls.append(.write(Array(text.utf8), to: path, at: offset))
  }

  /// - Parameter later: what tells its rows from those of the same numbers in other logs.
  private func append(to path: String, later: Double = 0) {
    if files.node(at: path) == nil { write("loss,time\n", to: path) }
    for _ in 0..<1 + random.below(4) {
      let row = Self.row(newRow(), later: later)
      let cut = random.below(4) == 0 ? random.below(row.utf8.count) : 0
      if cut > 0 { write(String(row.prefix(cut)), to: path) }
      write(String(row.dropFirst(cut)), to: path)
    }
  }

  private func rewrite(_ path: String) {
    for _ in 0..<1 + random.below(3) { _ = newRow() }
    let way = random.below(3)
    if way == 0 || random.below(10) == 0 { width = min(width + 1, 40) }
    let cells = String(repeating: ",", count: width)
    let text =
      "loss,time" + (0..<width).map { ",x\($0)" }.joined() + "\n"
      + (1...rows).map { Self.row($0, cells) }.joined()
    switch way {
    case 0:
      write(text, to: path, at: 0)
    case 1:
      write(text, to: "\(path).tmp")
      calls.append(.rename("\(path).tmp", to: path))
    default:
      calls.append(.empty(path))
      let cut = random.below(text.utf8.count)
      write(String(text.prefix(cut)), to: path)
      write(String(text.dropFirst(cut)), to: path)
    }
  }

  private func rotate(_ path: String) {
    if random.below(8) == 0 {
      number += 1
      let other = "\(directory)/train-\(number).jsonl"
      calls.append(.rename(path, to: other))
    }
    // The file is there before its first row.
    if random.below(2) == 0 { write("", to: path) }
    appendRecords(to: path)
  }

  private func copy(_ path: String) {
    if files.node(at: path)?.bytes.isEmpty != false { wasShown = false }
    if wasShown, random.below(4) == 0, let bytes = files.node(at: path)?.bytes, !bytes.isEmpty {
      wasShown = false
      number += 1
      let other = "\(directory)/train-\(number).jsonl"
      calls += [.write(bytes, to: other, at: nil), .empty(path)]
    }
    // Other records than those of the same numbers in other logs: else these could be the copies.
    appendRecords(to: path, later: 0.125)
  }

  private func appendRecords(to path: String, later: Double = 0) {
    for _ in 0..<1 + random.below(5) {
      let row = newRow()
      write("{\"loss\": \(row), \"time\": \(Double(row) / 2 + later)}\n", to: path)
    }
  }

  private static func row(_ number: Int, _ cells: String = "", later: Double = 0) -> String {
    "\(number),\(Double(number) / 2 + later)\(cells)\n"
  }

  // MARK: What is shown once all has settled

  private var sharedPaths: [String] { ["\(directory)/part-a.csv", "\(directory)/part-b.csv"] }

  /// The last row of the file that changed last; of any of those that did.
  func mayEnd(with loss: Int) -> Bool {
    guard kind == .shared else { return loss == rows }
    let nodes = sharedPaths.compactMap { files.node(at: $0) }
    let newest = nodes.map(\.modified).max()
    return nodes.isEmpty && loss == 0
      || nodes.contains { node in
        node.modified == newest && LogText.read(node.bytes).rows.last?.loss.map { Int($0) } == loss
      }
  }
}
