internal import Glibc
package import Runs
internal import Tailing

/// Reads the last lines of the logs of a run.
package enum RunTails {
  /// Of how many logs: those that were written last.
  private static let logsMax = 3
  /// How many logs of a run are looked at: those that were found last.
  private static let candidatesMax = 64
  private static let bytesMax = 4096
  private static let linesMax = 20
  private static let lineBytesMax = 400

  /// The ends of the logs that were written last, the newest first. It takes some system calls for each log.
  package static func tails(of logs: [RunLog]) -> [RunEvidence.Tail] {
    let dated = logs.suffix(candidatesMax).compactMap { log in
      log.withOpenFile { _, status in (log: log, modified: status.modified) }
    }
    let newest = dated.sorted { ($1.modified, $0.log.path) < ($0.modified, $1.log.path) }.prefix(logsMax)
    return newest.compactMap { tail(of: $0.log) }
  }

  private static func tail(of log: RunLog) -> RunEvidence.Tail? {
    let lines = log.withOpenFile { descriptor, status -> [String]? in
      var bytes = [UInt8](repeating: 0, count: min(bytesMax, status.size))
      let start = status.size - bytes.count
      let count = bytes.withUnsafeMutableBytes { room in
        (try? RealFileSystem().read(descriptor, into: room, at: start)) ?? 0
      }
      return Self.lines(in: bytes.prefix(count), isWhole: start == 0)
    }
    guard let lines = lines ?? nil, !lines.isEmpty else { return nil }
    return RunEvidence.Tail(file: log.path, lines: lines)
  }

  /// The last lines that are not blank; of a line that a program wrote over with carriage returns, what stands there last.
  package static func lines(in bytes: ArraySlice<UInt8>, isWhole: Bool) -> [String] {
    var bytes = bytes
    if !isWhole, let end = bytes.firstIndex(of: UInt8(ascii: "\n")) { bytes = bytes[(end + 1)...] }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> String? in
      let isBlank: (UInt8) -> Bool = { $0 <= 0x20 }
      guard let last = line.lastIndex(where: { !isBlank($0) }) else { return nil }
      let trimmed = line[...last]
      let shown = trimmed.lastIndex(of: UInt8(ascii: "\r")).map { trimmed[($0 + 1)...] } ?? trimmed
      return text(shown)
    }
    return lines.suffix(linesMax)
  }

  private static func text(_ line: ArraySlice<UInt8>) -> String {
    if line.count <= lineBytesMax { return String(decoding: line, as: UTF8.self) }
    // Not within a character.
    var end = line.startIndex + lineBytesMax
    while end > line.startIndex, line[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: line[..<end], as: UTF8.self) + "…"
  }
}
