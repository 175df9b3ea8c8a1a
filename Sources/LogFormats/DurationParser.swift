internal import Glibc

/// Texts that say how long something took, to seconds: `00:12`, `1:02:03.5`, `1 day, 2:03:04`, `47.2ms`, `2h`, `1m 30s`,
/// `1 hour, 19 minutes and 54.41 seconds`.
/// It is asked only for fields that want it, and never about texts that are numbers.
///
/// Sums are made in decimal, so that `47.2ms` is the double that `0.0472` is.
enum DurationParser {
  /// Longer than any duration that people and programs write.
  static let durationBytesMax = 64

  /// The seconds that are the whole of a text, which has lost its surrounding blanks; nil where it is no duration.
  ///
  /// - Parameter decimal: what may begin decimals beside a full stop.
  static func parse(from start: BytePointer, to end: BytePointer, decimal: UInt8 = UInt8(ascii: ".")) -> Double? {
    guard start < end, end - start <= durationBytesMax else { return nil }
    var reader = Reader(cursor: start, end: end, decimal: decimal)
    return reader.read()
  }

  /// A decimal number: `mantissa` / 10^`scale`.
  private struct Decimal {
    var mantissa: UInt64 = 0
    var scale = 0

    /// False: more digits than 64 bits hold.
    mutating func add(_ other: Decimal) -> Bool {
      guard let scaled = other.scaled(to: max(scale, other.scale)), let own = self.scaled(to: scaled.scale) else {
        return false
      }
      let (sum, overflows) = own.mantissa.addingReportingOverflow(scaled.mantissa)
      self = Decimal(mantissa: sum, scale: scaled.scale)
      return !overflows
    }

    func times(_ factor: UInt64) -> Decimal? {
      let (product, overflows) = mantissa.multipliedReportingOverflow(by: factor)
      return overflows ? nil : Decimal(mantissa: product, scale: scale)
    }

    private func scaled(to wanted: Int) -> Decimal? {
      var result = self
      while result.scale < wanted {
        if result.mantissa == 0 { return Decimal(mantissa: 0, scale: wanted) }
        guard let next = result.times(10) else { return nil }
        result = Decimal(mantissa: next.mantissa, scale: result.scale + 1)
      }
      return result
    }

    /// The nearest double, as long as the mantissa has at most 53 bits.
    var double: Double {
      var divisor = 1.0
      for _ in 0..<scale { divisor *= 10 }
      return Double(mantissa) / divisor
    }
  }

  private struct Unit {
    let names: [StaticString]
    /// How many seconds it is: `factor` / 10^`scale`.
    let factor: UInt64
    let scale: Int
  }

  /// From the largest; a text has them in this order.
  private static let units = [
    Unit(names: ["w", "week", "weeks"], factor: 604_800, scale: 0),
    Unit(names: ["d", "day", "days"], factor: 86_400, scale: 0),
    Unit(names: ["h", "hr", "hrs", "hour", "hours"], factor: 3_600, scale: 0),
    Unit(names: ["m", "min", "mins", "minute", "minutes"], factor: 60, scale: 0),
    Unit(names: ["s", "sec", "secs", "second", "seconds"], factor: 1, scale: 0),
    Unit(names: ["ms", "msec", "millisecond", "milliseconds"], factor: 1, scale: 3),
    // The micro sign, and the Greek letter that looks like it.
    Unit(names: ["us", "\u{B5}s", "\u{3BC}s", "usec", "microsecond", "microseconds"], factor: 1, scale: 6),
    Unit(names: ["ns", "nsec", "nanosecond", "nanoseconds"], factor: 1, scale: 9),
  ]

  private struct Reader {
    var cursor: BytePointer
    let end: BytePointer
    let decimal: UInt8

