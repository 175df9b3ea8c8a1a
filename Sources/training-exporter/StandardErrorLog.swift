import Clocks
import Glibc
import Logging

/// Log lines as logfmt or JSON, for standard error. Control bytes are escaped: no file name can forge a line.
struct StandardErrorLog: LogHandler {
  let format: LogOptions.Format
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  private let write: @Sendable (String) -> Void

  /// - Parameter write: takes each line, with its end.
  init(format: LogOptions.Format, logLevel: Logger.Level, write: @escaping @Sendable (String) -> Void) {
    self.format = format
    self.logLevel = logLevel
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    write(Self.line(format, event.level, event.message.description, all, at: .now))
  }

  /// One line with its end.
  static func line(
    _ format: LogOptions.Format,
    _ level: Logger.Level,
    _ message: String,
    _ metadata: Logger.Metadata,
    at moment: Moment
  ) -> String {
    var fields = [
      ("time", timestamp(moment)),
      ("level", level == .warning ? "warn" : level.rawValue),
      ("msg", message),
    ]
    fields += metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    switch format {
    case .logfmt: return fields.map { "\($0)=\(needsQuotes($1) ? quoted($1) : $1)" }.joined(separator: " ") + "\n"
    case .json: return "{" + fields.map { "\(quoted($0)):\(quoted($1))" }.joined(separator: ",") + "}\n"
    }
  }

  private static func needsQuotes(_ text: String) -> Bool {
    text.isEmpty
      || text.unicodeScalars.contains { $0 <= " " || $0 == "\"" || $0 == "=" || $0 == "\\" || $0.value > 126 }
  }

  /// The text as a JSON string, with control characters, separators of lines and what reorders text escaped.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where escaped.contains(scalar.properties.generalCategory):
        guard scalar.value <= 0xFFFF else {
          result += "\u{FFFD}"
          continue
        }
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static let escaped: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]

  /// The time of day in UTC with milliseconds, RFC 3339.
  private static func timestamp(_ moment: Moment) -> String {
    var (seconds, nanoseconds) = moment.wall.quotientAndRemainder(dividingBy: 1_000_000_000)
    if nanoseconds < 0 { (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000) }
    var whole = time_t(seconds)
    var parts = tm()
    gmtime_r(&whole, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)].map { padded($0, 2) }
    let time = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)].map { padded($0, 2) }
    let milliseconds = padded(Int(nanoseconds / 1_000_000), 3)
    return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "." + milliseconds + "Z"
  }
}
