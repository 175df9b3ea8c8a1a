internal import PatternSyntax

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
    let ofTraining = found.values.filter { $0.line.isOfTraining && $0.line.hasWords }
    let repeated = ofTraining.filter { $0.count > 1 }
    // What stands there once may be the first of many: an evaluation, say. Many such lines are chatter.
    let single = ofTraining.filter { $0.count == 1 && $0.line.hasPairs }
    let used = repeated.isEmpty ? single : repeated + (single.count <= Self.singleMax ? single : [])
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

  private static let linesMax = 2_000
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
    var isPercent = false
  }

  private(set) var slots: [Slot] = []
  /// What stands before each slot, and behind the last.
  private var texts: [String] = []

  /// What is the same for lines of one kind.
  var key: String { texts.joined(separator: "\u{0}") }
  var named: Int { slots.count { $0.name != nil } }
  var textCount: Int { texts.reduce(0) { $0 + $1.count } }
  var isOfTraining: Bool { slots.contains { $0.name.map(FieldWords.isOfTraining) ?? false } }

  /// Whether it can be told by a word.
  var hasWords: Bool { texts.contains { $0.contains(where: \.isLetter) } }

  /// Whether its numbers stand behind signs that give them names.
  var hasPairs: Bool {
    zip(slots, texts).contains { slot, text in
      slot.name != nil && text.last(where: { $0 != " " }).map { ":=".contains($0) } ?? false
    }
  }

  init(_ text: String) {
    var scanner = LineScanner(text)
    texts = [""]
    while let piece = scanner.next() {
      switch piece {
      case .text(let text):
        texts[texts.count - 1] += text
      case .number(_, let isInteger, let isPercent):
        slots.append(Slot(name: "", isInteger: isInteger, isPercent: isPercent))
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
    for (slot, text) in zip(slots, texts) { result += Pattern.escaped(text) + "{\(slot.name ?? "_")}" }
    // Behind the last number a word ends by itself; other signs stand there.
    let rest = texts[slots.count]
    let end = rest.first.map { $0 != " " } ?? false ? Pattern.escaped(String(rest.prefix { $0 != " " })) : ""
    return (result + end).drop { $0 == " " }.description
  }

  // MARK: - Names

  private mutating func nameSlots() {
    var taken: [String: Int] = [:]
    var base: (name: String, slot: Int, count: Int)?
    // What was taken for the name of the number before.
    var used = ""
    var phase: String?
    for index in slots.indices {
      var (before, behind) = (texts[index], texts[index + 1])
      phase = Self.phase(in: before, isFirst: index == 0) ?? phase
      guard slots[index].name != nil else { continue }
      if !used.isEmpty, before.hasPrefix(used) { before = String(before.dropFirst(used.count)) }
      used = ""
      if index > 0, slots[index - 1].name != nil, let unit = Self.unit(in: &before) {
        slots[index - 1].name? += unit
      }
      var name = Self.name(before: before)
      let sign = before.filter { $0 != " " }
      if name == nil, let known = base, known.slot + known.count == index {
        if sign == "/", slots[index].isInteger, slots[index - 1].isInteger {
          name = Self.isOfProgress(known.name) ? "total_" + known.name : nil
        } else if sign == "(", behind.first == ")" {
          name =
            slots[index].isPercent
            ? (slots[index - 1].isInteger ? nil : known.name + "_percent") : known.name + "_average"
        } else if sign == ",", behind.first == "," || behind.first == "]", texts[known.slot].hasSuffix("[") {
          if known.count == 1 { slots[known.slot].name = known.name + "_0" }
          name = "\(known.name)_\(known.count)"
          base?.count += 1
        }
        if sign == "(", name == nil {
          slots[index].name = nil
          continue
        }
      }
      if ["is", "was"].contains(sign), let subject = Self.subject(of: texts[0]) { name = subject }
      if name == nil, !sign.hasSuffix("/") || !(behind.first?.isLetter ?? true),
        let (found, text) = Self.name(behind: behind)
      {
        (name, used) = (found, text)
      }
      if name == nil, index == 0, slots[index].isInteger, sign.isEmpty || sign == "[" { name = "iteration" }
      if let plain = name, slots[index].isPercent, Self.isOfProgress(plain) { name = "progress_percent" }
      // `Train: 3 [100/1251]` is the third epoch.
      if let plain = name, slots[index].isInteger, FieldMeaning.phases[plain] != nil { name = "epoch" }
      if let plain = name, let phase, !FieldWords.words(plain).contains(where: { FieldMeaning.phases[$0] != nil }),
        !Self.isOfProgress(plain)
      {
        name = "\(phase)_\(plain)"
      }
      guard var name else {
        slots[index].name = nil
        continue
      }
      if !sign.hasSuffix(",") || base == nil, sign != "/", sign != "(" { base = (name, index, 1) }
      let count = taken[name, default: 0]
      taken[name] = count + 1
      if count > 0 { name += "_\(count + 1)" }
      slots[index].name = name
    }
  }

  /// What a sentence speaks of: the words before the first preposition.
  private static func subject(of text: String) -> String? {
    let words = text.split(separator: " ").prefix { !["for", "on", "of", "at", "over", "in"].contains($0) }
    return name(of: words.joined(separator: " "))
  }

  /// Whether it says how far a training is, and so is of no phase.
  private static func isOfProgress(_ name: String) -> Bool {
    FieldWords.words(name).contains {
      ["epoch", "step", "steps", "iter", "iteration", "batch", "update", "updates", "ep", "up"].contains($0)
    }
  }

  /// The part of the training that the numbers behind a text are of: `[valid]`, or `valid |` where the line begins.
  private static func phase(in text: String, isFirst: Bool) -> String? {
    var found: String?
    for piece in text.split(separator: "[") {
      guard let end = piece.firstIndex(of: "]") else { continue }
      let word = piece[..<end].lowercased()
      if FieldMeaning.phases[word] != nil { found = word }
    }
    guard found == nil, isFirst else { return found }
    // `Epoch(val)`
    if let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")"), open > text.startIndex,
      text[text.index(before: open)].isLetter
    {
      let word = text[text.index(after: open)..<close].lowercased()
      if FieldMeaning.phases[word] != nil { return word }
    }
    let word = text.prefix { $0.isLetter }
    guard let phase = FieldMeaning.phases[word.lowercased()] else { return nil }
    let next = text.dropFirst(word.count).first { $0 != " " }
    let isMarked = next.map { "|:>-,".contains($0) } ?? false
    return isMarked || phase == .validation || phase == .evaluation ? word.lowercased() : nil
  }

  /// Takes the unit of the number before off a text, as an ending of that number's name.
  private static func unit(in text: inout String) -> String? {
    guard text.hasPrefix(" ") else { return nil }
    let word = text.dropFirst().prefix { $0.isLetter || $0 == "/" }
    let rest = text.dropFirst(1 + word.count)
    guard !word.isEmpty, let next = rest.first, " ,;|)".contains(next) else { return nil }
    let unit: String
    if word.hasSuffix("/s") || word.hasSuffix("/sec") {
      unit = "_" + FieldWords.words(word).joined(separator: "_")
    } else if ["s", "sec", "secs", "seconds", "ms"].contains(word.lowercased()) {
      unit = word.lowercased() == "ms" ? "_ms" : "_s"
    } else {
      return nil
    }
    text = String(rest)
    return unit
  }

  private static func name(before text: String) -> String? {
    var text = Substring(text)
    if let last = text.last(where: { $0 != " " }), ",;|".contains(last) { return nil }
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
      let isParting =
        text[index] == ":" && index > text.startIndex && text[text.index(before: index)] == " " && next < text.endIndex
      let isGap = text[index] == " " && next < text.endIndex && text[next] == " "
      if isMark || isColon || isGap || isParting { start = next }
      index = next
    }
    return name(of: String(text[start...]) + unit)
  }

  /// The name that stands behind a number, with the text that it is.
  private static func name(behind text: String) -> (name: String, text: String)? {
    guard text.first == " ", text.dropFirst().first?.isLetter ?? false else { return nil }
    let phrase = String(text.prefix { !",;|()[]{}<>=:".contains($0) })
    let next = text.dropFirst(phrase.count).first
    if next == "=" || next == ":" && !phrase.hasSuffix(" ") { return nil }
    // A preposition leads to the next number.
    if ["over", "at", "for", "from", "after", "with"].contains(phrase.filter { $0 != " " }) { return nil }
    return name(of: phrase).map { ($0, phrase) }
  }

  private static func name(of text: String) -> String? {
    var words = FieldWords.words(text).filter {
      !["the", "of", "is", "was", "and", "a", "an", "in", "to"].contains($0)
    }
    guard words.contains(where: { $0.contains(where: \.isLetter) }) else { return nil }
    words = words.suffix(5)
    for progress in [["global", "step"], ["step"], ["epoch"], ["iteration"], ["iter"]]
    where words.suffix(progress.count) == progress[...] && words.count > progress.count {
      if !["per", "this"].contains(words[words.count - progress.count - 1]) { words = progress[...].map { $0 } }
      break
    }
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
