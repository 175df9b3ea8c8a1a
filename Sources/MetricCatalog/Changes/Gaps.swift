internal import Diagnostics

/// Where something stood that is gone: at what followed it and is still there, else at what preceded it. A reviewer finds
/// the removed lines there. What is still there is where it is.
struct Gaps {
  let owner: SourceRange
  private let places: [String: SourceRange]

  /// - Parameters:
  ///   - old: the names of all that stood there, in order.
  ///   - new: the names of what stands there now.
  ///   - last: the last line of what stands there now, by its place in `new`, for what stood behind it.
  ///   - owner: the place if nothing is left.
  init(old: [String], new: [Text], last: ((Int) -> SourceRange)? = nil, owner: SourceRange) {
    let now = Dictionary(new.map { ($0.value, $0.range) }) { first, _ in first }
    var places: [String: SourceRange] = [:]
    var nearest: SourceRange?
    for name in old.reversed() {
      if let range = now[name] { nearest = SourceRange(range.start, range.start) }
      if now[name] == nil, let nearest { places[name] = nearest }
    }
    nearest = nil
    let indices = Dictionary(new.enumerated().map { ($1.value, $0) }) { first, _ in first }
    for name in old {
      if let index = indices[name] {
        let range = last?(index) ?? new[index].range
        nearest = SourceRange(range.start, range.start)
      }
      if places[name] == nil { places[name] = now[name] ?? nearest ?? owner }
    }
    self.places = places
    self.owner = owner
  }

  subscript(name: String) -> SourceRange? { places[name] }
}

extension Array {
  /// The value of a key in `new`; where it is not given there, the key that followed it in `old`, or preceded it.
  func place<Declaration, Resolved, T>(
    of key: KeyPath<Declaration, Key<T>>,
    _ old: Declaration,
    _ new: Declaration
  ) -> SourceRange? where Element == KeyDeclaration<Declaration, Resolved> {
    if let range = new[keyPath: key].range { return range }
    guard let gone = old[keyPath: key].name else { return nil }
    let left = compactMap { key in key.range(in: old).flatMap { old in key.range(in: new).map { (old: old, new: $0) } }
    }
    let following = left.filter { $0.old.start > gone.start }.min { $0.old.start < $1.old.start }
    let nearest = following ?? left.max { $0.old.start < $1.old.start }
    return nearest.map { SourceRange($0.new.start, $0.new.start) }
  }

  /// The key that stands last; the beginning of the file where there is none.
  func last<Declaration, Resolved>(in declaration: Declaration) -> SourceRange
  where Element == KeyDeclaration<Declaration, Resolved> {
    compactMap { $0.range(in: declaration) }.max { $0.start < $1.start } ?? SourceRange(0, 0)
  }
}
