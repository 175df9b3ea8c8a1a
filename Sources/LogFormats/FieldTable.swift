/// The fields of one log, in the order in which they were first met, with what the mapping wants of each.
///
/// The mapping is asked once for each field, at its first sight, in slot order. At most `fieldsMax` are kept: fields
/// beyond are left alone.
package struct FieldTable {
  /// More than any training tool writes; a bound on what a hostile log makes us remember.
  package static let fieldsMax = 20_000
  /// A dotted name of a deeply nested object is a few dozen bytes; with `fieldsMax` this bounds the table's memory.
  package static let nameBytesMax = 1_024

  package private(set) var names: [String] = []
  package private(set) var uses: [FieldUse] = []
  private var slots: [String: Int] = [:]
  private let resolve: (_ name: String, _ slot: Int) -> FieldUse

  package init(resolve: @escaping (_ name: String, _ slot: Int) -> FieldUse) {
    self.resolve = resolve
  }

  /// The slot of a field, new or known; nil where the table is full or the name too long.
  package mutating func slot(for name: String) -> Int? {
    if let slot = slots[name] { return slot }
    guard names.count < Self.fieldsMax, name.utf8.count <= Self.nameBytesMax else { return nil }
    let slot = names.count
    slots[name] = slot
    names.append(name)
    uses.append(resolve(name, slot))
    return slot
  }

  /// Keeps the names in one piece with another table, if they are the same.
  mutating func share(with other: FieldTable) -> Bool {
    guard names == other.names, uses == other.uses else { return false }
    (names, uses, slots) = (other.names, other.uses, other.slots)
    return true
  }
}
