package import Diagnostics

/// One node of a YAML file with the range it has there. It says what is written, never what that means.
package struct YAMLNode: Sendable {
  package enum Content: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping(YAMLMapping)
  }

  package var content: Content
  /// Empty for a value that is not written (`key:`).
  package var range: SourceRange

  package init(content: Content, range: SourceRange) {
    self.content = content
    self.range = range
  }

  package var scalar: YAMLScalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }
}

/// A mapping's entries in the order of the file, each key once.
package struct YAMLMapping: Sendable {
  package struct Entry: Sendable {
    package var key: YAMLScalar
    package var value: YAMLNode

    package init(key: YAMLScalar, value: YAMLNode) {
      self.key = key
      self.value = value
    }
  }

  package var entries: [Entry]
  /// Entries were refused and reported (a merge key, a key that is no text): what is missing may be no mistake.
  package var isPartial: Bool
  /// `{…}` on the page, not lines of keys.
  package var isFlow: Bool

  package init(entries: [Entry], isPartial: Bool, isFlow: Bool) {
    self.entries = entries
    self.isPartial = isPartial
    self.isFlow = isFlow
  }
}
