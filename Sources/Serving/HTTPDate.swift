internal import Clocks
internal import Glibc

/// The `Date` header's text, made anew once a second. It knows no other format and no time zone but GMT.
struct HTTPDate {
  private var second: time_t = -1
  private var text = ""

  mutating func text(of moment: Moment) -> String {
    let now = time_t(moment.wall / 1_000_000_000)
    if now != second {
      second = now
      text = Self.text(at: now)
    }
    return text
  }

  static func text(at seconds: time_t) -> String {
    var seconds = seconds
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = days[Int(parts.tm_wday)]
    let month = months[Int(parts.tm_mon)]
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return "\(day), \(two(parts.tm_mday)) \(month) \(1900 + parts.tm_year) \(clock) GMT"
  }
}
