internal import Diagnostics
package import MetricModel

/// A key of a label, a metric, a watcher and so on, declared once: how it is decoded and into what, what the
/// documentation and the schema say of it, and whether it decides about values. `Declaration` is what it is written in,
/// `Resolved` what becomes of that.
struct KeyDeclaration<Declaration, Resolved>: Sendable {
  let name: String
  /// What its value is, with its default, for the documentation, in Markdown.
  let help: String
  /// The types of metric that have it; empty: all.
  let types: [MetricType]
  private let isRequired: Bool
  private let shape: @Sendable () -> ValueShape
  private let byDefault: JSON?
  /// Takes out what it says, where that does not decide about values: nothing is read anew when it changes.
  private(set) var forget: (@Sendable (inout Resolved) -> Void)?
  private let read: @Sendable (inout Declaration, inout MappingReader) -> Void
  private let range: @Sendable (Declaration) -> SourceRange?

  /// - Parameters:
  ///   - path: where it is kept as decoded.
  ///   - form: how its value is written.
  ///   - byDefault: a value that means the same as leaving the key out.
  init<Decoded>(
    _ name: String,
    _ path: WritableKeyPath<Declaration, Key<Decoded>> & Sendable,
    _ form: ValueForm<Decoded>,
    isRequired: Bool = false,
    byDefault: JSON? = nil,
    types: [MetricType] = [],
    help: String
  ) {
    self.name = name
    self.help = help
    self.types = types
    self.isRequired = isRequired
    self.byDefault = byDefault
    shape = { form.shape }
    read = { $0[keyPath: path] = $1.key(name, isRequired: isRequired, form.decode) }
    range = { $0[keyPath: path].name }
  }

  /// The same, not deciding about values.
  func notDeciding(_ forget: @escaping @Sendable (inout Resolved) -> Void) -> Self {
    var key = self
    key.forget = forget
    return key
  }

  func read(into declaration: inout Declaration, _ reader: inout MappingReader) { read(&declaration, &reader) }

  /// What a schema says of it.
  var shaped: MappingShape.Key {
    MappingShape.Key(name: name, shape: shape(), isRequired: isRequired, byDefault: byDefault, help: help)
  }

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
