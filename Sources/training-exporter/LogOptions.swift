import ArgumentParser
import Clocks
import Glibc
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

  @Option(
    name: .customLong("log.level"),
    help: ArgumentHelp("Only log messages of this severity or above.", valueName: "level")
  )
  var level = Level.info

  @Option(
    name: .customLong("log.format"),
    help: ArgumentHelp("Form of the log lines, which go to standard error.", valueName: "format")
  )
  var format = Format.logfmt

  /// - Parameter write: takes each line, with its end.
  func makeLogger(write: @escaping @Sendable (String) -> Void = writeToStandardError) -> Logger {
    let log = StandardErrorLog(format: format, logLevel: level.level, write: write)
    return Logger(label: "training-exporter") { _ in log }
  }

  /// What keeps whoever logs from waiting for standard error.
  func makeQueue() -> LogQueue {
    let format = format
    return LogQueue(
      write: { write($0, to: STDERR_FILENO) == 0 },
      notice: { count in
        let message = "log lines were dropped: nobody read standard error"
        return StandardErrorLog.line(format, .warning, message, ["lines": "\(count)"], at: .now)
      }
    )
  }
}
