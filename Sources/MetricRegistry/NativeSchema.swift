/// The standard exponential buckets of native histograms: at schema s, bucket i holds what is above 2^((i-1)/2^s) and
/// at most 2^(i/2^s). Computes indices, exactly also at the bounds; never counts.
package enum NativeSchema {
  /// The coarsest and the finest, as Prometheus takes them.
  package static let range = -4...8
  /// What is not farther from 0 counts as 0: client_golang's default.
  package static let zeroThreshold = 0x1p-128
  /// Beyond, there is no bucket of the finest schema: infinities fall one behind the largest number.
  static let indexMax = 1024 << 8 + 1

  /// The coarsest schema whose buckets grow by no more than the factor, which is above 1.
  package static func schema(factor: Double) -> Int {
    precondition(factor > 1, "buckets have to grow")
    // log2(log2(factor)) without a rounding that could turn 2^(1/8) into the schema beside.
    for schema in range where growth(schema) <= factor { return schema }
    return range.upperBound
  }

  /// How much wider a bucket's upper bound is than its lower one.
  private static func growth(_ schema: Int) -> Double {
    schema <= 0 ? Double(sign: .plus, exponent: 1 << -schema, significand: 1) : 2 * fractions[256 >> schema]
  }

  /// The index of the bucket that the magnitude, which is above 0, falls into.
  static func index(of magnitude: Double, schema: Int) -> Int {
    guard magnitude.isFinite else { return index(of: .greatestFiniteMagnitude, schema: schema) + 1 }
    // As C's frexp: the fraction is in 0.5..<1.
    let fraction = magnitude.significand / 2
    let exponent = Int(magnitude.exponent) + 1
    var low = 0
    var high = fractions.count
    while low < high {
      let middle = (low + high) / 2
      if fraction <= fractions[middle] { high = middle } else { low = middle + 1 }
    }
    // Buckets of a coarser schema end where finer ones do.
    return coarser((exponent - 1) * fractions.count + low, by: range.upperBound - schema)
  }

  /// The bucket that holds a bucket of a schema finer by so many steps.
  @inline(__always)
  static func coarser(_ index: Int, by steps: Int) -> Int { (index + (1 << steps) - 1) >> steps }

  /// 2^(i/256) / 2, each the nearest number.
  package static let fractions: [Double] = {
    // Roots and products with twice the digits: their errors stay far below half a unit of the last place.
    var roots: [Wide] = []
    var root = Wide(high: 2, low: 0)
    for _ in 0..<8 {
      root = root.squareRoot
      roots.append(root)
    }
    return (0..<256).map { place in
      var product = Wide(high: 0.5, low: 0)
      for (bit, root) in roots.enumerated() where place & (128 >> bit) != 0 { product = product * root }
      return product.high
    }
  }()

  /// A sum of two numbers of which the lower is less than half a unit of the higher's last place.
  private struct Wide {
    var high: Double
    var low: Double

    init(high: Double, low: Double) {
      self.high = high + low
      self.low = low - (self.high - high)
    }

    static func * (left: Wide, right: Wide) -> Wide {
      let product = left.high * right.high
      let error = (-product).addingProduct(left.high, right.high)
      return Wide(high: product, low: error + (left.high * right.low + left.low * right.high))
    }

    var squareRoot: Wide {
      let root = high.squareRoot()
      let rest = high.addingProduct(-root, root) + low
      return Wide(high: root, low: rest / (2 * root))
    }
  }
}
