/// Which numbers a sum takes. A counter's, histogram's or summary's sum that was infinite once would be so for ever, and
/// an infinity of the other sign makes it NaN.
extension Double {
  /// Why a histogram or summary does not take the number; nil: it does.
  @inline(__always)
  package var whyNotObserved: Rejection.Reason? {
    // One comparison, where `isFinite` takes the bits apart.
    if magnitude <= .greatestFiniteMagnitude { return nil }
    return isNaN ? .notANumber : .notFinite
  }

  /// Why a counter does not take the number; nil: it does.
  @inline(__always)
  package var whyNotCounted: Rejection.Reason? {
    if self >= 0, self <= .greatestFiniteMagnitude { return nil }
    return whyNotObserved ?? .negativeIncrement
  }

  /// The sum with a finite number. Where finite numbers add up to more than there is, it stays at the greatest.
  @inline(__always)
  func addingWithinRange(_ other: Double) -> Double {
    let sum = self + other
    if sum.magnitude <= .greatestFiniteMagnitude || !isFinite { return sum }
    return sum < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
  }
}
