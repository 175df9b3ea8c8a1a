internal import Diagnostics
package import MetricModel

/// A key of a label, a metric or a watcher, declared once: how it is decoded and into what, what the documentation says
/// of it, and whether it decides about values. `Declaration` is what it is written in, `Resolved` what becomes of that.
struct KeyDeclaration<Declaration, Resolved>: Sendable {
  let name: String
  /// What its value is, with its default, for the documentation, in Markdown.
  let help: String
  /// The types of metric that have it; empty: all.
  let types: [MetricType]
  /// Takes out what it says, where that does not decide about values: nothing is read anew when it changes.
  private(set) var forget: (@Sendable (inout Resolved) -> Void)?
  private let read: @Sendable (inout Declaration, inout MappingReader) -> Void
  private let range: @Sendable (Declaration) -> SourceRange?

  /// - Parameters:
  ///   - path: where it is kept as decoded.
  ///   - decode: reports what is wrong with the value.
  init<Decoded>(
    _ name: String,
    _ path: WritableKeyPath<Declaration, Key<Decoded>> & Sendable,
    isRequired: Bool = false,
    types: [MetricType] = [],
    help: String,
    decode: @escaping @Sendable (Value) -> Decoded?
  ) {
    self.name = name
    self.help = help
    self.types = types
    read = { $0[keyPath: path] = $1.key(name, isRequired: isRequired, decode) }
    range = { $0[keyPath: path].name }
  }

  /// The same, not deciding about values.
  func notDeciding(_ forget: @escaping @Sendable (inout Resolved) -> Void) -> Self {
    var key = self
    key.forget = forget
    return key
  }

  func read(into declaration: inout Declaration, _ reader: inout MappingReader) { read(&declaration, &reader) }

  /// The key's own range where it is given.
  func range(in declaration: Declaration) -> SourceRange? { range(declaration) }
}

extension LabelDescriptor {
  /// Without what does not decide about values.
  package var decisive: LabelDescriptor {
    var decisive = self
    for key in LabelDeclaration.keys { key.forget?(&decisive) }
    return decisive
  }
}

extension MetricDescriptor {
  /// Without what does not decide about values.
  package var decisive: MetricDescriptor {
    var decisive = self
    for key in MetricDeclaration.keys { key.forget?(&decisive) }
    decisive.labels = labels.map(\.decisive)
    return decisive
  }
}
