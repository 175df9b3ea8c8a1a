package import PatternSyntax

/// How a target wants the text of a value read: by the unit of its metric, by its own `pattern`, and by the marks that the
/// watcher's logs have in their numbers. What is a plain number has been read before, by the parsers.
package struct NumberForm: Sendable {
  /// What a text is.
  package enum Reading: Sendable, Equatable {
    case number(Double)
    /// A number only if its comma begins decimals, which nothing says: `0,97`, and `1,234` where commas do not part
    /// thousands.
    case decimalComma
    case none
  }

  /// The marks in the numbers of a log, as far as the catalog says them; a byte of ASCII each.
  package struct Marks: Sendable, Hashable {
    package var decimal: UInt8?
    package var thousands: UInt8?

    package init(decimal: String? = nil, thousands: String? = nil) {
      self.decimal = decimal?.utf8.first
      self.thousands = thousands?.utf8.first
    }

    /// Whether a comma may be one or the other.
    var leavesCommaOpen: Bool { decimal == nil && thousands == nil }

    /// Whether a mark parts thousands.
    ///
    /// - Parameter commaParts: whether a comma does where the catalog leaves it open.
    func parts(_ mark: UInt8, commaParts: Bool) -> Bool {
      if let thousands { return mark == thousands }
      // `1_000` is a number in many languages, and nothing else than that.
      if mark == UInt8(ascii: "_") { return true }
      if decimal == UInt8(ascii: ",") { return mark == UInt8(ascii: ".") }
      return mark == UInt8(ascii: ",") && (commaParts || decimal != nil)
    }
  }

  /// Whether a plain number is that number, whatever its text.
  package let takesPlainNumbers: Bool
  /// Whether a number is read that is several words of a line; a pattern is of the one word.
  package var takesWords: Bool { pattern == nil }
  var readsDurations: Bool { unit.isSeconds && scale == 1 }
  /// Whether letters are its units, as `h` and `M` are, and no names.
  var knowsLetters: Bool { unit.isSeconds || unit.isBytes }
  var thousandsAreBlanks: Bool { marks.thousands == UInt8(ascii: " ") }

  private let unit: UnitName
  private let scale: Double
  private let pattern: FieldPattern?
  private let marks: Marks

  /// - Parameters:
  ///   - unit: the metric's unit, or its name without a counter's `_total`, which ends in its unit.
  ///   - scale: what the target multiplies by.
  ///   - pattern: what the whole text has to match; `{value}` takes the part that is the number.
  package init(unit: String, scale: Double = 1, pattern: FieldPattern? = nil, marks: Marks = Marks()) {
    self.unit = UnitName(unit)
    self.scale = scale
    self.pattern = pattern
    self.marks = marks
    takesPlainNumbers = pattern == nil && marks.thousands != UInt8(ascii: ".")
  }

  /// More bytes than any number with its unit has.
  static let textBytesMax = 128

  /// Reads a text without blanks around it.
  ///
  /// - Parameter partsThousands: whether a comma before each three digits parts thousands, where the catalog does not say
  ///   it.
  package func read(_ text: UnsafeBufferPointer<UInt8>, partsThousands: Bool = true) -> Reading {
    guard let base = text.baseAddress else { return .none }
    guard let pattern else { return read(from: base, to: base + text.count, partsThousands) }
    guard let value = pattern.match(text)?.first else { return .none }
    let (start, end) = ByteScan.trimmed(from: base + value.lowerBound, to: base + value.upperBound)
    return read(from: start, to: end, partsThousands)
  }

  func isNumber(from start: BytePointer, to end: BytePointer) -> Bool {
    if case .number = read(UnsafeBufferPointer(start: start, count: end - start)) { true } else { false }
  }

  /// Reads a text without its pattern.
  func read(from start: BytePointer, to end: BytePointer, _ partsThousands: Bool = true) -> Reading {
    if marks.thousands != UInt8(ascii: "."), let number = NumberParser.parse(from: start, to: end) {
      return .number(number)
    }
    // Nearly all other texts are told by their first character.
    guard start < end, end - start <= Self.textBytesMax, start.pointee &- 48 <= 9 || "+-.,".utf8.contains(start.pointee)
    else { return .none }
    if scale == 1 {
      if unit.isSeconds, let seconds = DurationParser.parse(from: start, to: end, decimal: decimal) {
        return .number(seconds)
      }
      if let seconds = duration(from: start, to: end) { return .number(seconds) }
    }
    guard let written = WrittenNumber(from: start, to: end, marks, partsThousands) else { return .none }
    guard let factor = factor(of: UnsafeBufferPointer(start: written.end, count: end - written.end)) else {
      return .none
    }
    if written.isByDecimalComma, marks.leavesCommaOpen { return .decimalComma }
    guard let number = written.number(timesTenTo: factor.exponent) else { return .none }
    return .number(number * factor.times)
  }

  private var decimal: UInt8 { marks.decimal ?? UInt8(ascii: ".") }

  /// The number of a text that has a duration for each of something, such as `21ms/step`: seconds for each, or how many in
  /// a second.
  private func duration(from start: BytePointer, to end: BytePointer) -> Double? {
    let text = UnsafeBufferPointer(start: start, count: end - start)
    guard unit.hasPer, let slash = text.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let what = UnitName.words(String(decoding: text[(slash + 1)...], as: UTF8.self))
    let isSecondsPer = unit.ends(in: ["second", "per"] + what)
    guard !what.isEmpty, isSecondsPer || unit.ends(in: what + ["per", "second"]) else { return nil }
    let time = ByteScan.trimmed(from: start, to: start + slash)
    guard let seconds = DurationParser.parse(from: time.start, to: time.end, decimal: decimal) else { return nil }
    if isSecondsPer { return seconds }
    return seconds > 0 ? 1 / seconds : nil
  }

  /// What a number is to be multiplied by for what stands behind it; nil: that is not the metric's unit. With a `scale` the
  /// log has another unit: it may stand there, and says the same.
  private func factor(of text: UnsafeBufferPointer<UInt8>) -> UnitName.Factor? {
    guard let name = UnitName.text(text) else { return nil }
    if name.isEmpty { return UnitName.Factor() }
    guard let factor = unit.factor(of: name) else { return nil }
    if scale == 1 { return factor }
    return factor.value == scale ? UnitName.Factor() : nil
  }
}
