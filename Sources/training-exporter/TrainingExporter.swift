import ArgumentParser
import Diagnostics

/// The command line: its subcommands, one file each.
struct TrainingExporter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training-exporter",
    abstract: "Serves what training logs say as Prometheus metrics, as metrics.yaml declares them.",
    usage: "training-exporter [<subcommand>] [<option> ...]",
    discussion: """
      metrics.yaml declares every metric (name, type, help, labels and their allowed values) and which log files \
      feed it. The exporter reads those logs, follows them while they are written, and serves the metrics at \
      http://HOST:8000/metrics.

        training-exporter init DIR    propose a metrics.yaml for the logs in a folder
        training-exporter             serve the metrics of ./metrics.yaml
        training-exporter validate    check ./metrics.yaml, for CI
        training-exporter rule ID     explain a message of validate
        training-exporter diff        say what a change of it breaks for those who query
        training-exporter explain     say where the numbers of logs go, and why some do not appear
        training-exporter once        read all logs, print the metrics, and end
        training-exporter runs        show which trainings run, and how they go
        training-exporter report      keep the page with runs and curves as one file
        training-exporter readings    list what collectors read of this machine
        training-exporter generate    make a Python module of the metrics, and the like

      A first metrics.yaml:

        version: 1
        labels:
          run: { max_values: 100, evict: oldest }
        metrics:
          training_loss: { type: gauge, help: Training loss, labels: [run] }
        watchers:
          trainer:
            files: runs/{run}/metrics.csv
            format: csv
            fields: { train_loss: training_loss }
      """,
    version: BuiltWith.text,
    subcommands: [
      Serve.self, Init.self, Validate.self, Diff.self, ExplainRule.self, Explain.self, Once.self, ShowRuns.self,
      Report.self,
      Readings.self, Generate.self,
    ],
    defaultSubcommand: Serve.self
  )

  /// The command of a command line. The subcommand that it names, or the default one, is asked alone, since it takes longer to
  /// put the tree of all commands together than to parse one of them. Whatever that one does not take (a mistake, and what
  /// concerns the whole program, such as `--version`) the tree answers.
  static func command(for arguments: [String]) throws -> any ParsableCommand {
    var command: any ParsableCommand.Type = Serve.self
    var rest = arguments[...]
    if let word = arguments.first, !word.hasPrefix("-"),
      let named = configuration.subcommands.first(where: { $0._commandName == word })
    {
      command = named
      rest.removeFirst()
    }
    // What is asked for help, or has subcommands itself, becomes another command.
    if let parsed = try? command.parseAsRoot(Array(rest)), type(of: parsed) == command { return parsed }
    return try parseAsRoot(arguments)
  }

  /// Refuses a word that was meant to be a subcommand: `serve` is the default and takes a catalog, which such a word
  /// would otherwise become.
  static func checkSubcommand(of arguments: [String]) throws {
    guard let word = arguments.first, !word.hasPrefix("-"), !ConfigOptions.isPath(word) else { return }
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    guard !names.contains(word) else { return }
    let hint = Spelling.closest(to: word, among: names).map { "did you mean `\($0)`?" }
    let list = names.joined(separator: ", ")
    throw ValidationError("there is no subcommand `\(word)`; \(hint ?? "there are \(list)")")
  }
}
