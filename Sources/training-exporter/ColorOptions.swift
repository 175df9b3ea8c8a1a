import ArgumentParser
import Diagnostics
import Glibc

/// `--color`: whether diagnostics have colors. By default they have where standard error is a terminal, unless
/// `NO_COLOR` (no-color.org) is set or the terminal is `dumb`.
struct ColorOptions: ParsableArguments {
  enum When: String, CaseIterable, ExpressibleByArgument {
    case auto, always, never
  }

  @Option(name: .customLong("color"), help: ArgumentHelp("Whether diagnostics have colors.", valueName: "when"))
  var when = When.auto

  func renderer(of source: SourceFile) -> ConsoleRenderer {
    ConsoleRenderer(source: source, hasColors: isOn)
  }

  var isOn: Bool { isOn(for: STDERR_FILENO) }

  /// Whether what is written to a descriptor has colors.
  func isOn(for descriptor: Int32) -> Bool {
    switch when {
    case .always: true
    case .never: false
    case .auto: isatty(descriptor) == 1 && !Self.isSet("NO_COLOR") && !Self.isSet("TERM", to: "dumb")
    }
  }

  private static func isSet(_ name: String, to text: String? = nil) -> Bool {
    guard let value = getenv(name).map({ String(cString: $0) }) else { return false }
    return text.map { $0 == value } ?? !value.isEmpty
  }
}
