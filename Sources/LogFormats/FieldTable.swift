package import Budgets

/// The fields of one log that the mapping wants, in the order in which they were first met, with what it wants of each.
///
/// The mapping is asked for each name whether it wants the field, and once for each wanted one what of it, in slot order.
/// Fields that nobody wants take no place. At most `fieldsMax` that a pattern wants are kept, and no more than the budget
/// has room for; those that the catalog names are kept always.
package struct FieldTable {
  /// Who wants a field.
  package enum Claim: Sendable {
    case nobody
    /// A pattern, which may match whatever a log says.
    case pattern
    /// The catalog, by the field's full name.
    case name
  }

  /// What was left unread of a log, by the limit that was hit.
  package enum Refusal: Sendable {
    /// A field that a pattern wants has no place.
    case fieldName
    /// A record has more fields than `RecordBuilder.fieldsPerRecordMax`.
    case recordFields
    /// A header of columns is too large.
    case header
  }

  enum Admittance {
    case slot(Int)
    case unwanted
    /// It is wanted, and there is no place for it.
    case refused
  }

  /// More than any training tool writes; a bound on what a hostile log makes us remember.
  package static let fieldsMax = 20_000
  /// A dotted name of a deeply nested object is a few dozen bytes; longer ones are no field's.
  package static let nameBytesMax = 1_024
  /// What a wanted field costs here and in the mapping beside its name, which is kept in about three places.
  private static let bytesPerField = 400

  package private(set) var names: [String] = []
  package private(set) var uses: [FieldUse] = []
  private var slots: [String: Int] = [:]
  /// How many of the names a pattern wants.
  private var patternCount = 0
  private var share: CopiedShare
  /// Whether somebody wants fields at all, or records are only counted.
  let wantsSome: Bool
  /// The names of several words that the catalog has in full.
  let longNames: Set<String>
  /// Whether the catalog says that the log's numbers have commas before decimals.
  let decimalCommas: Bool
  private let claim: (_ name: String) -> Claim
  private let refused: (Refusal) -> Void
  private let resolve: (_ name: String, _ slot: Int) -> FieldUse
  /// How those that take a field's value as a number read it.
  let forms: (_ name: String) -> [NumberForm]

  /// - Parameters:
  ///   - wantsSome: whether somebody wants fields at all.
  ///   - longNames: the names of several words that the catalog has in full.
  ///   - decimalCommas: whether the log's numbers have commas before decimals.
  ///   - claim: who wants a field.
  ///   - refused: told each time that a limit leaves something unread.
  ///   - resolve: what is wanted of a field that somebody wants.
  ///   - forms: how those read its text that take its value as a number, where that decides what belongs to it.
  package init(
    budget: MemoryBudget = MemoryBudget(),
    wantsSome: Bool = true,
    longNames: Set<String> = [],
    decimalCommas: Bool = false,
    claim: @escaping (_ name: String) -> Claim = { _ in .pattern },
    refused: @escaping (Refusal) -> Void = { _ in },
    resolve: @escaping (_ name: String, _ slot: Int) -> FieldUse,
    forms: @escaping (_ name: String) -> [NumberForm] = { _ in [] }
  ) {
    share = CopiedShare(of: budget)
    self.wantsSome = wantsSome
    self.longNames = longNames
    self.decimalCommas = decimalCommas
    self.claim = claim
    self.refused = refused
    self.resolve = resolve
    self.forms = forms
  }

  func forms(ofSlot slot: Int32) -> [NumberForm] { slot < 0 ? [] : forms(names[Int(slot)]) }

  var budget: MemoryBudget { share.budget }

  /// The place of a field, new or known.
  mutating func place(of name: String) -> Admittance {
    if let slot = slots[name] { return .slot(slot) }
    guard name.utf8.count <= Self.nameBytesMax else { return .unwanted }
    switch claim(name) {
    case .nobody:
      return .unwanted
    case .pattern:
      guard patternCount < Self.fieldsMax, share.grow(by: Self.bytesPerField + 3 * name.utf8.count) else {
        refused(.fieldName)
        return .refused
      }
      patternCount += 1
    case .name:
      break
    }
    let slot = names.count
    slots[name] = slot
    names.append(name)
    uses.append(resolve(name, slot))
    return .slot(slot)
  }

  func tell(_ refusal: Refusal) {
    refused(refusal)
  }

  /// Keeps the names in one piece with another table, if they are the same.
  mutating func share(with other: FieldTable) -> Bool {
    guard names == other.names, uses == other.uses else { return false }
    (names, uses, slots, share) = (other.names, other.uses, other.slots, other.share)
    return true
  }
}
