/// The patterns of console lines that come again and again: what is the same in them is text, and numbers are captures.
struct LineTemplates {
  /// As `lines` of the catalog has them, the longest first: of several that match a line the first counts.
  private(set) var patterns: [String] = []

  private struct Found {
    var line: LineShape
    var count: Int
  }

  init(_ sample: LogSample) {
    var found: [String: Found] = [:]
    for text in Self.lines(of: sample) {
      let line = LineShape(text)
      guard line.slots.contains(where: { $0.name != nil }) else { continue }
      if found[line.key]?.count == nil, found.count >= Self.foundMax { continue }
      found[line.key, default: Found(line: line, count: 0)].count += 1
    }
    let ofTraining = found.values.filter(\.line.isOfTraining)
    let repeated = ofTraining.filter { $0.count > 1 }
    // What stands there once may be the first of many: an evaluation, say. Many such lines are chatter.
    let single = ofTraining.filter { $0.count == 1 && $0.line.hasPairs }
    let used = repeated.isEmpty ? ofTraining : repeated + (single.count <= Self.singleMax ? single : [])
    let chosen = used.sorted { ($0.count * $0.line.named, $1.line.key) > ($1.count * $1.line.named, $0.line.key) }
      .prefix(Self.patternsMax)
    var seen: Set<String> = []
    patterns = chosen.map(\.line).sorted { ($0.named, $0.textCount, $1.key) > ($1.named, $1.textCount, $0.key) }
      .map(\.pattern).filter { seen.insert($0).inserted }
  }

  private static func lines(of sample: LogSample) -> [String] {
    var lines: [String] = []
    for piece in [sample.head, sample.tail] {
      let all = piece.split { $0 == 0x0A || $0 == 0x0D }
      let chosen = all.count <= linesMax ? all[...] : all.prefix(linesMax / 2) + all.suffix(linesMax / 2)
      for line in chosen where line.count <= lineBytesMax {
        lines.append(String(decoding: line, as: UTF8.self))
      }
    }
    return lines
  }

  private static let linesMax = 4_000
  private static let lineBytesMax = 1_000
  private static let foundMax = 2_000
  private static let patternsMax = 16
  private static let singleMax = 6
}

/// A line taken apart into texts and numbers.
struct LineShape {
  /// A number, or a word that changes.
  struct Slot {
    /// nil: it is of no interest.
    var name: String?
    var isInteger = false
  }

  private(set) var slots: [Slot] = []
  /// What stands before each slot, and behind the last.
  private var texts: [String] = []

  /// What is the same for lines of one kind.
  var key: String { texts.joined(separator: "\u{0}") }
  var named: Int { slots.count { $0.name != nil } }
  var textCount: Int { texts.reduce(0) { $0 + $1.count } }
  var isOfTraining: Bool { slots.contains { $0.name.map(FieldWords.isOfTraining) ?? false } }

  /// Whether its numbers stand behind signs that give them names.
  var hasPairs: Bool {
    zip(slots, texts).contains { slot, text in slot.name != nil && text.last(where: { $0 != " " }).map { ":=".contains($0) } ?? false }
  }

  init(_ text: String) {
    var scanner = LineScanner(text)
    texts = [""]
    while let piece = scanner.next() {
      switch piece {
      case .text(let text):
        texts[texts.count - 1] += text
      case .number(_, let isInteger):
        slots.append(Slot(name: "", isInteger: isInteger))
        texts.append("")
      case .changing:
        // Two of them side by side are one.
        if slots.last?.name == nil, !slots.isEmpty, texts[texts.count - 1].allSatisfy({ $0 == " " }) {
          texts[texts.count - 1] = ""
          continue
        }
        slots.append(Slot(name: nil))
        texts.append("")
      }
    }
    nameSlots()
    cut()
  }

