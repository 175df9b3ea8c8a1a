/// A pattern that a whole path has to match, and that can be walked down a directory tree segment by segment.
///
/// - `{name}` takes at least one byte and stays within a segment; `{name**}` may take several segments.
/// - `*` matches any bytes of a segment, also none. A segment `**` matches any number of whole segments, also none.
/// - A name that begins with a dot matches only where the pattern has that dot.
///
/// It works on bytes, since file names are bytes, and never touches the file system.
public struct PathPattern: Sendable, Hashable {
  /// The pattern as it was taken apart.
  public let pattern: Pattern
  /// The leading directories that the pattern writes out: where a walk begins. It has no `/` at its end, and is empty
  /// for the current directory.
  public let base: String
  /// How far the pattern stands in the directory `base`: what a walk hands to `descend` and `accepts` first.
  public let start: Position

  /// The whole path, if the pattern writes it out.
  public let path: String?

  private let elements: [Element]
  /// How many captures it takes texts for.
  private let captureCount: Int

  /// How far into a pattern a directory has led. It is only of use with the pattern that it came from.
  public struct Position: Sendable, Hashable {
    /// Indices of elements, ascending.
    fileprivate var states: [Int]
  }

  private enum Element: Sendable, Hashable {
    case byte(UInt8)
    /// Exactly one byte; the first of a capture, which has the number.
    case one(crossesSegments: Bool, capture: Int?)
    /// Any number of bytes; the rest of a capture, which has the number.
    case many(crossesSegments: Bool, capture: Int?)
    /// Any number of whole segments, each with its slash.
    case segments
  }

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  /// Gives a pattern this meaning.
  ///
  /// - Parameters:
  ///   - pattern: the pattern of a path. Empty segments and segments `.` are left out.
  ///   - root: the folder that is put before a relative pattern. Where it is empty, paths stay relative.
  ///   - captures: texts that stand for captures, by their names. Such a capture matches its text alone, takes nothing, and
  ///     is part of `base`; a `*` in it is that byte.
  public init(_ pattern: Pattern, root: String = "", filling captures: [String: String] = [:]) {
    self.pattern = pattern
    let tokens = Token.normalized(Token.tokens(of: pattern, root: root, filling: captures))
    elements = Self.elements(of: tokens)
    captureCount = pattern.captureNames.count { captures[$0] == nil }

    let literalCount = tokens.prefix { $0.literal != nil }.count
    let leading = tokens[..<literalCount].compactMap(\.literal)
    path = literalCount == tokens.count ? String(decoding: leading, as: UTF8.self) : nil
    let cut = leading.lastIndex(of: Self.slash)
    base = String(decoding: cut.map { $0 == 0 ? leading[...0] : leading[..<$0] } ?? [], as: UTF8.self)
    start = Position(states: [cut.map { $0 + 1 } ?? 0])
  }

  /// Matches a whole path.
  ///
  /// - Returns: what the captures take, in the order of `pattern.captureNames` but for those that were filled, each as
  ///   little as it can from the left; nil if the path does not match.
  public func match(_ path: String) -> [String]? { match(Array(path.utf8)) }

  /// Matches a whole path given as bytes. Bytes of a capture that are not UTF-8 become U+FFFD.
  ///
  /// - Returns: what the captures take, in the order of `pattern.captureNames` but for those that were filled, each as
  ///   little as it can from the left; nil if the path does not match.
  public func match(_ path: [UInt8]) -> [String]? {
    // Backtracking with an explicit stack: at most one entry for each element that repeats. `tried` remembers the
    // pairs of element and place that led nowhere, which bounds the work by their product.
    var choices: [(element: Int, place: Int)] = []
    var tried: Set<Int> = []
    var taken = Array(repeating: 0..<0, count: captureCount)
    var element = 0
    var place = 0
    while true {
      if step(path, element: &element, place: &place, taken: &taken, choices: &choices, tried: &tried) {
        if element == elements.count, place == path.count {
          return taken.map { String(decoding: path[$0], as: UTF8.self) }
        }
        if element < elements.count { continue }
      }
      guard let choice = retry(path, &choices) else { return nil }
      (element, place) = choice
    }
  }

