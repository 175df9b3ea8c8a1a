import LogStations
import Runs
import Testing

@Suite struct SortedWindowTests {
  @Test(arguments: [1, 2, 7, 128]) func sameAsSortingAnew(capacity: Int) {
    var random = SplitMix(state: UInt64(capacity))
    var window = SortedWindow(capacity: capacity)
    var all: [Double] = []
    for _ in 0..<(capacity * 3 + 20) {
      // Few values, so that many are equal.
      let number =
        Bool.random(using: &random)
        ? Double(Int.random(in: -3...3, using: &random)) : .random(in: 0...9, using: &random)
      window.insert(number)
      window.insert(.nan)
      window.insert(.infinity)
      all.append(number)
      let last = Array(all.suffix(capacity))
      #expect(window.numbers == last)
      for fraction in [0, 0.25, 0.5, 0.95, 1] {
        let place = fraction * Double(last.count - 1)
        let sorted = last.sorted()
        let low = sorted[Int(place)]
        let high = sorted[min(Int(place) + 1, sorted.count - 1)]
        let expected = low + (high - low) * (place - place.rounded(.down))
        #expect(abs((window.quantile(fraction) ?? .nan) - expected) < 1e-9)
      }
    }
    var again = SortedWindow(capacity: capacity)
    again.refill(all)
    #expect(again.numbers == window.numbers)
    window.removeAll()
    #expect(window.isEmpty && window.quantile(0.5) == nil)
  }
}
