package import Diagnostics

/// What a value of the catalog looks like, as far as a schema can say it. `ValueForm` has it beside what decodes the
/// value. It says nothing of what values mean together: rules do.
package indirect enum ValueShape: Sendable {
  /// Any scalar that is written: a number, too, is the text that stands there.
  case text
  /// A text in which this regular expression (ECMA-262) finds something.
  case matching(String)
  case number
  /// A whole number within these bounds.
  case integer(ClosedRange<Int>)
  case boolean
  /// One of these words.
  case choice([String])
  /// A list, with at most so many entries.
  case list(ValueShape, countMax: Int? = nil)
  /// Any name ► this.
  case map(ValueShape)
  /// A mapping with known keys.
  case mapping(MappingShape)
  /// Nothing is written.
  case nothing
  /// One of these.
  case either([ValueShape])
  /// A shape that has a name, under which others refer to it.
  case named(String, ValueShape)
}

/// What a mapping with known keys looks like.
package struct MappingShape: Sendable {
  package struct Key: Sendable {
    package var name: String
    package var shape: ValueShape
    package var isRequired = false
    /// The default, where there is one that a value can be written for.
    package var byDefault: JSON?
    /// What it says, in Markdown.
    package var help: String
  }

  /// What else holds where a key has a certain value.
  package struct Variant: Sendable {
    package var key: String
    package var word: String
    /// The keys that it does not have.
    package var without: [String]
    /// Keys of which it has exactly one; empty: there are none such.
    package var choice: [String] = []
  }

  package var keys: [Key]
  /// What stands under any other name; nil: there is no other.
  package var others: ValueShape?
  /// It has at least one of these keys; empty: none is asked for.
  package var anyOf: [String] = []
  package var variants: [Variant] = []
  /// Which key means nothing without which.
  package var needs: [(key: String, needed: String)] = []

  init<Declaration, Resolved>(
    _ keys: [KeyDeclaration<Declaration, Resolved>],
    anyOf telling: [String] = [],
    needs: [(key: String, needed: String)] = []
  ) {
    self.init(keys: keys.map(\.shaped))
    anyOf = telling
    self.needs = needs
  }

  init(keys: [Key], others: ValueShape? = nil) {
    self.keys = keys
    self.others = others
  }
}
