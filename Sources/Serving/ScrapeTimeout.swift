/// How long a scraper waits for its answer, from `X-Prometheus-Scrape-Timeout-Seconds`. Anything but a plain number of
/// seconds says nothing.
enum ScrapeTimeout {
  static let headerName = "x-prometheus-scrape-timeout-seconds"
  /// An answer that says why must be there before the scraper gives up: half a second earlier, as blackbox_exporter
  /// has it, and never more than a quarter of the time.
  private static let offsetMax: Duration = .milliseconds(500)
  /// Longer is as good as no limit (a day), and far from any overflow.
  private static let digitsMax = 5

  /// What is left for the rendering; `nil` where the header fields say nothing.
  static func timeLimit(_ values: [String]) -> Duration? {
    guard values.count == 1, let milliseconds = milliseconds(values[0].utf8), milliseconds > 0 else { return nil }
    let timeout = Duration.milliseconds(milliseconds)
    return timeout - min(offsetMax, timeout / 4)
  }

  private static func milliseconds(_ text: String.UTF8View) -> Int? {
    let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
    guard areDigits, let seconds = parts.first, (1...digitsMax).contains(seconds.count) else { return nil }
    let fraction = parts.count > 1 ? parts[1].prefix(3) : ""[...].utf8
    return number(seconds) * 1_000 + number(fraction) * [0, 100, 10, 1][fraction.count]
  }

  private static func number(_ digits: Substring.UTF8View) -> Int {
    digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}