    mutating func read() -> Double? {
      let isNegative = cursor.pointee == UInt8(ascii: "-")
      if isNegative || cursor.pointee == UInt8(ascii: "+") { cursor += 1 }
      var total = Decimal()
      var rank = 0
      while true {
        let start = cursor
        guard let number = readNumber() else { return nil }
        if cursor < end, cursor.pointee == UInt8(ascii: ":") {
          // A clock stands alone or behind weeks and days.
          guard rank <= 2 else { return nil }
          cursor = start
          guard let clock = readClock(), cursor == end else { return nil }
          // Python writes `-1 day, 23:59:59` for a second below zero: the sign is the days' alone.
          if isNegative, rank > 0 { return clock.double - total.double }
          guard total.add(clock) else { return nil }
          break
        }
        skipBlanks()
        guard let place = readUnit(), place >= rank, let part = number.times(DurationParser.units[place].factor) else {
          return nil
        }
        rank = place + 1
        let scale = part.scale + DurationParser.units[place].scale
        guard total.add(Decimal(mantissa: part.mantissa, scale: scale)) else { return nil }
        if cursor == end { break }
        // `1 hr. 5 min`
        if end - cursor > 1, cursor.pointee == UInt8(ascii: "."), ByteScan.isBlank(cursor[1]) { cursor += 1 }
        skipBlanks()
        if cursor < end, cursor.pointee == UInt8(ascii: ",") {
          cursor += 1
          skipBlanks()
        }
        skipAnd()
      }
      return isNegative ? -total.double : total.double
    }

    private mutating func skipBlanks() {
      while cursor < end, ByteScan.isBlank(cursor.pointee) { cursor += 1 }
    }

    /// The word between the last two parts.
    private mutating func skipAnd() {
      guard end - cursor > 3, memcmp(cursor, "and", 3) == 0, ByteScan.isBlank(cursor[3]) else { return }
      cursor += 3
      skipBlanks()
    }

    /// `12`, `1.5`, `.5`; no sign.
    private mutating func readNumber() -> Decimal? {
      var number = Decimal()
      let start = cursor
      guard readDigits(into: &number) else { return nil }
      var digits = cursor - start
      if cursor < end, isDecimalMark(cursor.pointee) {
        cursor += 1
        let fraction = cursor
        guard readDigits(into: &number) else { return nil }
        number.scale = cursor - fraction
        digits += number.scale
      }
      return digits > 0 ? number : nil
    }

    private func isDecimalMark(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || byte == decimal }

    /// False: more than 64 bits hold.
    private mutating func readDigits(into number: inout Decimal) -> Bool {
      while cursor < end, cursor.pointee &- 48 <= 9 {
        guard let next = number.times(10) else { return false }
        let (sum, overflows) = next.mantissa.addingReportingOverflow(UInt64(cursor.pointee &- 48))
        guard !overflows else { return false }
        number.mantissa = sum
        cursor += 1
      }
      return true
    }

    /// `MM:SS` or `H:MM:SS`, with decimals of the second. Behind the first, parts have two digits and are below 60.
    private mutating func readClock() -> Decimal? {
      guard var total = readNumber(), total.scale == 0 else { return nil }
      var parts = 1
      while cursor < end, cursor.pointee == UInt8(ascii: ":") {
        cursor += 1
        let start = cursor
        guard parts < 3, let part = readNumber(), let sixty = total.times(60) else { return nil }
        let isTwoDigits =
          end - start >= 2 && start[1] &- 48 <= 9 && (cursor - start == 2 || isDecimalMark(start[2]))
        guard isTwoDigits, start[0] &- 48 < 6, total.scale == 0 else { return nil }
        total = sixty
        guard total.add(part) else { return nil }
        parts += 1
      }
      return total
    }

    /// The place of the unit at the cursor among `units`. The case of words does not matter, that of single letters does.
    private mutating func readUnit() -> Int? {
      let start = cursor
      while cursor < end, cursor.pointee | 0x20 >= UInt8(ascii: "a"),
        cursor.pointee | 0x20 <= UInt8(ascii: "z")
          || cursor.pointee >= 0x80
      {
        cursor += 1
      }
      let length = cursor - start
      return DurationParser.units.firstIndex { unit in
        unit.names.contains { name in
          guard name.utf8CodeUnitCount == length else { return false }
          if length > 2 { return (0..<length).allSatisfy { name.utf8Start[$0] | 0x20 == start[$0] | 0x20 } }
          return memcmp(name.utf8Start, start, length) == 0
        }
      }
    }
  }
}

/// What a text is as a number, for a field that is used in some way, before its targets are asked how they read it
/// (`NumberForm`).
enum FieldNumber {
  @inline(__always)
  static func parse(from start: BytePointer, to end: BytePointer, for use: FieldUse) -> Double? {
    if let number = NumberParser.parse(from: start, to: end) { return number }
    return use.contains(.duration) ? DurationParser.parse(from: start, to: end) : nil
  }
}