  /// One move along the pattern; false where it cannot go on.
  private func step(
    _ path: [UInt8],
    element: inout Int,
    place: inout Int,
    taken: inout [Range<Int>],
    choices: inout [(element: Int, place: Int)],
    tried: inout Set<Int>
  ) -> Bool {
    guard element < elements.count else { return true }
    let opensSegment = place == 0 || path[place - 1] == Self.slash
    let byte = place < path.count ? path[place] : nil
    switch elements[element] {
    case .byte(let expected):
      guard byte == expected else { return false }
      place += 1
    case .one(_, let capture):
      guard let byte, byte != Self.slash, !(opensSegment && byte == Self.dot) else { return false }
      if let capture { taken[capture] = place..<place + 1 }
      place += 1
    case .many(_, let capture):
      if opensSegment, byte == Self.dot { return false }
      guard tried.insert(element * (path.count + 1) + place).inserted else { return false }
      if let capture { taken[capture] = taken[capture].lowerBound..<place }
      choices.append((element, place))
    case .segments:
      guard tried.insert(element * (path.count + 1) + place).inserted else { return false }
      choices.append((element, place))
    }
    element += 1
    return true
  }

  /// The last choice that can take more, having taken it.
  private func retry(_ path: [UInt8], _ choices: inout [(element: Int, place: Int)]) -> (Int, Int)? {
    while let (element, place) = choices.popLast() {
      guard place < path.count else { continue }
      let opensSegment = place == 0 || path[place - 1] == Self.slash
      if opensSegment, path[place] == Self.dot { continue }
      switch elements[element] {
      case .many(let crossesSegments, _):
        if crossesSegments || path[place] != Self.slash { return (element, place + 1) }
      case .segments:
        if let end = path[place...].firstIndex(of: Self.slash) { return (element, end + 1) }
      case .byte, .one:
        continue
      }
    }
    return nil
  }

  // MARK: Walking

  /// Walks into a directory.
  ///
  /// - Parameters:
  ///   - position: where the pattern stands in the directory that holds this one; `start` in `base`.
  ///   - name: the directory's name as bytes, without a slash.
  /// - Returns: where the pattern stands in the directory; nil if nothing in there can match.
  public func descend(_ position: Position, into name: some Sequence<UInt8>) -> Position? {
    var states = closure(of: position.states, opensSegment: true, before: nil)
    var isFirst = true
    for byte in name {
      states = advance(states, over: byte, opensSegment: isFirst)
      if states.isEmpty { return nil }
      isFirst = false
    }
    states = advance(states, over: Self.slash, opensSegment: isFirst)
    states.removeAll { $0 == elements.count }
    return states.isEmpty ? nil : Position(states: states)
  }

  /// Whether a directory's entry matches the whole pattern.
  ///
  /// - Parameters:
  ///   - position: where the pattern stands in the directory.
  ///   - name: the entry's name as bytes, without a slash.
  public func accepts(_ position: Position, name: some Sequence<UInt8>) -> Bool {
    var states = position.states
    var isFirst = true
    for byte in name {
      states = advance(states, over: byte, opensSegment: isFirst)
      if states.isEmpty { return false }
      isFirst = false
    }
    return closure(of: states, opensSegment: false, before: nil).contains(elements.count)
  }

