/// A number as people write it, at the beginning of a text: with marks between thousands, with a comma before decimals,
/// and with a unit behind it.
struct WrittenNumber {
  /// Where it ends in the text.
  private(set) var end: BytePointer
  /// Whether it is one only if a comma begins its decimals.
  private(set) var isByDecimalComma = false
  /// As `NumberParser` reads it, without the exponent.
  private var digits: [UInt8] = []
  private var exponent = 0

  /// nil: the text begins with no number by these marks.
  init?(from start: BytePointer, to end: BytePointer, _ marks: NumberForm.Marks, _ partsThousands: Bool) {
    self.end = start
    guard var groups = Groups(from: start, to: end, thousands: marks.thousands), groups.hasDigits else { return nil }
    let decimal = marks.decimal ?? UInt8(ascii: ".")
    // `1,234,567` and `1,234.5` are clear.
    let commaParts = partsThousands || groups.marks.count > 1
    let parts = { (mark: UInt8) in marks.parts(mark, commaParts: commaParts) }
    if let parted = groups.parted(decimal: decimal, partsBy: parts) {
      digits = parted.digits
      if !parted.hasGroups { exponent = groups.readExponent(to: end) }
    } else {
      let byComma = groups.parted(decimal: UInt8(ascii: ","), partsBy: { $0 == UInt8(ascii: ".") })
      guard marks.leavesCommaOpen, byComma != nil else { return nil }
      isByDecimalComma = true
      _ = groups.readExponent(to: end)
    }
    self.end = groups.end
  }

  /// The nearest double of the number times a power of ten.
  func number(timesTenTo power: Int) -> Double? {
    guard !isByDecimalComma else { return nil }
    let text = digits + Array("e\(exponent + power)".utf8)
    return text.withUnsafeBytes { NumberParser.parse($0) }
  }

  /// Digits with single marks between them.
  private struct Groups {
    private(set) var end: BytePointer
    private var isNegative = false
    private var groups: [UnsafeBufferPointer<UInt8>] = []
    /// The mark before each group but the first.
    private(set) var marks: [UInt8] = []

    var hasDigits: Bool { groups.contains { !$0.isEmpty } }

    init?(from start: BytePointer, to end: BytePointer, thousands: UInt8?) {
      self.end = start
      var cursor = start
      if cursor < end, cursor.pointee == UInt8(ascii: "-") || cursor.pointee == UInt8(ascii: "+") {
        isNegative = cursor.pointee == UInt8(ascii: "-")
        cursor += 1
      }
      while true {
        let group = cursor
        while cursor < end, cursor.pointee &- 48 <= 9 { cursor += 1 }
        groups.append(UnsafeBufferPointer(start: group, count: cursor - group))
        self.end = cursor
        guard let (mark, length) = Self.mark(at: cursor, end, thousands), cursor + length < end,
          cursor[length] &- 48 <= 9
        else { break }
        marks.append(mark)
        cursor += length
      }
    }

    /// A mark that may stand between digits, and how many bytes it has.
    private static func mark(at cursor: BytePointer, _ end: BytePointer, _ thousands: UInt8?) -> (UInt8, Int)? {
      guard cursor < end else { return nil }
      switch cursor.pointee {
      case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "_"): return (cursor.pointee, 1)
      case UInt8(ascii: "'") where thousands == UInt8(ascii: "'"): return (cursor.pointee, 1)
      case UInt8(ascii: " ") where thousands == UInt8(ascii: " "): return (cursor.pointee, 1)
      default: break
      }
      guard thousands == UInt8(ascii: " ") else { return nil }
      // The blanks that do not break a line: U+00A0, U+2009, U+202F.
      for blank in ["\u{A0}", "\u{2009}", "\u{202F}"] {
        let bytes = Array(blank.utf8)
        let there = UnsafeBufferPointer(start: cursor, count: min(bytes.count, end - cursor))
        if there.elementsEqual(bytes) { return (UInt8(ascii: " "), bytes.count) }
      }
      return nil
    }

    /// The digits without marks, but with a full stop before decimals; nil: these are not the marks.
    func parted(decimal: UInt8, partsBy: (UInt8) -> Bool) -> (digits: [UInt8], hasGroups: Bool)? {
      let hasDecimals = marks.last == decimal && marks.firstIndex(of: decimal) == marks.count - 1
      let whole = hasDecimals ? groups.dropLast() : groups[...]
      let between = hasDecimals ? marks.dropLast() : marks[...]
      if let mark = between.first {
        // `1,234,567`: the same before each three digits, and no 0 at the beginning.
        guard partsBy(mark), between.allSatisfy({ $0 == mark }), (1...3).contains(groups[0].count),
          groups[0].first != UInt8(ascii: "0"), whole.dropFirst().allSatisfy({ $0.count == 3 })
        else { return nil }
      }
      var digits: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
      for group in whole { digits += group }
      if hasDecimals, let decimals = groups.last { digits += [UInt8(ascii: ".")] + decimals }
      return (digits, !between.isEmpty)
    }

    /// Moves behind an exponent, and returns it; 0 where there is none.
    mutating func readExponent(to limit: BytePointer) -> Int {
      var cursor = end
      guard cursor < limit, cursor.pointee | 0x20 == UInt8(ascii: "e") else { return 0 }
      cursor += 1
      let isNegative = cursor < limit && cursor.pointee == UInt8(ascii: "-")
      if isNegative || (cursor < limit && cursor.pointee == UInt8(ascii: "+")) { cursor += 1 }
      let start = cursor
      var exponent = 0
      while cursor < limit, cursor.pointee &- 48 <= 9 {
        exponent = min(exponent * 10 + Int(cursor.pointee &- 48), 9_999)
        cursor += 1
      }
      guard cursor > start else { return 0 }
      end = cursor
      return isNegative ? -exponent : exponent
    }
  }
}
