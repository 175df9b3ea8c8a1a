/// Where something stands in the text of a query.
///
/// All places are equal: so that two trees are equal when they have the same structure, wherever its parts stand.
package struct Place: Hashable, Sendable {
  /// The bytes, counted from the beginning of the query. It may be empty, where something is missing.
  package var range: Range<Int>

  package init(_ range: Range<Int>) {
    self.range = range
  }

  package static func == (a: Place, b: Place) -> Bool { true }

  package func hash(into hasher: inout Hasher) {}
}
