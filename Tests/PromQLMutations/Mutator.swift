import PromQL

/// Makes queries that are almost right out of right ones. The same seed gives the same queries.
package struct Mutator {
  private let corpus: [[UInt8]]
  private var random: SplitMix64

  /// - Parameter corpus: what is changed. The queries of `Seeds` are added to it.
  package init(seed: UInt64, corpus: [String] = []) {
    self.corpus = (Seeds.queries + corpus).map { Array($0.utf8) }
    random = SplitMix64(state: seed)
  }

  package mutating func next() -> [UInt8] {
    var bytes = corpus[below(corpus.count)]
    for _ in 0...below(4) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = corpus[below(corpus.count)]
      return
    }
    let at = below(bytes.count)
    let span = at..<min(bytes.count, at + 1 + below(8))
    switch below(9) {
    case 0: bytes.remove(at: at)
    case 1: bytes.removeSubrange(span)
    case 2: bytes.insert(contentsOf: bytes[span], at: below(bytes.count + 1))
    case 3: bytes.swapAt(at, below(bytes.count))
    case 4: bytes[at] = UInt8(below(256))
    case 5: bytes.removeSubrange(at...)
    case 6:
      let other = corpus[below(corpus.count)]
      bytes = Array(bytes[..<at]) + other[below(other.count + 1)...]
    case 7: bytes.insert(contentsOf: Seeds.pieces[below(Seeds.pieces.count)].utf8, at: at)
    default: bytes.replaceSubrange(span, with: Seeds.pieces[below(Seeds.pieces.count)].utf8)
    }
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
}

/// The generator of Steele, Lea and Flood: 64 bits of state, and any seed is a good one.
package struct SplitMix64: RandomNumberGenerator {
  package var state: UInt64

  package init(state: UInt64) {
    self.state = state
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// What has to hold for any bytes.
package enum Law {
  package enum Verdict: Equatable {
    case taken
    case refused
    /// What does not hold, and for which query.
    case broken(String)
  }

  /// Parses bytes. A tree must be printed as text of an equal tree, and each place must lie in the query.
  package static func judge(_ bytes: [UInt8], _ variables: Parser.Variables = .none) -> Verdict {
    let query: Query
    do throws(PromQLError) {
      query = try Parser.parse(bytes, variables: variables)
    } catch {
      let isInside = error.range.lowerBound >= 0 && error.range.upperBound <= bytes.count
      let isPlain = error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
      if !isInside || error.message.isEmpty || !isPlain {
        return broken("its error is at \(error.range): \(error.message)", bytes)
      }
      return .refused
    }
    if let fault = misplaced(query.expression, in: 0..<bytes.count) { return broken(fault, bytes) }
    let printed = query.expression.description
    do throws(PromQLError) {
      let again = try Parser.parse(printed, variables: variables)
      if again.expression != query.expression { return broken("\(printed) is another tree", bytes) }
      if again.expression.description != printed { return broken("\(printed) is printed otherwise again", bytes) }
    } catch {
      return broken("it is printed as \(error.rendered(in: Array(printed.utf8)))", bytes)
    }
    return .taken
  }

  private static func broken(_ what: String, _ bytes: [UInt8]) -> Verdict {
    .broken("\(what)\nquery: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
  }

  private static func misplaced(_ expression: Expression, in outer: Range<Int>) -> String? {
    let range = expression.place.range
    guard !range.isEmpty, range.lowerBound >= outer.lowerBound, range.upperBound <= outer.upperBound else {
      return "\(expression) is at \(range), outside of \(outer)"
    }
    var from = range.lowerBound
    for child in expression.children {
      if let fault = misplaced(child, in: from..<range.upperBound) { return fault }
      from = child.place.range.upperBound
    }
    return nil
  }
}
