internal import Diagnostics

/// Where something stood that is gone: at what followed it and is still there, else at what preceded it. A reviewer finds
/// the removed lines there. What is still there is where it is.
struct Gaps {
  let owner: SourceRange
  private let places: [String: SourceRange]

  /// - Parameters:
  ///   - old: the names of all that stood there, in order.
  ///   - new: the names of what stands there now.
  ///   - owner: the place if nothing is left.
  init(old: [String], new: [Text], owner: SourceRange) {
    let now = Dictionary(new.map { ($0.value, $0.range) }) { first, _ in first }
    var places: [String: SourceRange] = [:]
    var nearest: SourceRange?
    for name in old.reversed() {
      if let range = now[name] { nearest = SourceRange(range.start, range.start) }
      if now[name] == nil, let nearest { places[name] = nearest }
    }
    nearest = nil
    for name in old {
      if let range = now[name] { nearest = SourceRange(range.start, range.start) }
      if places[name] == nil { places[name] = now[name] ?? nearest ?? owner }
    }
    self.places = places
    self.owner = owner
  }

  subscript(name: String) -> SourceRange? { places[name] }
}
