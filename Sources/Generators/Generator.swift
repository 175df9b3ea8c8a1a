public import MetricCatalog

/// Makes a file for others from a catalog: what `training-exporter generate NAME` writes.
public struct Generator: Sendable {
  /// The name on the command line.
  public var name: String
  /// What is made, for people: a line without its full stop.
  public var help: String
  /// The text for a catalog. The same catalog always gives the same text.
  public var text: @Sendable (Catalog) -> String

  /// Creates a generator from its properties.
  public init(name: String, help: String, text: @escaping @Sendable (Catalog) -> String) {
    self.name = name
    self.help = help
    self.text = text
  }
}

/// All generators, in the order of the help. A new one is one file and one more line here.
public enum Generators {
  /// All that there are.
  public static let all: [Generator] = [
    .python, .swift,
  ]
}
