internal import Glibc

/// A line of an events file, taken apart: the members that it has, wherever they stand in it. docs/events.md says what
/// they mean. It points into the bytes that it was scanned from, and is of use only as long as they are there.
package struct EventLine {
  /// Bytes of the line.
  package typealias Piece = UnsafeBufferPointer<UInt8>

  /// The version of the format: the line is a header.
  package private(set) var version: UInt64?
  /// Who writes the file; without its quotes, its escapes as they are.
  package private(set) var process: Piece?
  package private(set) var number: UInt64?
  /// A sign of life.
  package private(set) var isAlive = false
  /// The process ends.
  package private(set) var isEnd = false
  /// Like `process`.
  package private(set) var metric: Piece?
  /// An object of texts, with its braces.
  package private(set) var labels: Piece?
  package private(set) var value: Double?
  package private(set) var at: Double?
  package private(set) var count: Double?
  package private(set) var sum: Double?
  /// An object of numbers, with its braces.
  package private(set) var buckets: Piece?
  /// The resolution of native buckets.
  package private(set) var schema: Double?
  /// Observations in the native bucket of 0.
  package private(set) var zero: Double?
  /// Native buckets: an object of numbers, with its braces.
  package private(set) var positive: Piece?
  package private(set) var negative: Piece?
  /// An object of texts, with its braces.
  package private(set) var info: Piece?
  /// Like `process`.
  package private(set) var state: Piece?
  /// Why the process left samples out: like `process`.
  package private(set) var rejected: Piece?
  /// The label at fault: like `process`.
  package private(set) var label: Piece?

  /// nil: it is no JSON object, or one of its members is of another type than it should be.
  init?(from start: BytePointer, to end: BytePointer) {
    var cursor = ByteCursor(start, end: end)
    cursor.skipBlanks()
    guard Self.scanObject(&cursor, { scanMember($0, &$1) }) != nil else { return nil }
    cursor.skipBlanks()
    guard cursor.isAtEnd else { return nil }
  }

  /// A member's name and what stands behind it up to its value.
  @inline(__always)
  private static func scanName(_ cursor: inout ByteCursor) -> Piece? {
    guard let name = scanString(&cursor) else { return nil }
    cursor.skipBlanks()
    guard cursor.take(UInt8(ascii: ":")) else { return nil }
    cursor.skipBlanks()
    return name
  }

  @inline(__always)
  private mutating func scanMember(_ name: Piece, _ cursor: inout ByteCursor) -> Bool {
    guard let start = name.baseAddress else { return false }
    func isNamed(_ word: StaticString) -> Bool { memcmp(start, word.utf8Start, word.utf8CodeUnitCount) == 0 }
    switch name.count {
    case 1 where isNamed("n"):
      number = Self.scanInteger(&cursor)
      return number != nil
    case 2 where isNamed("at"):
      at = Self.scanNumber(&cursor)
      return at != nil
    case 3 where isNamed("sum"):
      sum = Self.scanNumber(&cursor)
      return sum != nil
    case 3 where isNamed("end"):
      isEnd = true
      return Self.scanNumber(&cursor) != nil
    case 4 where isNamed("zero"):
      zero = Self.scanNumber(&cursor)
      return zero != nil
    case 4 where isNamed("info"):
      info = Self.scanObject(&cursor) { Self.scanString(&$1) != nil }
      return info != nil
    case 5 where isNamed("value"):
      value = Self.scanNumber(&cursor)
      return value != nil
    case 5 where isNamed("count"):
      count = Self.scanNumber(&cursor)
      return count != nil
    case 5 where isNamed("state"):
      state = Self.scanString(&cursor)
      return state != nil
    case 5 where isNamed("label"):
      label = Self.scanString(&cursor)
      return label != nil
    case 5 where isNamed("alive"):
      isAlive = true
      return Self.scanNumber(&cursor) != nil
    case 6 where isNamed("metric"):
      metric = Self.scanString(&cursor)
      return metric != nil
    case 6 where isNamed("labels"):
      labels = Self.scanObject(&cursor) { Self.scanString(&$1) != nil }
      return labels != nil
    case 6 where isNamed("schema"):
      schema = Self.scanNumber(&cursor)
      return schema != nil
    case 6 where isNamed("events"):
      version = Self.scanInteger(&cursor)
      return version != nil
    case 7 where isNamed("process"):
      process = Self.scanString(&cursor)
      return process != nil
    case 7 where isNamed("buckets"):
      buckets = Self.scanNumbers(&cursor)
      return buckets != nil
    case 8 where isNamed("positive"):
      positive = Self.scanNumbers(&cursor)
      return positive != nil
    case 8 where isNamed("negative"):
      negative = Self.scanNumbers(&cursor)
      return negative != nil
    case 8 where isNamed("rejected"):
      rejected = Self.scanString(&cursor)
      return rejected != nil
    default:
      return Self.skipValue(&cursor, depth: 0)
    }
  }

  // MARK: Values

  /// What is between the quotes.
  @inline(__always)
  private static func scanString(_ cursor: inout ByteCursor) -> Piece? {
    guard cursor.take(UInt8(ascii: "\"")), let (quote, _) = JSONString.end(from: cursor.at, to: cursor.end) else {
      return nil
    }
    defer { cursor.at = quote + 1 }
    return Piece(start: cursor.at, count: quote - cursor.at)
  }

  private static func scanInteger(_ cursor: inout ByteCursor) -> UInt64? {
    let start = cursor.at
    var integer: UInt64 = 0
    while cursor.at < cursor.end, cursor.at.pointee &- 48 <= 9 {
      integer = integer &* 10 &+ UInt64(cursor.at.pointee &- 48)
      cursor.at += 1
    }
    // Up to 19 digits it cannot have wrapped.
    return (1...19).contains(cursor.at - start) && integer < 1 << 63 ? integer : nil
  }

  @inline(__always)
  private static func scanNumber(_ cursor: inout ByteCursor) -> Double? {
    let start = cursor.at
    if let number = NumberParser.scanExact(&cursor), cursor.isAtEnd || !JSONRecordScanner.isWordByte(cursor.at.pointee)
    {
      return number
    }
    cursor.at = start
    return scanAnyNumber(&cursor)
  }

  /// Many digits, a large exponent, or a word for what is no finite number: in quotes, since JSON has none.
  @inline(never)
  private static func scanAnyNumber(_ cursor: inout ByteCursor) -> Double? {
    if let text = scanString(&cursor) {
      switch String(decoding: text, as: UTF8.self) {
      case "NaN": return .nan
      case "+Inf", "Inf": return .infinity
      case "-Inf": return -.infinity
      default: return nil
      }
    }
    let start = cursor.at
    cursor.skip(while: JSONRecordScanner.isWordByte)
    switch JSONRecordScanner.word(from: start, to: cursor.at) {
    case .number(let number): return number
    // `true` and `false` are no numbers here.
    case .named(let number) where !number.isFinite: return number
    case .named, .null, nil: return nil
    }
  }

  /// An object, of whose members `scanValue` gets the names.
  @inline(__always)
  private static func scanObject(
    _ cursor: inout ByteCursor,
    _ scanValue: (_ name: Piece, inout ByteCursor) -> Bool
  ) -> Piece? {
    let start = cursor.at
    guard cursor.take(UInt8(ascii: "{")) else { return nil }
    cursor.skipBlanks()
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        cursor.skipBlanks()
        guard let name = scanName(&cursor), scanValue(name, &cursor) else { return nil }
        cursor.skipBlanks()
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else { return nil }
    }
    return Piece(start: start, count: cursor.at - start)
  }

  /// An object up to the first brace that closes: one of numbers has no other. `numbers` takes it apart, and looks whether
  /// it is one.
  @inline(__always)
  private static func scanNumbers(_ cursor: inout ByteCursor) -> Piece? {
    let start = cursor.at
    guard cursor.take(UInt8(ascii: "{")),
      let brace = memchr(cursor.at, Int32(UInt8(ascii: "}")), cursor.end - cursor.at)
    else { return nil }
    cursor.at = UnsafePointer(brace.assumingMemoryBound(to: UInt8.self)) + 1
    return Piece(start: start, count: cursor.at - start)
  }

  /// Deeper values than this make a line malformed.
  private static let depthMax = 16

  /// Of a member that is not known.
  private static func skipValue(_ cursor: inout ByteCursor, depth: Int) -> Bool {
    guard !cursor.isAtEnd, depth < depthMax else { return false }
    switch cursor.at.pointee {
    case UInt8(ascii: "\""):
      return scanString(&cursor) != nil
    case UInt8(ascii: "{"):
      return scanObject(&cursor) { skipValue(&$1, depth: depth + 1) } != nil
    case UInt8(ascii: "["):
      cursor.at += 1
      cursor.skipBlanks()
      if cursor.take(UInt8(ascii: "]")) { return true }
      repeat {
        cursor.skipBlanks()
        guard skipValue(&cursor, depth: depth + 1) else { return false }
        cursor.skipBlanks()
      } while cursor.take(UInt8(ascii: ","))
      return cursor.take(UInt8(ascii: "]"))
    default:
      let start = cursor.at
      cursor.skip(while: JSONRecordScanner.isWordByte)
      return JSONRecordScanner.word(from: start, to: cursor.at) != nil
    }
  }

  // MARK: Pieces

  /// The text of a piece between quotes; nil: it has an escape that JSON has not.
  package static func text(_ piece: Piece) -> String? {
    guard piece.contains(UInt8(ascii: "\\")), let start = piece.baseAddress else {
      return String(decoding: piece, as: UTF8.self)
    }
    var text: [UInt8] = []
    guard JSONString.unescape(from: start, to: start + piece.count, into: &text) else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  /// The names and texts of an object, none of which has to be there; nil: one has an escape that JSON has not.
  package static func texts(_ object: Piece?) -> [(name: String, text: String)]? {
    guard let object else { return [] }
    var texts: [(name: String, text: String)] = []
    let isWhole = forEach(of: object) { name, cursor in
      guard let name = text(name), let piece = scanString(&cursor), let text = text(piece) else { return false }
      texts.append((name, text))
      return true
    }
    return isWhole ? texts : nil
  }

  /// The names of an object that are numbers, such as upper bounds, and their numbers.
  ///
  /// - Returns: false where it is no object, or a name or a value is no number.
  package static func numbers(_ object: Piece, _ body: (_ name: Double, Double) -> Void) -> Bool {
    forEach(of: object) { name, cursor in
      guard let start = name.baseAddress, let name = NumberParser.parse(from: start, to: start + name.count),
        let number = scanNumber(&cursor)
      else { return false }
      body(name, number)
      return true
    }
  }

  @inline(__always)
  private static func forEach(of object: Piece, _ body: (Piece, inout ByteCursor) -> Bool) -> Bool {
    guard let start = object.baseAddress else { return true }
    var cursor = ByteCursor(start, end: start + object.count)
    return scanObject(&cursor, body) != nil
  }
}
