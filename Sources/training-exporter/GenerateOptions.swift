import ArgumentParser
import Diagnostics
import Generators

/// What some generators can be asked for.
struct GenerateOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What is written above the dashboard. (default: Training)", valueName: "text"))
  var title: String?

  @Flag(help: "Make an object of Kubernetes: a ConfigMap with the dashboard, a PrometheusRule with the rules.")
  var kubernetes = false

  @Option(
    help: ArgumentHelp("What that object is called: two catalogs in one namespace need two names.", valueName: "text")
  )
  var name: String?

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
    if let name { given.append((.name, " --name \(ShellText.word(name))")) }
    if tests { given.append((.tests, " --tests")) }
    if let ruleFile { given.append((.ruleFile, " --rule-file \(ShellText.word(ruleFile))")) }
    return given
  }

  var words: String { given.map(\.words).joined() }

  var options: Generator.Options {
    var options = Generator.Options()
    if let title { options.title = title }
    options.isForKubernetes = kubernetes
    options.objectName = name
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
    if let title, title.allSatisfy(\.isWhitespace) || title.contains(where: \.isNewline) {
      throw ValidationError("--title is empty or has several lines: Grafana takes one line")
    }
    if let name { try validate(objectName: name) }
    if ruleFile != nil, !tests { throw ValidationError("--rule-file is about tests: it needs --tests") }
    if tests, kubernetes { throw ValidationError("--tests are of a rule file: they cannot be made with --kubernetes") }
  }

  /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
  private func validate(objectName name: String) throws {
    guard kubernetes else { throw ValidationError("--name is that of an object of Kubernetes: it needs --kubernetes") }
    guard name.utf8.count <= 253, name.wholeMatch(of: /[a-z0-9]([-a-z0-9.]*[a-z0-9])?/) != nil else {
      let word = ShellText.word(name)
      throw ValidationError("--name \(word): Kubernetes takes lower case letters, digits, `-` and `.`")
    }
  }
}
