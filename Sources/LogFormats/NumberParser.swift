internal import CNumbers

/// Decimal text to `Double`, correctly rounded. It never allocates and knows no locale.
package enum NumberParser {
  /// More digits than any program writes for a number; bounds the work for a cell of a hostile log.
  package static let numberBytesMax = 1_024

  /// The number that is the whole of `text`, which has lost its surrounding blanks; nil where it is none.
  ///
  /// Takes a sign (also `+`), decimals, an exponent, and in any case `nan`, `inf` and `infinity`. Beyond `Double` lie an
  /// infinity and zero. Hexadecimal, grouped (`1_000`, `1,5`) and percent forms are no numbers.
  package static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
    guard let base = text.baseAddress, !text.isEmpty, text.count <= numberBytesMax else { return nil }
    let start = base.assumingMemoryBound(to: UInt8.self)
    return parse(from: start, to: start + text.count)
  }

  static func parse(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> Double? {
    guard start < end, end - start <= numberBytesMax else { return nil }
    var cursor = start
    if let number = scanExact(&cursor, end: end), cursor == end { return number }
    return parseRest(from: start, to: end)
  }

  /// What the exact path leaves: many digits, large exponents, words.
  @inline(never)
  private static func parseRest(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> Double? {
    var digits = start
    if digits.pointee == UInt8(ascii: "+") || digits.pointee == UInt8(ascii: "-") { digits += 1 }
    guard digits < end else { return nil }
    if digits.pointee &- 48 > 9 && digits.pointee != UInt8(ascii: ".") {
      guard let magnitude = word(digits, end - digits) else { return nil }
      return start.pointee == UInt8(ascii: "-") ? -magnitude : magnitude
    }
    // from_chars takes a minus but no plus.
    let from = start.pointee == UInt8(ascii: "+") ? digits : start
    var number = 0.0
    return cnumbers_parse_double(from, end - from, &number) == 1 ? number : nil
  }

  private static func word(_ text: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    if equalsIgnoringCase(text, count, "nan") { return .nan }
    if equalsIgnoringCase(text, count, "inf") || equalsIgnoringCase(text, count, "infinity") { return .infinity }
    return nil
  }

  private static func equalsIgnoringCase(_ text: UnsafePointer<UInt8>, _ count: Int, _ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for index in 0..<count where text[index] | 0x20 != word.utf8Start[index] { return false }
    return true
  }

  /// Scans the longest number at `cursor` and moves past it, if it can be had exactly with one multiplication or
  /// division: a mantissa of at most 2^53 and a power of ten of at most 10^22 are both exact (Clinger 1990). Otherwise
  /// nil, and `cursor` stands anywhere.
  @inline(__always)
  static func scanExact(_ cursor: inout ByteCursor) -> Double? {
    scanExact(&cursor.at, end: cursor.end)
  }

  @inline(__always)
  static func scanExact(_ cursor: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> Double? {
    var mantissa: UInt64 = 0
    var negative = false
    var at = cursor
    guard at < end else { return nil }
    if at.pointee == UInt8(ascii: "-") {
      negative = true
      at += 1
    }
    let digitsStart = at
    while at < end {
      let digit = at.pointee &- 48
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(truncatingIfNeeded: digit)
      at += 1
    }
    var digits = at - digitsStart
    var exponent = 0
    if at < end, at.pointee == UInt8(ascii: ".") {
      at += 1
      let fractionStart = at
      while at < end {
        let digit = at.pointee &- 48
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(truncatingIfNeeded: digit)
        at += 1
      }
      exponent = fractionStart - at
      digits = digits &- exponent
    }
    // Up to 19 digits the mantissa cannot have wrapped.
    guard digits &- 1 < 19, digits > 0, mantissa <= 1 << 53 else { return nil }
    if at < end, at.pointee | 0x20 == UInt8(ascii: "e") {
      guard let scale = scanExponent(&at, end: end) else { return nil }
      exponent += scale
    }
    guard exponent >= -22, exponent <= 22 else { return nil }
    cursor = at
    let magnitude = Double(mantissa)
    let number = exponent < 0 ? magnitude / powersOfTen[-exponent] : magnitude * powersOfTen[exponent]
    return negative ? -number : number
  }

  @inline(never)
  private static func scanExponent(_ cursor: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) -> Int? {
    var at = cursor + 1
    var isNegative = false
    if at < end, at.pointee == UInt8(ascii: "-") || at.pointee == UInt8(ascii: "+") {
      isNegative = at.pointee == UInt8(ascii: "-")
      at += 1
    }
    let digitsStart = at
    var exponent = 0
    while at < end {
      let digit = at.pointee &- 48
      if digit > 9 { break }
      exponent = min(exponent * 10 + Int(digit), 9_999)
      at += 1
    }
    guard at > digitsStart else { return nil }
    cursor = at
    return isNegative ? -exponent : exponent
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// The words that stand for a missing value: nothing, `NA`, `None`, `null`.
  @inline(__always)
  static func isMissing(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>) -> Bool {
    switch end - start {
    case ...0: true
    case 2: start[0] == UInt8(ascii: "N") && start[1] == UInt8(ascii: "A")
    case 4:
      UnsafeRawPointer(start).loadUnaligned(as: UInt32.self) == noneWord
        || UnsafeRawPointer(start).loadUnaligned(as: UInt32.self) == nullWord
    default: false
    }
  }

  // "None" and "null" as they lie in little-endian memory.
  private static let noneWord: UInt32 = UInt32(littleEndian: 0x656E_6F4E)
  private static let nullWord: UInt32 = UInt32(littleEndian: 0x6C6C_756E)
}
