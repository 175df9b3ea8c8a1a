import Exposition
import Testing

@Suite struct FloatTextTests {
  static func text(_ value: Double) -> String { written { FloatText.write(value, at: &$0) } }
  static func canonical(_ value: Double) -> String { written { FloatText.writeCanonical(value, at: &$0) } }

  private static func written(_ write: (inout UnsafeMutablePointer<UInt8>) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      var cursor = start
      write(&cursor)
      precondition(cursor - start <= FloatText.bytesMax)
      return String(decoding: UnsafeBufferPointer(start: start, count: cursor - start), as: UTF8.self)
    }
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (10, "10"), (99, "99"), (100, "100"), (12345, "12345"),
      (9_999, "9999"), (10_000, "10000"), (0x1p53 - 1, "9007199254740991"), (0x1p53, "9007199254740992"),
      (0x1p53 + 2, "9007199254740994"), (-0x1p53 - 2, "-9007199254740994"), (1e20, "100000000000000000000"),
      (0x1p69, "590295810358705700000"), (1e21, "1e+21"), (-1.5e300, "-1.5e+300"), (0.1, "0.1"), (-0.25, "-0.25"),
      (0.000000001, "1e-09"), (0.0001, "0.0001"), (0.00012, "0.00012"), (0.00001, "1e-05"), (0.05, "0.05"),
      (1.05, "1.05"), (100.001, "100.001"), (0.123456789, "0.123456789"), (0.1234567891, "0.1234567891"),
      (1 / 3.0, "0.3333333333333333"), (0.1 + 0.2, "0.30000000000000004"), (2_251_799.8136852, "2251799.8136852"),
      (123456789.125, "123456789.125"), (1234567890123.4, "1234567890123.4"), (.leastNonzeroMagnitude, "5e-324"),
      (2.2250738585072014e-308, "2.2250738585072014e-308"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
      (.nan, "NaN"), (-.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
    ] as [(Double, String)]
  )
  func aValue(value: Double, expected: String) { #expect(Self.text(value) == expected) }

  @Test(
    arguments: [
      (0, "0.0"), (-0.0, "0.0"), (1, "1.0"), (0.1, "0.1"), (0.99, "0.99"), (10, "10.0"), (2.5, "2.5"),
      (-5, "-5.0"), (100_000, "100000.0"), (123_456.5, "123456.5"), (1e6, "1e+06"), (1_500_000, "1.5e+06"),
      (1_234_567.5, "1.2345675e+06"), (1e10, "1e+10"), (1e100, "1e+100"), (0.0001, "0.0001"), (1e-5, "1e-05"),
      (.infinity, "+Inf"),
    ] as [(Double, String)]
  )
  func aBound(value: Double, expected: String) { #expect(Self.canonical(value) == expected) }

  /// The text parses back to the same bits and has no more digits than the standard library's shortest.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func randomValuesComeBack(seed: UInt64) {
    var state = seed
    func random() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
    for round in 0..<30_000 {
      let value: Double
      switch round % 5 {
      case 0: value = Double(bitPattern: random())
      case 1: value = Double(Int64(bitPattern: random()) >> (random() % 64)) / 1e6
      case 2: value = Double(random() % 10_000_000) / 1e9
      case 3: value = Double(random() >> 11) * 0x1p-53 * 2_251_799.8
      default: value = Double(Int64(bitPattern: random()) >> (random() % 64))
      }
      for text in [Self.text(value), Self.canonical(value)] {
        if value.isNaN {
          #expect(text == "NaN")
        } else if value.isFinite, !(value == 0 && text == "0.0") {
          let digits = Self.digits(text)
          let shortest = Self.digits("\(value)")
          if Double(text)?.bitPattern != value.bitPattern || digits != shortest {
            Issue.record("seed \(seed): \(value) became \(text)")
          }
        }
      }
    }
  }

  /// The significant digits alone.
  private static func digits(_ text: String) -> String {
    var digits = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
    while digits.last == "0" { digits.removeLast() }
    return String(digits)
  }
}
