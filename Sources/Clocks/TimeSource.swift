/// Where a part of the program has the time from. Whoever composes the program hands one to all parts, so that a test,
/// or a machine in memory, has another; no part asks the system by itself.
package struct TimeSource: Sendable {
  private let read: @Sendable () -> Moment

  package init(_ read: @escaping @Sendable () -> Moment) { self.read = read }

  package var now: Moment { read() }

  /// This machine's clocks.
  package static let system = TimeSource { Moment.now }
}
