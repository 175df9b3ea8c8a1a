/// A sum of numbers from which some are taken out again, to twice the precision: what many additions and subtractions
/// leave is what adding up the numbers that are in it gives.
struct ExactSum {
  /// The sum, rounded.
  private(set) var value: Double
  /// What rounding left over.
  private var rest = 0.0

  init(_ value: Double = 0) { self.value = value }

  mutating func add(_ number: Double) {
    // Knuth's sum of two numbers, and its error.
    let sum = value + number
    let part = sum - value
    rest += (value - (sum - part)) + (number - part)
    value = sum + rest
    rest -= value - sum
  }
}
