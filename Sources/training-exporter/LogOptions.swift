import ArgumentParser
import Logging

/// `--log.level` and `--log.format`, as Prometheus has them.
struct LogOptions: ParsableArguments {
  enum Level: String, CaseIterable, ExpressibleByArgument {
    case debug, info, warn, error

    var level: Logger.Level {
      switch self {
      case .debug: .debug
      case .info: .info
      case .warn: .warning
      case .error: .error
      }
    }
  }

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case logfmt, json
  }

  @Option(name: .customLong("log.level"), help: "Only log messages of this severity or above.")
  var level = Level.info

  @Option(name: .customLong("log.format"), help: "Form of the log lines, which go to standard error.")
  var format = Format.logfmt

  func makeLogger() -> Logger {
    let (level, format) = (level.level, format)
    return Logger(label: "training-exporter") { _ in StandardErrorLog(format: format, logLevel: level) }
  }
}
