/// Takes a console line apart into texts, numbers and what changes without being one. What loggers write before it, such
/// as times and the names of levels, is passed by.
struct LineScanner {
  enum Piece {
    case text(String)
    /// With the unit that stands at it.
    case number(String, isInteger: Bool, isPercent: Bool = false)
    /// A word with digits in it, or a progress bar.
    case changing
  }

  private let characters: [Character]
  private var at = 0

  init(_ line: String) {
    var characters: [Character] = []
    var isInEscape = false
    for character in line {
      if character == "\u{1B}" {
        isInEscape = true
      } else if isInEscape {
        if character.isLetter { isInEscape = false }
      } else if character == "\t" || character == "\u{A0}" {
        characters.append(" ")
      } else {
        characters.append(character)
      }
    }
    self.characters = characters
    at = prefixEnd
  }

  mutating func next() -> Piece? {
    guard at < characters.count else { return nil }
    let character = characters[at]
    if character == " " {
      while at < characters.count, characters[at] == " " { at += 1 }
      return .text(" ")
    }
    if let end = barEnd(from: at) {
      at = end
      return .changing
    }
    if let number = number() { return number }
    if character.isLetter || character == "_" || character == "'" && nextIsLetter(at) { return word() }
    at += 1
    return .text(String(character))
  }

  private func nextIsLetter(_ place: Int) -> Bool { place + 1 < characters.count && characters[place + 1].isLetter }

  private mutating func word() -> Piece {
    let start = at
    while at < characters.count {
      let character = characters[at]
      let joins = "./-'@".contains(character) && nextIsLetter(at)
      guard character.isLetter || character.isNumber || character == "_" || joins || character == "@" else { break }
      at += 1
    }
    let text = String(characters[start..<at])
    if ["nan", "inf", "NaN", "Inf", "-inf"].contains(text), isValuePlace(start) {
      return .number(text, isInteger: false)
    }
    // A version, a hash, a path.
    let digits = text.count(where: \.isNumber)
    if digits > 3, digits * 3 > text.count || text.count > 24 { return .changing }
    return .text(text)
  }

  /// Whether a value may stand there.
  private func isValuePlace(_ place: Int) -> Bool {
    guard let before = characters[..<place].last(where: { $0 != " " }) else { return false }
    return ":=([,|<".contains(before)
  }

  private mutating func number() -> Piece? {
    var end = at
    if "+-".contains(characters[end]) {
      guard at == 0 || !(characters[at - 1].isLetter || characters[at - 1].isNumber || characters[at - 1] == ")") else {
        return nil
      }
      end += 1
    }
    if end + 2 < characters.count, String(characters[end..<end + 3]).lowercased() == "inf", end > at {
      at = end + 3
      return .number("inf", isInteger: false)
    }
    let start = end
    func digits() {
      while end < characters.count, characters[end].isASCII, characters[end].isNumber { end += 1 }
    }
    digits()
    var isInteger = true
    let integerDigits = end - start
    while end + 3 < characters.count, characters[end] == ",", (1...3).allSatisfy({ characters[end + $0].isNumber }),
      end + 4 >= characters.count || !characters[end + 4].isNumber, integerDigits <= 3, integerDigits > 0
    { end += 4 }
    if end < characters.count, characters[end] == ".", end + 1 < characters.count,
      characters[end + 1].isNumber || integerDigits > 0 && !nextIsLetter(end)
    {
      let point = end
      end += 1
      digits()
      // A full stop behind a number is none of it.
      if end == point + 1 { end = point } else { isInteger = false }
    }
    guard end > start, characters[start..<end].contains(where: \.isNumber) else { return nil }
    if end + 1 < characters.count, "eE".contains(characters[end]) {
      var exponent = end + 1
      if "+-".contains(characters[exponent]) { exponent += 1 }
      if exponent < characters.count, characters[exponent].isNumber {
        end = exponent
        digits()
        isInteger = false
      }
    }
    while end + 2 < characters.count, characters[end] == ":", characters[end + 1].isNumber, characters[end + 2].isNumber
    {
      end += 3
      isInteger = false
      if end + 1 < characters.count, characters[end] == ".", characters[end + 1].isNumber {
        end += 1
        digits()
      }
    }
    if let words = durationEnd(from: end) { end = words }
    let rest = end
    while end < characters.count,
      characters[end].isLetter || characters[end] == "%" || characters[end] == "/" && nextIsLetter(end)
    {
      end += 1
    }
    let unit = String(characters[rest..<end])
    let isUnit =
      unit.isEmpty || Self.units.contains(unit) || unit.hasSuffix("/s") || unit.hasPrefix("s/") || unit.hasPrefix("ms/")
    let isWordBehind = end < characters.count && (characters[end].isNumber || characters[end] == "_")
    guard isUnit, !isWordBehind else {
      while end < characters.count, characters[end].isLetter || characters[end].isNumber || characters[end] == "_" {
        end += 1
      }
      at = end
      return .changing
    }
    let text = String(characters[at..<end])
    at = end
    return .number(text, isInteger: isInteger && unit.isEmpty, isPercent: unit == "%")
  }

