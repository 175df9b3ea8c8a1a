/// The unit of a metric, as the last words of its name say it, and what texts behind numbers mean in it.
struct UnitName: Sendable {
  /// What a number is to be multiplied by: a power of ten, which is exact in its text, and a power of two.
  struct Factor: Equatable {
    var exponent = 0
    var times = 1.0

    var value: Double {
      if exponent == 0 { return times }
      var text = "1e\(exponent)"
      return text.withUTF8 { NumberParser.parse(UnsafeRawBufferPointer($0)) } ?? times
    }
  }

  let isSeconds: Bool
  let isBytes: Bool
  private let isRatio: Bool
  private let words: [String]

  init(_ name: String) {
    let written = name.lowercased().split(separator: "_").map(String.init)
    words = written.map(Self.canonical)
    let isPer = words.contains("per")
    isSeconds = written.last == "seconds" && !isPer
    isBytes = written.last == "bytes" && !isPer
    isRatio = written.last == "ratio"
  }

  /// Whether it is one thing for each of another.
  var hasPer: Bool { words.contains("per") }

  func ends(in unit: [String]) -> Bool { !unit.isEmpty && words.reversed().starts(with: unit.reversed()) }

  /// The text behind a number without the blanks before it and a remark in parentheses behind it; nil: it is too long for a
  /// unit.
  static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.count <= 64 else { return nil }
    var text = Substring(String(decoding: bytes, as: UTF8.self))
    if text.last == ")", let open = text.firstIndex(of: "("), open > text.startIndex {
      let unit = text[..<open]
      // Without a unit it is two numbers.
      if unit.contains(where: { $0 != " " && $0 != "\t" }) { text = unit }
    }
    while let first = text.first, first == " " || first == "\t" || first == "\u{A0}" || first == "\u{202F}" {
      text.removeFirst()
    }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }

  /// What a number with this text behind it is in the unit; nil: the text says another unit, or nothing.
  func factor(of text: String) -> Factor? {
    if isBytes { return Self.bytes(text) }
    let said = Self.words(text)
    if isSeconds, said.count == 1, let factor = Self.times[said[0]] { return factor }
    if isRatio { return said == ["percent"] ? Factor(exponent: -2) : nil }
    if ends(in: said) { return Factor() }
    guard !isSeconds, let first = text.first, let power = "kMGT".firstIndex(of: first == "K" ? "k" : first) else {
      return text == "B" && !isSeconds ? Factor(exponent: 9) : nil
    }
    let thousands = 3 * ("kMGT".distance(from: "kMGT".startIndex, to: power) + 1)
    let rest = String(text.dropFirst())
    if rest.hasPrefix("iB"), ends(in: Self.words(String(rest.dropFirst()))) {
      return Factor(times: Double(1 << (10 * thousands / 3)))
    }
    return rest.isEmpty || ends(in: Self.words(rest)) ? Factor(exponent: thousands) : nil
  }

  /// Whether a word behind a number is a unit, whatever the metric's is: `%`, a size, a time, one for each of another.
  static func isUnit(_ word: String) -> Bool {
    let lower = word.lowercased()
    let parts = lower.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2 { return parts.allSatisfy { !$0.isEmpty } && parts.contains { isTime(String($0)) } }
    if lower == "%" || lower == "percent" { return true }
    if word.utf8.count == 1 { return "smhd".contains(word) }
    if lower == "bytes" || (word.count <= 3 && word.hasSuffix("B") && bytes(word) != nil) { return true }
    return lower != "second" && isTime(lower) || foreignTimes.contains(where: lower.hasPrefix)
  }

  /// Whether such a word may as well be a name that has a number behind it, such as `min`.
  static func mayBeKey(_ unit: String) -> Bool {
    let isWord = unit.utf8.allSatisfy { $0 &- UInt8(ascii: "a") < 26 }
    return isWord && (unit.utf8.count <= 3 || !unit.hasSuffix("s")) && !foreignTimes.contains(where: unit.hasPrefix)
  }

  private static func isTime(_ word: String) -> Bool {
    times[canonical(word)] != nil || ["second", "week"].contains(canonical(word))
  }

  /// How words of durations begin in other languages. They are not read, and no number beside them is one of seconds.
  private static let foreignTimes = [
    "tage", "woche", "stunde", "minuten", "sekunde", "jours", "semaine", "heure", "seconde", "horas", "minuto",
    "segundo",
  ]

  /// Durations of one unit, for numbers that have thousands or an exponent.
  private static let times = [
    "nanosecond": Factor(exponent: -9), "microsecond": Factor(exponent: -6), "millisecond": Factor(exponent: -3),
    "minute": Factor(times: 60), "hour": Factor(times: 3600), "day": Factor(times: 86_400),
  ]

  /// `GiB` and `G` are powers of 1,024, `GB` of 1,000.
  private static func bytes(_ text: String) -> Factor? {
    if ["b", "byte", "bytes"].contains(text.lowercased()) { return Factor() }
    guard let first = text.first, let power = Array("kmgtp").firstIndex(of: Character(first.lowercased())) else {
      return nil
    }
    switch String(text.dropFirst()) {
    case "", "i", "iB": return Factor(times: Double(1 << (10 * (power + 1))))
    case "ib" where first.isLowercase: return Factor(times: Double(1 << (10 * (power + 1))))
    case "B": return Factor(exponent: 3 * (power + 1))
    // `Mb` would be bits.
    case "b" where first.isLowercase: return Factor(exponent: 3 * (power + 1))
    default: return nil
    }
  }

  /// `it/s` is what `iterations_per_second` is.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    for (place, part) in text.lowercased().split(separator: "/", omittingEmptySubsequences: false).enumerated() {
      if place > 0 { words.append("per") }
      words += part.split { $0 == " " || $0 == "_" || $0 == "-" }.map { canonical(String($0)) }
    }
    return words
  }

  /// A word in the singular and written out. Of names and texts alike, so that what is strange stays equal.
  private static func canonical(_ word: String) -> String {
    if let known = abbreviations[word] { return known }
    var singular = Substring(word)
    if ["ches", "shes", "xes"].contains(where: word.hasSuffix) {
      singular = word.dropLast(2)
    } else if word.count > 2, word.hasSuffix("s"), !word.hasSuffix("ss") {
      singular = word.dropLast()
    }
    return abbreviations[String(singular)] ?? String(singular)
  }

  private static let abbreviations = [
    "%": "percent", "s": "second", "sec": "second", "ms": "millisecond", "us": "microsecond", "ns": "nanosecond",
    "min": "minute", "h": "hour", "hr": "hour", "d": "day", "it": "iteration", "iter": "iteration", "img": "image",
    "im": "image", "tok": "token", "ex": "example", "samp": "sample", "req": "request", "seq": "sequence", "b": "byte",
    "c": "celsius", "°c": "celsius", "celsius": "celsius", "w": "watt", "v": "volt", "a": "ampere", "j": "joule",
    "hz": "hertz",
  ]
}