  private func advance(_ states: [Int], over byte: UInt8, opensSegment: Bool) -> [Int] {
    var next: [Int] = []
    let isHidden = opensSegment && byte == Self.dot
    for state in closure(of: states, opensSegment: opensSegment, before: byte) where state < elements.count {
      switch elements[state] {
      case .byte(let expected):
        if byte == expected { next.append(state + 1) }
      case .one:
        if byte != Self.slash, !isHidden { next.append(state + 1) }
      case .many(let crossesSegments, _):
        if crossesSegments || byte != Self.slash, !isHidden { next.append(state) }
      case .segments:
        if !isHidden { next.append(state) }
      }
    }
    return next.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  /// `states` and those that are reached from them without a byte, ascending.
  private func closure(of states: [Int], opensSegment: Bool, before byte: UInt8?) -> [Int] {
    var reached: [Int] = []
    for first in states {
      var state = first
      while reached.last.map({ $0 < state }) ?? true {
        reached.append(state)
        guard state < elements.count else { break }
        switch elements[state] {
        case .many where !(opensSegment && byte == Self.dot): state += 1
        case .segments where opensSegment: state += 1
        default: break
        }
      }
    }
    return reached
  }

  private static func elements(of tokens: [Token]) -> [Element] {
    var elements: [Element] = []
    var captureCount = 0
    var index = 0
    while index < tokens.count {
      let opensSegment = index == 0 || tokens[index - 1].literal == slash
      switch tokens[index] {
      case .byte(let byte):
        elements.append(.byte(byte))
      case .star:
        elements.append(.many(crossesSegments: false, capture: nil))
      case .doubleStar:
        let next = index + 1 < tokens.count ? tokens[index + 1] : nil
        if opensSegment, next == nil {
          elements += [.segments, .many(crossesSegments: false, capture: nil)]
        } else if opensSegment, next?.literal == slash {
          elements.append(.segments)
          index += 1
        } else {
          elements.append(.many(crossesSegments: true, capture: nil))
        }
      case .capture(let isNamed, let crossesSegments):
        let number = isNamed ? captureCount : nil
        if isNamed { captureCount += 1 }
        elements += [
          .one(crossesSegments: crossesSegments, capture: number),
          .many(crossesSegments: crossesSegments, capture: number),
        ]
      }
      index += 1
    }
    return elements
  }
}

/// A pattern's source, byte by byte.
private enum Token: Equatable {
  case byte(UInt8)
  case star
  case doubleStar
  case capture(isNamed: Bool, crossesSegments: Bool)

  var literal: UInt8? {
    if case .byte(let byte) = self { byte } else { nil }
  }

  static func tokens(of pattern: Pattern, root: String, filling captures: [String: String]) -> [Token] {
    var tokens: [Token] = []
    for part in pattern.parts {
      switch part {
      case .literal(let text), .field(let text):
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
          if bytes[index] != UInt8(ascii: "*") {
            tokens.append(.byte(bytes[index]))
          } else if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "*") {
            tokens.append(.doubleStar)
            index += 1
          } else {
            tokens.append(.star)
          }
          index += 1
        }
      case .capture(let name) where captures[name] != nil, .deepCapture(let name) where captures[name] != nil:
        tokens += (captures[name] ?? "").utf8.map { .byte($0) }
      case .capture(let name):
        tokens.append(.capture(isNamed: name != "_", crossesSegments: false))
      case .deepCapture(let name):
        tokens.append(.capture(isNamed: name != "_", crossesSegments: true))
      }
    }
    guard !root.isEmpty, tokens.first?.literal != UInt8(ascii: "/") else { return tokens }
    return root.utf8.map { .byte($0) } + [.byte(UInt8(ascii: "/"))] + tokens
  }

  /// Without empty segments and segments that are a single dot, which no path found by a walk has.
  static func normalized(_ tokens: [Token]) -> [Token] {
    let slash = Token.byte(UInt8(ascii: "/"))
    var kept: [Token] = []
    for (index, token) in tokens.enumerated() {
      let opensSegment = kept.isEmpty || kept.last == slash
      if token == slash, kept.last == slash { continue }
      if token == .byte(UInt8(ascii: ".")), opensSegment, index + 1 < tokens.count, tokens[index + 1] == slash {
        continue
      }
      if token == slash, kept.isEmpty, index > 0 { continue }
      kept.append(token)
    }
    return kept
  }
}
