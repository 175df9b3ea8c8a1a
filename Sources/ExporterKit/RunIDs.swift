internal import Runs
internal import Serving
internal import Synchronization

/// How runs are called in the API: 16 hexadecimal digits, which follow from a run's labels alone, so that they are the
/// same after a restart.
final class RunIDs: Sendable {
  private let known = Mutex<[RunBoard.Key: String]>([:])
  /// There are never more runs at a time; what has gone is forgotten with the others.
  private static let knownMax = 20_000

  static func id(of key: RunBoard.Key) -> String {
    var bytes: [UInt8] = []
    for (name, value) in zip(key.names, key.values).sorted(by: { $0.0 < $1.0 }) {
      // No text in UTF-8 has this byte.
      bytes += name.utf8 + [0xFF] + value.utf8 + [0xFF]
    }
    return SHA256.digest(of: bytes).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  func id(of key: RunBoard.Key) -> String {
    known.withLock { known in
      if let id = known[key] { return id }
      if known.count >= Self.knownMax { known = [:] }
      let id = Self.id(of: key)
      known[key] = id
      return id
    }
  }
}
