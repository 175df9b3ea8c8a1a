internal import NIOHTTP1
internal import Synchronization

/// How many requests were answered, by the answer's status, whatever was asked for. It counts, and decides nothing.
package final class ResponseCounts: Sendable {
  /// Every status that the server gives: these are all values that the label has.
  private static let codes: [UInt] = [
    200, 304, 400, 401, 403, 404, 405, 408, 413, 414, 417, 429, 431, 500, 501, 503, 505,
  ]

  /// One for each code, and the last for what is none of them.
  private let counts = InlineArray<18, Atomic<Int>> { _ in Atomic(0) }

  package init() {
    precondition(counts.count == Self.codes.count + 1, "a count for each code, and one more")
  }

  /// All of them, in an order that does not change; those that never were, too.
  package var all: [(code: String, count: Int)] {
    counts.indices.compactMap { position in
      let count = counts[position].load(ordering: .relaxed)
      if position < Self.codes.count { return ("\(Self.codes[position])", count) }
      return count == 0 ? nil : ("other", count)
    }
  }

  func count(_ status: HTTPResponseStatus) {
    let position = Self.codes.firstIndex(of: status.code) ?? Self.codes.count
    counts[position].add(1, ordering: .relaxed)
  }
}
