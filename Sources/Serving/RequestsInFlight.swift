internal import Synchronization

/// How many scrapes, or streams, are being answered. It counts; who is over the limit is told so by others.
final class RequestsInFlight: Sendable {
  /// A place among those in flight, given back when nothing holds it any more: neither the connection that writes the
  /// answer nor the rendering that was asked for, which goes on when the client has left.
  final class Permit: Sendable {
    private let requests: RequestsInFlight

    fileprivate init(_ requests: RequestsInFlight) {
      self.requests = requests
    }

    deinit { requests.count.subtract(1, ordering: .relaxed) }
  }

  private let countMax: Int
  private let count = Atomic(0)

  init(countMax: Int) {
    self.countMax = countMax
  }

  /// `nil` where there are too many.
  func take() -> Permit? {
    let place = count.add(1, ordering: .relaxed)
    if place.newValue <= countMax { return Permit(self) }
    count.subtract(1, ordering: .relaxed)
    return nil
  }
}
