import Glibc
import Logging

/// Log lines on standard error, as logfmt or JSON. Control bytes are escaped: no file name can forge a line.
struct StandardErrorLog: LogHandler {
  let format: LogOptions.Format
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(format: LogOptions.Format, logLevel: Logger.Level) {
    self.format = format
    self.logLevel = logLevel
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = [
      ("time", Self.timestamp()),
      ("level", event.level == .warning ? "warn" : event.level.rawValue),
      ("msg", event.message.description),
    ]
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    fields += all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    switch format {
    case .logfmt:
      let line = fields.map { "\($0)=\(Self.needsQuotes($1) ? Self.quoted($1) : $1)" }
      writeToStandardError(line.joined(separator: " ") + "\n")
    case .json:
      let line = fields.map { "\(Self.quoted($0)):\(Self.quoted($1))" }
      writeToStandardError("{" + line.joined(separator: ",") + "}\n")
    }
  }

  private static func needsQuotes(_ text: String) -> Bool {
    text.isEmpty
      || text.unicodeScalars.contains { $0 <= " " || $0 == "\"" || $0 == "=" || $0 == "\\" || $0.value > 126 }
  }

  /// The text as a JSON string, with control characters and what reorders text escaped.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
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

  /// The time of day in UTC with milliseconds, RFC 3339.
  private static func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)].map { padded($0, 2) }
    let time = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)].map { padded($0, 2) }
    let milliseconds = padded(now.tv_nsec / 1_000_000, 3)
    return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "." + milliseconds + "Z"
  }
}
