import Foundation

/// The bounds of native buckets by whole numbers alone: what the registry computes is held against it.
struct ExactBounds {
  /// 2^(i/256) / 2 for i in 0..<256, each the nearest number.
  let fractions: [Double]

  init() {
    fractions = (0..<256).map { place in
      // Near what the C library says: the only m for which the bound is between (2m - 1) / 2^54 and (2m + 1) / 2^54.
      let near = UInt64(exp2(Double(place) / 256) * 0x1p52)
      let mantissa = (near - 1...near + 1).first { mantissa in
        let (below, above) = (2 * mantissa - 1, 2 * mantissa + 1)
        return Self.bitWidth(ofPower256: below) <= place + 53 * 256
          && Self.bitWidth(ofPower256: above) > place + 53 * 256
      }
      return Double(mantissa ?? 0) * 0x1p-53
    }
  }

  /// The upper bound of a bucket.
  func bound(_ index: Int, schema: Int) -> Double {
    if schema <= 0 { return Double(sign: .plus, exponent: index << -schema, significand: 1) }
    let count = 1 << schema
    let exponent = index >> schema
    return Double(
      sign: .plus,
      exponent: exponent + 1,
      significand: fractions[(index - exponent * count) * (256 / count)]
    )
  }

  /// The bucket of a number above 0, found by stepping from near it.
  func index(of value: Double, schema: Int) -> Int {
    var index = Int((log2(value) * exp2(Double(schema))).rounded())
    while bound(index, schema: schema) < value { index += 1 }
    while bound(index - 1, schema: schema) >= value { index -= 1 }
    return index
  }

  /// How many bits the 256th power of an odd number has.
  private static func bitWidth(ofPower256 number: UInt64) -> Int {
    var power = [number]
    for _ in 0..<8 {
      var square = [UInt64](repeating: 0, count: 2 * power.count)
      for (left, factor) in power.enumerated() {
        var carry: UInt64 = 0
        for (right, other) in power.enumerated() {
          let (high, low) = factor.multipliedFullWidth(by: other)
          let (first, isOver) = low.addingReportingOverflow(carry)
          let (second, isOverAgain) = square[left + right].addingReportingOverflow(first)
          square[left + right] = second
          carry = high + (isOver ? 1 : 0) + (isOverAgain ? 1 : 0)
        }
        square[left + power.count] = carry
      }
      while square.last == 0 { square.removeLast() }
      power = square
    }
    return 64 * power.count - (power.last?.leadingZeroBitCount ?? 0)
  }
}
