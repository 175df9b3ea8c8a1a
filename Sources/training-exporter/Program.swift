import ArgumentParser
import CLaunch
import Glibc

/// The program's entry: has the arguments, sees to signals that come before anybody can act on them, and runs the
/// command. It never goes on without the arguments that it was given, or a server would begin that nobody asked for.
@main
enum Program {
  static func main() {
    // Whoever sends SIGHUP at once means the catalog, and not the program.
    claunch_hold_signals()
    let count = claunch_argument_count()
    guard count > 0 else {
      claunch_release_signals()
      writeToStandardError("training-exporter: error: the system did not hand over the arguments; nothing is started\n")
      exit(1)
    }
    let arguments = (1..<count).map { String(cString: claunch_argument($0)) }
    let parsing = Result {
      try TrainingExporter.checkSubcommand(of: arguments)
      return try TrainingExporter.command(for: arguments)
    }
    if case .success(is Serve) = parsing {} else { claunch_release_signals() }
    do {
      var command = try parsing.get()
      try command.run()
    } catch {
      TrainingExporter.exit(withError: error)
    }
  }
}
