public import MetricCatalog
public import MetricModel

/// Makes a file for others: what `training-exporter generate NAME` writes.
public struct Generator: Sendable {
  /// What the text is made from. The same always gives the same text.
  public enum Source: Sendable {
    /// A catalog, with what is known of collectors.
    case catalog(@Sendable (Catalog, [CollectorDescriptor]) -> String)
    /// The program alone, whichever catalog there is: what the catalog's language is, with these collectors.
    case program(@Sendable ([CollectorDescriptor]) -> String)
  }

  /// The name on the command line.
  public var name: String
  /// What is made, for people: a line without its full stop.
  public var help: String
  /// What makes the text.
  public var source: Source

  /// Creates a generator from its properties.
  public init(name: String, help: String, source: Source) {
    self.name = name
    self.help = help
    self.source = source
  }

  /// Creates a generator that makes its text from a catalog alone.
  init(name: String, help: String, text: @escaping @Sendable (Catalog) -> String) {
    self.init(name: name, help: help, source: .catalog { catalog, _ in text(catalog) })
  }
}

/// All generators, in the order of the help. A new one is one file and one more line here.
public enum Generators {
  /// All that there are.
  public static let all: [Generator] = [
    .python, .swift, .schema, .docs, .scrapeConfig,
  ]
}
