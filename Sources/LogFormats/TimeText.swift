internal import Glibc

/// Moments as logs write them: ISO 8601, as Python's logging writes it too (`2026-11-29 22:04:05,123`), and Unix time in
/// seconds or milliseconds.
package enum TimeText {
  /// Numbers from here on are milliseconds: as seconds they would lie in the year 5138.
  private static let millisecondsMin = 1e11
  /// Before, a number is no time of a log but a duration or a step: 2001.
  private static let secondsMin = 1e9
  /// What an `Int64` of nanoseconds holds, in seconds: up to the year 2262.
  private static let secondsMax = 9.2e9

  /// Nanoseconds since 1970 (UTC); nil: it is no time between the years 2001 and 2262.
  ///
  /// - Parameters:
  ///   - text: a time without a zone is the machine's local time.
  ///   - number: what the text is as a number, if it is one.
  package static func nanoseconds(_ text: some Collection<UInt8>, number: Double?) -> Int64? {
    if let number { return nanoseconds(ofUnix: number) }
    var text = ArraySlice(text)
    while let last = text.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "]") { text.removeLast() }
    while let first = text.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "[") { text.removeFirst() }
    return civil(text)
  }

  private static func nanoseconds(ofUnix number: Double) -> Int64? {
    let seconds = number >= millisecondsMin ? number / 1000 : number
    guard seconds >= secondsMin, seconds < secondsMax else { return nil }
    return Int64(seconds * 1e9)
  }

  private static func civil(_ text: ArraySlice<UInt8>) -> Int64? {
    var rest = text
    var time = tm()
    guard let year = digits(4, of: &rest), skip("-", in: &rest), let month = digits(2, of: &rest), skip("-", in: &rest),
      let day = digits(2, of: &rest), skip("T", in: &rest) || skip("t", in: &rest) || skip(" ", in: &rest),
      let hour = digits(2, of: &rest), skip(":", in: &rest), let minute = digits(2, of: &rest),
      (2001..<2262).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60
    else { return nil }
    (time.tm_year, time.tm_mon, time.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
    (time.tm_hour, time.tm_min, time.tm_isdst) = (Int32(hour), Int32(minute), -1)
    var nanoseconds = 0
    if skip(":", in: &rest) {
      guard let second = digits(2, of: &rest), second <= 60 else { return nil }
      time.tm_sec = Int32(second)
      if skip(".", in: &rest) || skip(",", in: &rest) {
        guard let fraction = fraction(of: &rest) else { return nil }
        nanoseconds = fraction
      }
    }
    guard let seconds = seconds(&time, zone: rest) else { return nil }
    return Int64(seconds) * 1_000_000_000 + Int64(nanoseconds)
  }

  /// nil: what stands there is no zone.
  private static func seconds(_ time: inout tm, zone: ArraySlice<UInt8>) -> Int? {
    var zone = zone
    if zone.isEmpty { return mktime(&time) }
    if zone.elementsEqual("Z".utf8) || zone.elementsEqual("z".utf8) { return timegm(&time) }
    let isEast = skip("+", in: &zone)
    guard isEast || skip("-", in: &zone), let hours = digits(2, of: &zone), hours < 24 else { return nil }
    _ = skip(":", in: &zone)
    let minutes = zone.isEmpty ? 0 : digits(2, of: &zone)
    guard let minutes, minutes < 60, zone.isEmpty else { return nil }
    let offset = (hours * 60 + minutes) * 60
    return timegm(&time) + (isEast ? -offset : offset)
  }

  private static func skip(_ mark: Unicode.Scalar, in text: inout ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: mark) else { return false }
    text.removeFirst()
    return true
  }

  private static func digits(_ count: Int, of text: inout ArraySlice<UInt8>) -> Int? {
    guard text.count >= count else { return nil }
    var number = 0
    for byte in text.prefix(count) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    text.removeFirst(count)
    return number
  }

  /// In nanoseconds; what is finer is left out.
  private static func fraction(of text: inout ArraySlice<UInt8>) -> Int? {
    var (nanoseconds, unit, count) = (0, 100_000_000, 0)
    while let byte = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      nanoseconds += Int(byte - UInt8(ascii: "0")) * unit
      unit /= 10
      count += 1
      text.removeFirst()
    }
    return count > 0 ? nanoseconds : nil
  }
}
