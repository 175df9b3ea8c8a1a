public import MetricCatalog
public import MetricModel

/// Makes a file for others: what `training-exporter generate NAME` writes.
public struct Generator: Sendable {
  /// What the text is made from. The same always gives the same text.
  public enum Source: Sendable {
    /// A catalog, with what is known of collectors and what was asked for.
    case catalog(@Sendable (Catalog, [CollectorDescriptor], Options) -> String)
    /// The program alone, whichever catalog there is: what the catalog's language is, with these collectors.
    case program(@Sendable ([CollectorDescriptor]) -> String)
  }

  /// What a caller can ask for beside the catalog. A generator has some of these.
  public struct Options: Sendable, Hashable {
    /// The names of the options, as the command line has them behind `--`.
    public enum Name: String, Sendable, Hashable, CaseIterable {
      case title, kubernetes, name, tests
      case ruleFile = "rule-file"
    }

    /// What is written above a dashboard: `--title`.
    public var title: String
    /// Whether the result is an object of Kubernetes that holds the file: `--kubernetes`.
    public var isForKubernetes: Bool
    /// What that object is called: `--name`. Nil: after the exporter, and after the title of a dashboard.
    public var objectName: String?
    /// Whether tests of the rules are made, and not the rules: `--tests`.
    public var areTests: Bool
    /// The file of rules that the tests are for, relative to theirs: `--rule-file`.
    public var ruleFile: String

    /// Creates options; without arguments, the defaults of the command line.
    public init(
      title: String = "Training",
      isForKubernetes: Bool = false,
      objectName: String? = nil,
      areTests: Bool = false,
      ruleFile: String = "rules.yml"
    ) {
      self.title = title
      self.isForKubernetes = isForKubernetes
      self.objectName = objectName
      self.areTests = areTests
      self.ruleFile = ruleFile
    }
  }

  /// The name on the command line.
  public var name: String
  /// What is made, for people: a line without its full stop.
  public var help: String
  /// The options that it has.
  public var options: Set<Options.Name>
  /// What makes the text.
  public var source: Source

  /// Creates a generator from its properties.
  public init(name: String, help: String, options: Set<Options.Name> = [], source: Source) {
    self.name = name
    self.help = help
    self.options = options
    self.source = source
  }

  /// Creates a generator that makes its text from a catalog alone.
  init(name: String, help: String, text: @escaping @Sendable (Catalog) -> String) {
    self.init(name: name, help: help, source: .catalog { catalog, _, _ in text(catalog) })
  }
}

/// All generators, in the order of the help. A new one is one file and one more line here.
public enum Generators {
  /// All that there are.
  public static let all: [Generator] = [
    .python, .swift, .schema, .docs, .scrapeConfig, .dashboard, .rules, .mixin,
  ]
}
