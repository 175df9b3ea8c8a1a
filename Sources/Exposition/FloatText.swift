internal import CNumbers

/// Writes numbers as text: the shortest decimal that parses back to the same bits. Never looks at a locale and never
/// allocates.
package enum FloatText {
  /// The most bytes that any of these write: sign, 17 digits, point and exponent, or 21 digits; and room.
  package static let bytesMax = 40

  /// Integers below are exact and written digit by digit.
  private static let exactIntegerMax = 0x1p53
  /// Up to nine decimals are found by one multiplication: below, the product's error is under a half, so that the
  /// integer found is the right one.
  private static let decimalsScale = 1e9
  private static let scaledMax = 0x1p51

  /// A sample's value: `3`, `0.25`, `1e+21`, `1e-05`, `NaN`, `+Inf`, `-0`.
  @inline(__always)
  package static func write(_ value: Double, at cursor: inout UnsafeMutablePointer<UInt8>) {
    let magnitude = abs(value)
    // By way of integers: without SSE 4.1, which not every processor has, `rounded` is a call.
    if magnitude < exactIntegerMax {
      let integer = Int64(magnitude)
      if Double(integer) == magnitude {
        if value.sign == .minus { put("-", at: &cursor) }
        write(UInt64(integer), at: &cursor)
        return
      }
    }
    let product = magnitude * decimalsScale
    if product < scaledMax, magnitude >= 1e-4 {
      let scaled = Int64(product + 0.5)
      if Double(scaled) / decimalsScale == magnitude {
        if value < 0 { put("-", at: &cursor) }
        writeDecimals(UInt64(scaled), at: &cursor)
        return
      }
    }
    writeAny(value, exponentMax: 21, at: &cursor)
  }

  /// A bound or a quantile in OpenMetrics' canonical form: `0.1`, `1.0`, `100000.0`, `1e+06`, `1e-05`, `+Inf`.
  package static func writeCanonical(_ value: Double, at cursor: inout UnsafeMutablePointer<UInt8>) {
    let start = cursor
    writeAny(value == 0 ? 0 : value, exponentMax: 6, at: &cursor)
    let written = UnsafeBufferPointer(start: start, count: cursor - start)
    if value.isFinite, !written.contains(UInt8(ascii: ".")), !written.contains(UInt8(ascii: "e")) {
      put(".", at: &cursor)
      put("0", at: &cursor)
    }
  }

  static func canonical(_ value: Double) -> String {
    String(unsafeUninitializedCapacity: bytesMax + 2) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      var cursor = start
      writeCanonical(value, at: &cursor)
      return cursor - start
    }
  }

  package static func write(_ integer: UInt64, at cursor: inout UnsafeMutablePointer<UInt8>) {
    let length = digitCount(integer)
    writeDigits(integer, length, at: cursor)
    cursor += length
  }

  /// `scaled` billionths, without trailing zeros; never a whole number.
  private static func writeDecimals(_ scaled: UInt64, at cursor: inout UnsafeMutablePointer<UInt8>) {
    let (whole, decimals) = scaled.quotientAndRemainder(dividingBy: 1_000_000_000)
    if whole < 10 { putByte(UInt8(truncatingIfNeeded: 48 + whole), at: &cursor) } else { write(whole, at: &cursor) }
    putByte(UInt8(ascii: "."), at: &cursor)
    let (first, others) = decimals.quotientAndRemainder(dividingBy: 100_000_000)
    putByte(UInt8(truncatingIfNeeded: 48 + first), at: &cursor)
    let digits = eightDigits(others)
    // All eight are written, and those that count stay.
    let text = (digits | 0x3030_3030_3030_3030).littleEndian
    UnsafeMutableRawPointer(cursor).storeBytes(of: text, as: UInt64.self)
    cursor += 8 - digits.leadingZeroBitCount / 8
  }

  /// The digits of a number below 100,000,000, leading zeros included: a byte each, the first one lowest. They are taken
  /// apart all at once, into halves, pairs and digits; each multiplication divides by 100 or by 10.
  @inline(__always)
  private static func eightDigits(_ number: UInt64) -> UInt64 {
    let (high, low) = number.quotientAndRemainder(dividingBy: 10_000)
    let halves = high | low << 32
    let hundreds = (halves &* 10_486) >> 20 & 0x0000_007F_0000_007F
    let pairs = (halves &- hundreds &* 100) << 16 | hundreds
    let tens = (pairs &* 103) >> 10 & 0x000F_000F_000F_000F
    return (pairs &- tens &* 10) << 8 | tens
  }

  /// By charconv's digits, laid out as Go does: an exponent below -4 and from `exponentMax` on.
  private static func writeAny(_ value: Double, exponentMax: Int, at cursor: inout UnsafeMutablePointer<UInt8>) {
    if value.isNaN { return put("NaN", at: &cursor) }
    if value.isInfinite { return put(value < 0 ? "-Inf" : "+Inf", at: &cursor) }
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytesMax) { text in
      guard let base = text.baseAddress else { return }
      var length = cnumbers_format_double(value, 1, base, text.count)
      var source = UnsafeRawPointer(base).assumingMemoryBound(to: UInt8.self)
      if source.pointee == UInt8(ascii: "-") {
        put("-", at: &cursor)
        source += 1
        length -= 1
      }
      layOut(UnsafeBufferPointer(start: source, count: length), exponentMax: exponentMax, at: &cursor)
    }
  }

  /// `text` is `d[.ddd]e±dd`.
  private static func layOut(
    _ text: UnsafeBufferPointer<UInt8>,
    exponentMax: Int,
    at cursor: inout UnsafeMutablePointer<UInt8>
  ) {
    guard let mark = text.firstIndex(of: UInt8(ascii: "e")), mark + 2 < text.count else { return }
    var exponent = 0
    for byte in text[(mark + 2)...] { exponent = exponent * 10 + Int(byte) - 48 }
    if text[mark + 1] == UInt8(ascii: "-") { exponent = -exponent }
    if exponent < -4 || exponent >= exponentMax {
      // The shape and the two-digit exponent are Go's already.
      for byte in text { putByte(byte, at: &cursor) }
      return
    }
    // Digits without the point, the first at 0.
    let digitCount = mark > 1 ? mark - 1 : 1
    func digit(_ position: Int) -> UInt8 {
      position < digitCount ? text[position == 0 ? 0 : position + 1] : UInt8(ascii: "0")
    }
    if exponent < 0 {
      put("0.", at: &cursor)
      for _ in 0..<(-exponent - 1) { put("0", at: &cursor) }
      for position in 0..<digitCount { putByte(digit(position), at: &cursor) }
      return
    }
    for position in 0..<max(exponent + 1, digitCount) {
      if position == exponent + 1 { put(".", at: &cursor) }
      putByte(digit(position), at: &cursor)
    }
  }

  private static let digitPairs: StaticString = """
    00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657\
    585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

  /// `length` digits, with leading zeros; two at a time.
  @inline(__always)
  private static func writeDigits(_ integer: UInt64, _ length: Int, at start: UnsafeMutablePointer<UInt8>) {
    let pairs = digitPairs.utf8Start
    var rest = integer
    var end = length
    while end >= 2 {
      let pair = Int(truncatingIfNeeded: rest % 100) * 2
      rest /= 100
      start[end - 1] = pairs[pair + 1]
      start[end - 2] = pairs[pair]
      end -= 2
    }
    if end == 1 { start[0] = UInt8(truncatingIfNeeded: 48 + rest % 10) }
  }

  @inline(__always)
  private static func digitCount(_ integer: UInt64) -> Int {
    var count = 1
    var rest = integer
    while rest >= 10_000 {
      rest /= 10_000
      count += 4
    }
    return count + (rest >= 1000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
  }

  @inline(__always)
  private static func put(_ text: StaticString, at cursor: inout UnsafeMutablePointer<UInt8>) {
    cursor.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    cursor += text.utf8CodeUnitCount
  }

  @inline(__always)
  private static func putByte(_ byte: UInt8, at cursor: inout UnsafeMutablePointer<UInt8>) {
    cursor.pointee = byte
    cursor += 1
  }
}
