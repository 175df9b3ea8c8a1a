internal import Synchronization
internal import Tailing

/// In which line of a log a text stands that was no record: for people, who look there. It is looked for when somebody
/// asks, once for each.
final class LineNumbers: Sendable {
  private struct Key: Hashable {
    var device: UInt64
    var inode: UInt64
    var text: String
  }

  /// nil: it was not found.
  private let known = Mutex<[Key: Int?]>([:])
  private static let knownMax = 1000
  /// So much of a log's beginning is looked through.
  private static let bytesMax = 16 << 20
  private static let readBytes = 1 << 20

  /// The number of the line, from 1, that begins with a text; nil: there is none in what is looked through, or the file is
  /// not at its path any more.
  ///
  /// - Parameter text: as `BadLine` has it: without blanks before it, and with `…` where it was cut.
  func number(of text: String, in file: FollowedFile) -> Int? {
    let key = Key(device: file.status.device, inode: file.status.inode, text: text)
    if let number = known.withLock({ $0[key] }) { return number }
    let number = Self.find(text, in: file)
    known.withLock { known in
      if known.count >= Self.knownMax { known = [:] }
      known[key] = .some(number)
    }
    return number
  }

  private static func find(_ text: String, in file: FollowedFile) -> Int? {
    let files = RealFileSystem()
    var wanted = Array(text.utf8)
    if text.hasSuffix("…") { wanted.removeLast("…".utf8.count) }
    guard !wanted.isEmpty, let descriptor = try? files.open(LogPath(file.path)) else { return nil }
    defer { files.close(descriptor) }
    guard let status = try? files.status(of: descriptor), status.kind == .regular,
      status.file.device == file.status.device, status.file.inode == file.status.inode
    else { return nil }
    var line = 1
    var offset = 0
    var rest: [UInt8] = []
    while offset < bytesMax {
      var piece = [UInt8](repeating: 0, count: readBytes)
      let count = piece.withUnsafeMutableBytes { (try? files.read(descriptor, into: $0, at: offset)) ?? 0 }
      offset += count
      rest += piece[..<count]
      let isEnd = count == 0
      var start = 0
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) ?? (isEnd ? rest.count : nil) {
        let bytes = rest[start..<end].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if bytes.starts(with: wanted) { return line }
        line += 1
        start = end + 1
        if start >= rest.count { break }
      }
      if isEnd { return nil }
      rest.removeFirst(min(start, rest.count))
    }
    return nil
  }
}
