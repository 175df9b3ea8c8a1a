import ArgumentParser
import Diagnostics
import Generators

/// What some generators can be asked for.
struct GenerateOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What is written above the dashboard. (default: Training)", valueName: "text"))
  var title: String?

  @Flag(help: "Make an object of Kubernetes: a ConfigMap with the dashboard, a PrometheusRule with the rules.")
  var kubernetes = false

  @Flag(help: "Make tests of the rules, for `promtool test rules`.")
  var tests = false

  @Option(
    help: ArgumentHelp(
      "The file of rules that the tests are for, relative to theirs. (default: rules.yml)",
      valueName: "file"
    )
  )
  var ruleFile: String?

  /// What was given, as it is typed.
  private var given: [(name: Generator.Options.Name, words: String)] {
    var given: [(Generator.Options.Name, String)] = []
    if let title { given.append((.title, " --title \(ShellText.word(title))")) }
    if kubernetes { given.append((.kubernetes, " --kubernetes")) }
    if tests { given.append((.tests, " --tests")) }
    if let ruleFile { given.append((.ruleFile, " --rule-file \(ShellText.word(ruleFile))")) }
    return given
  }

  var words: String { given.map(\.words).joined() }

  var options: Generator.Options {
    var options = Generator.Options()
    if let title { options.title = title }
    options.isForKubernetes = kubernetes
    options.areTests = tests
    if let ruleFile { options.ruleFile = ruleFile }
    return options
  }

  /// Refuses what a generator does not have.
  func validate(for generator: Generator) throws {
    for (name, _) in given where !generator.options.contains(name) {
      let others = Generators.all.filter { $0.options.contains(name) }.map { "`generate \($0.name)`" }
      throw ValidationError(
        "`generate \(generator.name)` has no --\(name.rawValue): it is of \(others.joined(separator: " and "))"
      )
    }
    if ruleFile != nil, !tests { throw ValidationError("--rule-file is about tests: it needs --tests") }
    if tests, kubernetes { throw ValidationError("--tests are of a rule file: they cannot be made with --kubernetes") }
  }
}
