import Foundation
import LogStations

/// What writers do to files: the verbs of a script that have no outcome of their own.
enum LogVerb: String {
  // With a text: the rest of the line, or the block below.
  case write, append, overwrite, replace
  /// `edit FILE OLD => NEW`: a text in the file is another one.
  case edit
  case copy, rename, remove, mkdir, link, hardlink, pipe, truncate
  /// `age FILE 2h`: its last change was so long ago.
  case age

  func act(_ step: Script.Step, in folder: LogFolder, clock: StationClock) throws {
    let words = step.argument.split(separator: " ", maxSplits: 1).map(String.init)
    let name = try StepText.unescaped(words.first ?? "")
    let rest = words.count > 1 ? words[1] : ""
    switch self {
    case .write: try folder.write("", to: name)
    case .append, .overwrite: break
    case .replace: return try folder.replace(name, with: String(decoding: StepText.bytes(rest, step), as: UTF8.self))
    case .edit:
      let texts = rest.components(separatedBy: " => ")
      let text = try String(contentsOf: folder.url(name), encoding: .utf8)
      guard texts.count == 2, text.contains(texts[0]) else { throw ScriptMistake("\(name) has no `\(texts[0])`") }
      try folder.write(text.replacing(texts[0], with: texts[1]), to: name)
      return
    case .copy: return try folder.copy(name, to: rest)
    case .rename: return try folder.rename(name, try StepText.unescaped(rest))
    case .remove: return try folder.remove(name)
    case .mkdir: return try folder.makeDirectory(name)
    case .link: return try folder.link(name, to: rest)
    case .hardlink: return try folder.hardLink(name, to: rest)
    case .pipe: return try folder.pipe(name)
    case .truncate: return try folder.truncate(name, to: Int(rest) ?? 0)
    case .age: return try folder.setTime(clock.now.wall - StepText.nanoseconds(rest), of: name)
    }
    if self == .overwrite {
      try folder.overwrite(String(decoding: StepText.bytes(rest, step), as: UTF8.self), in: name)
    } else {
      try folder.append(bytes: StepText.bytes(rest, step), to: name)
    }
  }
}

/// How texts, numbers and times are written in a step.
enum StepText {
  /// The text of a step: its line's rest, in which `\n`, `\r`, `\t` and `\xHH` are what they are elsewhere, or its block,
  /// in which nothing is. Each line has an end, but for a last one with a backslash behind it.
  static func bytes(_ inline: String, _ step: Script.Step) throws -> [UInt8] {
    var text = step.block.isEmpty ? try unescapedBytes(inline) : Array(step.block.joined(separator: "\n").utf8)
    guard !text.isEmpty else { return [] }
    if text.last == UInt8(ascii: "\\") { text.removeLast() } else { text.append(UInt8(ascii: "\n")) }
    return text
  }

  static func unescaped(_ text: String) throws -> String { try String(decoding: unescapedBytes(text), as: UTF8.self) }

  private static func unescapedBytes(_ text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch (byte, rest.first) {
      case (UInt8(ascii: "\\"), UInt8(ascii: "n")): bytes.append(UInt8(ascii: "\n"))
      case (UInt8(ascii: "\\"), UInt8(ascii: "r")): bytes.append(UInt8(ascii: "\r"))
      case (UInt8(ascii: "\\"), UInt8(ascii: "t")): bytes.append(UInt8(ascii: "\t"))
      case (UInt8(ascii: "\\"), UInt8(ascii: "x")):
        let digits = String(decoding: rest.dropFirst().prefix(2), as: UTF8.self)
        guard let value = UInt8(digits, radix: 16) else { throw ScriptMistake("\\x\(digits)") }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default:
        bytes.append(byte)
        continue
      }
      rest = rest.dropFirst()
    }
    return bytes
  }

  /// `3`, `300ms`, `5m`, `-2h`, `3d`; seconds where there is no unit.
  static func nanoseconds(_ text: String) throws -> Int64 {
    let number = text.prefix { $0 == "-" || $0.isNumber }
    let units: [Substring: Int64] = ["ms": 1_000_000, "": 1_000_000_000, "s": 1_000_000_000]
    let longer: [Substring: Int64] = ["m": 60, "h": 3_600, "d": 86_400]
    let unit = text[number.endIndex...]
    guard let value = Int64(number), let length = units[unit] ?? longer[unit].map({ $0 * 1_000_000_000 }) else {
      throw ScriptMistake("\(text) is no time")
    }
    return value * length
  }
}