  /// The line as `lines` has it.
  var pattern: String {
    var result = ""
    for (slot, text) in zip(slots, texts) { result += Self.escaped(text) + "{\(slot.name ?? "_")}" }
    // Behind the last number a word ends by itself; other signs stand there.
    let rest = texts[slots.count]
    let end = rest.first.map { $0 != " " } ?? false ? Self.escaped(String(rest.prefix { $0 != " " })) : ""
    return (result + end).drop { $0 == " " }.description
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      result += character == "{" ? "{{" : character == "}" ? "}}" : String(character)
    }
    return result
  }

  // MARK: - Names

  private mutating func nameSlots() {
    var taken: [String: Int] = [:]
    var base: (name: String, slot: Int, count: Int)?
    for index in slots.indices where slots[index].name != nil {
      let (before, behind) = (texts[index], texts[index + 1])
      var name = Self.name(before: before)
      let sign = before.filter { $0 != " " }
      if name == nil, let known = base {
        if sign == "/", slots[index].isInteger {
          name = "total_" + known.name
        } else if sign == "(", behind.first == ")" {
          name = known.name + "_average"
        } else if sign == ",", behind.first == "," || behind.first == "]", texts[known.slot].hasSuffix("[") {
          name = "\(known.name)_\(known.count)"
          base?.count += 1
        }
      }
      if name == nil { name = Self.name(behind: behind) }
      if name == nil, index == 0, slots[index].isInteger { name = "iteration" }
      guard var name else {
        slots[index].name = nil
        continue
      }
      if !sign.hasSuffix(","), sign != "/", sign != "(" { base = (name, index, 1) }
      let count = taken[name, default: 0]
      taken[name] = count + 1
      if count > 0 { name += "_\(count + 1)" }
      slots[index].name = name
    }
  }

  private static func name(before text: String) -> String? {
    var text = Substring(text)
    while let last = text.last, !last.isLetter, !last.isNumber, last != "%", last != "\"" && last != "'" { 
      if last == ")", let open = text.lastIndex(of: "("), text[open...].contains(where: \.isLetter) { break }
      text.removeLast()
    }
    while let last = text.last, last == "\"" || last == "'" { text.removeLast() }
    // A unit in parentheses belongs to the name.
    var unit = ""
    if text.last == ")", let open = text.lastIndex(of: "(") {
      unit = " " + text[open...].filter { $0 != "(" && $0 != ")" }
      text = text[..<open]
    }
    var start = text.startIndex
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      let isMark = ",;|()[]{}<>=\t".contains(text[index])
      let isColon = text[index] == ":" && next < text.endIndex && text[next] != " "
      let isGap = text[index] == " " && next < text.endIndex && text[next] == " "
      if isMark || isColon || isGap { start = next }
      index = next
    }
    return name(of: String(text[start...]) + unit)
  }

  private static func name(behind text: String) -> String? {
    guard let first = text.first, first == " " || first.isLetter else { return nil }
    return name(of: String(text.prefix { !",;|()[]{}<>=:".contains($0) }))
  }

  private static func name(of text: String) -> String? {
    var words = FieldWords.words(text).filter { !["the", "of", "is", "was", "and", "a", "an", "in", "to"].contains($0) }
    guard words.contains(where: { $0.contains(where: \.isLetter) }) else { return nil }
    words = words.suffix(5)
    while let first = words.first, first.first?.isNumber ?? false { words.removeFirst() }
    return words.isEmpty ? nil : words.joined(separator: "_")
  }

  /// Leaves out what stands behind the last number that has a name.
  private mutating func cut() {
    while let last = slots.last, last.name == nil {
      slots.removeLast()
      texts.removeLast()
    }
    guard !slots.isEmpty else { return }
    // What comes long before the first name says little, and often changes.
    while slots.count > 1, slots[0].name == nil, slots[1].name != nil || slots.count > 2 {
      slots.removeFirst()
      texts.removeFirst()
      texts[0] = String(texts[0].drop { !$0.isLetter && $0 != "[" })
      if texts[0].isEmpty { texts[0] = "" }
    }
    if texts[0].count > 60 { texts[0] = String(texts[0].suffix(60).drop { $0 != " " }) }
    texts[slots.count] = String(texts[slots.count].prefix { $0 != " " })
  }
}
