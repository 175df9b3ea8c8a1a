internal import Tailing

/// The program that writes one run's log, and whoever else handles its file: carries out the writers' actions. Every row
/// is another than all before it; what the rows say, the model reads from the files.
final class Writer {
  let run: Int
  private let files: SimulatedFileSystem
  private let nextRow: () -> Int
  /// What `part` left out, and what `truncate` took.
  private var remainder: [UInt8] = []
  private var taken: [UInt8] = []
  /// The log as it was then: what was left out fits nowhere else.
  private var partial: [UInt8] = []
  private var kept: [UInt8] = []

  static let base = "/w/runs"
  static let baseAway = "/w/elsewhere"
  static let store = "/w/store"
  /// Changes in the middle of larger files are not always seen (`docs/tailing.md`), so none are made.
  private static let pokedBytesMax = 60 << 10
  /// Files stay small enough to read them often.
  private static let bytesMax = 400 << 10

  init(run: Int, files: SimulatedFileSystem, nextRow: @escaping () -> Int) {
    self.run = run
    self.files = files
    self.nextRow = nextRow
  }

  static func directory(of run: Int) -> String { "\(base)/r\(run)" }
  static func path(of run: Int) -> String { "\(base)/r\(run)/results.csv" }

  /// Another one for each run: a file with the number of one that is gone, of which only the same header was consumed, is
  /// taken for that one.
  private var firstLine: String { "time,loss,mark\(run)\n" }
  private var path: String { Self.path(of: run) }
  private var rotated: String { "\(path).1" }
  private var temporary: String { "\(Self.directory(of: run))/.new" }

  func act(_ action: Action) throws(SystemError) {
    let bytes = files.node(at: path)?.bytes ?? []
    switch action.verb {
    case .append: try append(rows(action.b, after: bytes))
    case .bulk where bytes.count < Self.bytesMax: try append(rows(action.b, after: bytes, padding: 300))
    case .part:
      let row = rows(1, after: bytes)
      let cut = max(1, row.count * min(action.b, 100) / 100)
      try append(Array(row[..<cut]))
      remainder = Array(row[cut...])
      partial = bytes + row[..<cut]
    case .rest where bytes == partial && !remainder.isEmpty: try append(remainder)
    case .truncate:
      kept = LogText.prefix(of: bytes, rows: action.b)
      taken = Array(bytes[kept.count...])
      try files.truncate(path, to: kept.count)
    case .again where bytes == kept && !taken.isEmpty: try append(taken)
    case .chop where (1..<max(1, bytes.count - 1)).contains(LogText.prefix(of: bytes, rows: 1).count):
      try files.truncate(path, to: bytes.count - 2)
    case .rerun: try rewrite(keeping: 0, of: bytes, atLeast: bytes.count, rows: action.b)
    case .resume: try rewrite(keeping: action.b, of: bytes, atLeast: 0, rows: 2)
    case .widen: try rewrite(LogText.widened(bytes))
    case .pad: try rewrite(LogText.padded(bytes))
    case .same: try rewrite(bytes)
    case .poke:
      if bytes.count < Self.pokedBytesMax, let place = LogText.digits(of: bytes, row: action.b) {
        try files.write(Array("\(nextRow())".utf8), to: path, at: place)
      }
    case .replace:
      var content = LogText.prefix(of: bytes, rows: action.b)
      content += rows(1, after: content)
      try replace(with: content)
    case .copy where !bytes.isEmpty: try replace(with: bytes)
    case .touch: try files.touch(path)
    default: try actOnNames(action, bytes)
    }
  }

  private func actOnNames(_ action: Action, _ bytes: [UInt8]) throws(SystemError) {
    switch action.verb {
    case .rotate: try files.rename(path, rotated)
    case .late:
      if let old = files.node(at: rotated)?.bytes {
        let row = rows(1, after: old)
        try files.write(row, to: rotated)
      }
    case .copytruncate where !bytes.isEmpty:
      try? files.remove(rotated)
      try files.write(bytes, to: rotated)
      try files.truncate(path)
    case .remove: try files.remove(path)
    case .away: try files.rename(Self.directory(of: run), "/w/away\(run)")
    case .back: try files.rename("/w/away\(run)", Self.directory(of: run))
    case .lock: try files.setReadable(false, path)
    case .unlock: try files.setReadable(true, path)
    case .lockdirectory: try files.setReadable(false, Self.directory(of: run))
    case .unlockdirectory: try files.setReadable(true, Self.directory(of: run))
    case .alias:
      let alias = "\(Self.store)/alias\(run)"
      if files.node(at: alias) !== files.node(at: path) {
        try? files.remove(alias)
        try files.hardLink(alias, to: path)
      }
      try files.write(rows(1, after: bytes), to: alias)
    case .link:
      let target = "\(Self.store)/r\(run)-\(action.b)"
      if files.node(at: target) == nil { try files.write([], to: target) }
      try? files.remove(temporary)
      try files.link(temporary, to: target)
      try files.rename(temporary, path)
    default: break
    }
  }

  private func append(_ bytes: [UInt8]) throws(SystemError) {
    if files.node(at: Self.base) == nil { try files.makeDirectory(Self.base) }
    if files.node(at: Self.directory(of: run)) == nil { try files.makeDirectory(Self.directory(of: run)) }
    try files.write(bytes, to: path)
  }

  private func rewrite(_ bytes: [UInt8]) throws(SystemError) {
    guard files.node(at: path) != nil else { return }
    try files.truncate(path)
    try files.write(bytes, to: path)
  }

  private func rewrite(keeping kept: Int, of bytes: [UInt8], atLeast: Int, rows count: Int) throws(SystemError) {
    guard files.node(at: path) != nil else { return }
    var content = LogText.prefix(of: bytes, rows: kept)
    while content.count < atLeast { content += rows(1, after: content, padding: 60) }
    content += rows(count, after: content)
    try rewrite(content)
  }

  private func replace(with bytes: [UInt8]) throws(SystemError) {
    guard files.node(at: Self.directory(of: run)) != nil else { return }
    try? files.remove(temporary)
    try files.write(bytes, to: temporary)
    try files.rename(temporary, path)
  }

  /// Rows that follow what is there, with a header where none is.
  private func rows(_ count: Int, after bytes: [UInt8], padding: Int = 4) -> [UInt8] {
    var text = ""
    let header = LogText.header(of: bytes)
    if !bytes.contains(UInt8(ascii: "\n")) {
      text = String(decoding: Array(firstLine.utf8).dropFirst(bytes.count), as: UTF8.self)
    }
    let mark = String(repeating: "m", count: padding)
    for _ in 0..<max(1, count) {
      let row = nextRow()
      // A total that goes on for a while, and begins anew.
      text += "\(row % 64 + 1),\(row),\(mark)"
      for column in header.dropFirst(3) { text += column == "x3" ? ",\(row % 5)" : "," }
      text += "\n"
    }
    return Array(text.utf8)
  }
}
