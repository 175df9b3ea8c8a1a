import Synchronization

/// Whether a series of a block has changed since each of those who look at it last asked. One store for an update,
/// whatever the number of threads.
struct ChangeMark: ~Copyable, Sendable {
  enum Reader: UInt8 {
    case exposition = 1
    case saving = 2
  }

  private static let everybody: UInt8 = 3

  /// Who has not seen the last change yet.
  private let unseen = Atomic<UInt8>(everybody)

  /// Never looks first whether it is set: that look could be older than the value just stored.
  @inline(__always)
  func set() { unseen.store(Self.everybody, ordering: .releasing) }

  func take(_ reader: Reader) -> Bool {
    // Most marks are not set, and to see that takes no exchange.
    if unseen.load(ordering: .acquiring) & reader.rawValue == 0 { return false }
    let before = unseen.bitwiseAnd(~reader.rawValue, ordering: .acquiringAndReleasing).oldValue
    return before & reader.rawValue != 0
  }
}
