/// The entries of header fields such as `Accept`: a token, its parameters and its weight, as RFC 9110 writes them.
/// Reads any bytes in linear time and copies none; what is no entry is left out, never an error.
struct WeightedList {
  typealias Bytes = Substring.UTF8View

  struct Entry {
    /// What stands before the parameters, without blanks around it; may be empty.
    let token: Bytes
    /// All that follows the token's `;`.
    let parameters: Bytes
    /// Thousandths, 0…1000: 0 refuses.
    let weight: Int

    /// The first parameter of that name, without its quotes; `nil` where there is none. A backslash inside quotes
    /// stays: no value that we know has one.
    func parameter(_ name: String) -> Bytes? {
      var rest = parameters
      while let part = take(upTo: UInt8(ascii: ";"), from: &rest) {
        var value = part
        guard let found = take(upTo: UInt8(ascii: "="), from: &value), trimmed(found).isSame(as: name) else { continue }
        return unquoted(trimmed(value))
      }
      return nil
    }
  }

  /// What an entry weighs whose weight is none: accepted, after all that say what they want.
  private static let oddWeight = 1
  private static let fullWeight = 1_000

  /// Calls `body` with each entry that has a token, in the order of the fields.
  static func forEach(in fields: [String], _ body: (Entry) -> Void) {
    for field in fields {
      var rest = field[...].utf8
      while let part = take(upTo: UInt8(ascii: ","), from: &rest) {
        var parameters = part
        guard let token = take(upTo: UInt8(ascii: ";"), from: &parameters).map(trimmed), !token.isEmpty else {
          continue
        }
        let unweighed = Entry(token: token, parameters: parameters, weight: fullWeight)
        let weight = unweighed.parameter("q").map(weight)
        body(weight.map { Entry(token: token, parameters: parameters, weight: $0) } ?? unweighed)
      }
    }
  }

  /// Digits with or without a fraction; more than 1 is 1, and as little as one likes is not yet a refusal.
  private static func weight(_ text: Bytes) -> Int {
    var (whole, thousandths, digits, fraction) = (0, 0, 0, -1)
    for byte in text {
      if byte == UInt8(ascii: "."), fraction < 0 {
        fraction = 0
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return oddWeight }
      let digit = Int(byte - UInt8(ascii: "0"))
      digits += 1
      if fraction < 0 {
        whole = max(whole, digit)
      } else if fraction < 3 {
        thousandths = thousandths * 10 + digit
        fraction += 1
      } else if digit > 0, thousandths == 0 {
        thousandths = 1
      }
    }
    guard digits > 0 else { return oddWeight }
    while (0..<3).contains(fraction) {
      thousandths *= 10
      fraction += 1
    }
    return whole > 0 ? fullWeight : thousandths
  }

  /// Takes what stands before the next separator that is not inside quotes, and the separator; `nil` at the end.
  fileprivate static func take(upTo separator: UInt8, from rest: inout Bytes) -> Bytes? {
    guard !rest.isEmpty else { return nil }
    var (isQuoted, isEscaped) = (false, false)
    var end = rest.startIndex
    while end < rest.endIndex {
      let byte = rest[end]
      if isEscaped {
        isEscaped = false
      } else if isQuoted, byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == separator, !isQuoted {
        let part = rest[..<end]
        rest = rest[rest.index(after: end)...]
        return part
      }
      end = rest.index(after: end)
    }
    let part = rest
    rest = rest[rest.endIndex...]
    return part
  }

  fileprivate static func trimmed(_ bytes: Bytes) -> Bytes {
    var bytes = bytes
    while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
    return bytes
  }

  fileprivate static func unquoted(_ bytes: Bytes) -> Bytes {
    let quote = UInt8(ascii: "\"")
    guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return bytes }
    return bytes.dropFirst().dropLast()
  }

  fileprivate static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}

extension Substring.UTF8View {
  /// Whether the bytes are that ASCII text, in capitals or not.
  func isSame(as text: String) -> Bool {
    elementsEqual(text.utf8) { lowercase($0) == lowercase($1) }
  }

  private func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