  /// Where a duration of several words ends: `1 day, 2:03:04`, `2 minutes and 3.1 seconds`.
  private func durationEnd(from start: Int) -> Int? {
    let rest = String(characters[start...].prefix(80))
    let words = rest.split(separator: " ", omittingEmptySubsequences: true).prefix(8).map(String.init)
    guard rest.hasPrefix(" "), words.count > 1, let first = words.first,
      Self.longUnits.contains(first.filter(\.isLetter))
    else { return nil }
    var taken = 1
    while taken < words.count {
      let word = words[taken]
      let isPart = word == "and" || word.first!.isNumber || Self.longUnits.contains(word.filter(\.isLetter))
      guard isPart else { break }
      taken += 1
    }
    guard taken > 1, taken > 2 || words[1].contains(":") else { return nil }
    let length = words.prefix(taken).reduce(0) { $0 + $1.count + 1 }
    var end = min(start + length, characters.count)
    while end > start, !(characters[end - 1].isNumber || characters[end - 1].isLetter) { end -= 1 }
    return end
  }

  private static let longUnits: Set = ["day", "days", "hour", "hours", "minute", "minutes", "second", "seconds"]

  private static let units: Set = [
    "%", "s", "ms", "us", "ns", "sec", "secs", "m", "min", "h", "d", "K", "k", "M", "G", "T", "B", "KB", "kB", "MB",
    "GB", "TB",
    "MiB", "GiB", "KiB", "TFLOPS",
  ]

  /// Where a progress bar ends that begins there.
  private func barEnd(from start: Int) -> Int? {
    var end = start
    while end < characters.count, isOfBar(characters[end]) { end += 1 }
    let isDrawn = characters[start..<end].contains { ("\u{2500}"..."\u{259F}").contains($0.unicodeScalars.first!) }
    let isOfHashes = characters[start] == "#" && start > 0 && characters[start - 1] == "|"
    return end - start >= (isDrawn || isOfHashes ? 1 : 4) ? end : nil
  }

  private func isOfBar(_ character: Character) -> Bool {
    guard let scalar = character.unicodeScalars.first else { return false }
    return "#=>.*-~".contains(character) || ("\u{2500}"..."\u{259F}").contains(scalar)
  }

  // MARK: - What loggers write first

  private var prefixEnd: Int {
    var end = 0
    if let clock = clockEnd { end = clock }
    if let place = sourcePlaceEnd(from: end) { end = place }
    var isOver = false
    if let level = levelEnd(from: end) { end = level }
    while !isOver, end < characters.count {
      let before = end
      while end < characters.count, " ]-:|,)Z".contains(characters[end]) { end += 1 }
      // A number may have a sign.
      if end > before, end < characters.count, characters[end].isNumber, characters[end - 1] == "-" { end -= 1 }
      let word = String(characters[end...].prefix { $0.isLetter || $0 == "[" })
      let level = word.hasPrefix("[") ? String(word.dropFirst()) : word
      if ["INFO", "DEBUG", "WARNING", "WARN", "ERROR"].contains(level) { end += word.count } else { isOver = true }
      if before == 0, end == 0 { return 0 }
    }
    return end
  }

