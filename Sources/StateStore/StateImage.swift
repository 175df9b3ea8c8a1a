/// What a part of a state is about. The numbers are on disk: one is never given another meaning.
package enum StateKind: UInt8, Sendable, CaseIterable {
  case catalog = 1
  case metric = 2
  case labelValue = 3
  case series = 4
  case rejections = 5
  case feeder = 6
  case watcher = 7
  case documentGroup = 8
  case document = 9
  case log = 10
  case moment = 11
  case process = 12
  case contribution = 13
  case run = 14
}

/// What changed of a state since it was last saved, or all of it: a list of parts that are set, extended or removed. A
/// part has a kind, and an owner that tells it from others of the kind.
package struct StateChanges: Sendable {
  fileprivate enum Verb: UInt64 {
    case set = 0
    case extend = 1
    /// All parts of an owner.
    case remove = 2
  }

  /// Whether it begins anew: what was saved before is of no use any more.
  package let isWhole: Bool
  private var encoder: StateEncoder

  package init(isWhole: Bool) {
    self.isWhole = isWhole
    encoder = StateEncoder(isWhole: isWhole)
  }

  package var bytes: [UInt8] { encoder.bytes }
  package var isEmpty: Bool { encoder.bytes.isEmpty }

  /// Sets what `body` encodes, in place of what the owner had; parts of its own that it extends or leaves out stay.
  ///
  /// - Parameter isNew: whether the owner has no parts, whatever was saved of it once.
  package mutating func set(
    _ kind: StateKind,
    _ owner: UInt64,
    isNew: Bool = false,
    _ body: (inout StateEncoder) -> Void
  ) {
    var part = StateEncoder(isWhole: isWhole || isNew)
    body(&part)
    set(kind, owner, part)
  }

  package mutating func set(_ kind: StateKind, _ owner: UInt64, _ part: StateEncoder) {
    put(.set, kind, owner, 0, part.bytes[...])
    for part in part.parts { put(part.extends ? .extend : .set, kind, owner, part.place, part.bytes[...]) }
  }

  package mutating func remove(_ kind: StateKind, _ owner: UInt64) {
    begin(.remove, kind, owner)
  }

  fileprivate mutating func put(
    _ verb: Verb,
    _ kind: StateKind,
    _ owner: UInt64,
    _ place: UInt32,
    _ bytes: ArraySlice<UInt8>
  ) {
    begin(verb, kind, owner)
    encoder.encode(compact: UInt64(place))
    encoder.encode(compact: UInt64(bytes.count))
    bytes.withUnsafeBytes { encoder.append($0) }
  }

  private mutating func begin(_ verb: Verb, _ kind: StateKind, _ owner: UInt64) {
    encoder.encode(compact: UInt64(kind.rawValue) << 2 | verb.rawValue)
    encoder.encode(compact: owner)
  }
}

/// The parts of a state as they stand after all that was saved of it, in its order.
package struct StateImage: Sendable {
  /// By place.
  private typealias Parts = [UInt32: ArraySlice<UInt8>]

  private var kinds: [[UInt64: Parts]]
  package let version: UInt32

  /// Bytes that were never encoded end in an error, as do changes to parts that are not there.
  package init(_ saved: SavedState) throws(StateDecoder.Failure) {
    version = saved.version
    kinds = Array(repeating: [:], count: StateKind.allCases.count + 1)
    try apply(saved.whole)
    for changes in saved.changes { try apply(changes) }
  }

  private mutating func apply(_ changes: ArraySlice<UInt8>) throws(StateDecoder.Failure) {
    var decoder = StateDecoder(changes)
    while !decoder.isAtEnd {
      let code = try decoder.compact()
      guard let verb = StateChanges.Verb(rawValue: code & 3), kinds.indices.contains(Int(code >> 2)) else {
        throw StateDecoder.Failure()
      }
      let kind = Int(code >> 2)
      let owner = try decoder.compact()
      if verb == .remove {
        kinds[kind][owner] = nil
        continue
      }
      guard let place = UInt32(exactly: try decoder.compact()) else { throw StateDecoder.Failure() }
      let bytes = try decoder.bytes(count: try decoder.compact())
      switch verb {
      case .set:
        kinds[kind][owner, default: [:]][place] = bytes
      case .extend:
        guard kinds[kind][owner]?[place] != nil else { throw StateDecoder.Failure() }
        kinds[kind][owner]?[place]? += bytes
      case .remove:
        break
      }
    }
  }

  /// The owners of a kind, ascending.
  package func owners(of kind: StateKind) -> [UInt64] { kinds[Int(kind.rawValue)].keys.sorted() }

  /// All parts as they stand: the whole that makes this image without any changes.
  package var whole: StateChanges {
    var whole = StateChanges(isWhole: true)
    for kind in StateKind.allCases {
      for owner in owners(of: kind) {
        let parts = kinds[Int(kind.rawValue)][owner] ?? [:]
        for (place, bytes) in parts.sorted(by: { $0.key < $1.key }) { whole.put(.set, kind, owner, place, bytes) }
      }
    }
    return whole
  }

  /// What an owner encoded last.
  package func decoder(_ kind: StateKind, _ owner: UInt64) throws(StateDecoder.Failure) -> StateDecoder {
    guard let parts = kinds[Int(kind.rawValue)][owner], let first = parts[0] else { throw StateDecoder.Failure() }
    return StateDecoder(first, parts: parts, version: version)
  }
}

/// What was saved, and by which version of the encoding: a whole, and the changes that came after it. Before version 3
/// it was one piece without parts.
package struct SavedState: Sendable, Equatable {
  package private(set) var whole: ArraySlice<UInt8>
  package private(set) var changes: [ArraySlice<UInt8>]
  package let version: UInt32

  package init(_ whole: ArraySlice<UInt8>, changes: [ArraySlice<UInt8>] = [], version: UInt32 = StateFile.version) {
    self.whole = whole
    self.changes = changes
    self.version = version
  }

  package init(_ whole: StateChanges) {
    precondition(whole.isWhole)
    self.init(whole.bytes[...])
  }

  /// What it is after one more was saved.
  package mutating func save(_ saved: StateChanges) {
    if saved.isWhole { self = SavedState(saved) } else { changes.append(saved.bytes[...]) }
  }
}