  /// Where the name of a level ends, with that of a logger behind it, if one stands near.
  private func levelEnd(from start: Int) -> Int? {
    var index = start
    while index < min(characters.count, start + 48) {
      guard characters[index].isLetter else {
        index += 1
        continue
      }
      var end = index
      while end < characters.count, characters[end].isLetter { end += 1 }
      if ["INFO", "DEBUG", "WARNING", "WARN", "ERROR"].contains(String(characters[index..<end])) {
        // `INFO:root:`
        if index == start, end < characters.count, characters[end] == ":" {
          var name = end + 1
          while name < characters.count, characters[name].isLetter || characters[name] == "." || characters[name] == "_"
          { name += 1 }
          if name > end + 1, name < characters.count, characters[name] == ":" { end = name }
        }
        return end
      }
      // What a record says has numbers behind its names.
      if end < characters.count, characters[end] == "=" { return nil }
      index = end
    }
    return nil
  }

  /// Where the time of day ends with which the line begins.
  private var clockEnd: Int? {
    if let dated = datedClockEnd { return dated }
    var index = 0
    while index + 7 < min(characters.count, 60) {
      defer { index += 1 }
      guard characters[index].isNumber, characters[index + 2] == ":", characters[index + 5] == ":",
        [1, 3, 4, 6, 7].allSatisfy({ characters[index + $0].isNumber })
      else {
        let character = characters[index]
        guard character.isNumber || "[(-/. T,:|IWEF".contains(character) || isLevel(before: index) else { return nil }
        continue
      }
      // Without a date before it, it may be how long something took.
      guard characters[..<index].count(where: \.isNumber) >= 4 || characters[0] == "[" || index == 0 else { return nil }
      var end = index + 8
      while end < characters.count,
        characters[end].isNumber
          || ".,".contains(characters[end]) && end + 1 < characters.count && characters[end + 1].isNumber
      {
        end += 1
      }
      return end
    }
    return nil
  }

  /// Where a time of day ends with a date before it, wherever it begins.
  private var datedClockEnd: Int? {
    let bytes = characters.prefix(80).map { $0.isASCII ? $0 : "x" }
    guard bytes.count >= 19 else { return nil }
    for start in 0...(bytes.count - 19) {
      let isDate = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18].allSatisfy { bytes[start + $0].isNumber }
      guard isDate, "-/.".contains(bytes[start + 4]), bytes[start + 13] == ":", bytes[start + 16] == ":" else {
        continue
      }
      var end = start + 19
      while end < characters.count,
        characters[end].isNumber
          || ".,".contains(characters[end]) && end + 1 < characters.count && characters[end + 1].isNumber
      {
        end += 1
      }
      return end
    }
    return nil
  }

  private func isLevel(before index: Int) -> Bool {
    let word = String(characters[...index].filter(\.isLetter))
    return ["INFO", "DEBUG", "WARNING", "ERROR"].contains { $0.hasPrefix(word) }
  }

  /// Where a program's place ends, such as `train.py:203]`.
  private func sourcePlaceEnd(from start: Int) -> Int? {
    var index = start
    while index + 4 < min(characters.count, start + 120) {
      defer { index += 1 }
      guard characters[index] == ".",
        characters[index...].starts(with: ".py:") || characters[index...].starts(with: ".cpp:")
          || characters[index...].starts(with: ".cc:")
      else { continue }
      while index < characters.count, characters[index] != ":" { index += 1 }
      index += 1
      while index < characters.count, characters[index].isNumber { index += 1 }
      return index
    }
    return nil
  }
}
