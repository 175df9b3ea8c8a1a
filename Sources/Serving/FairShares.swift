/// Who holds the places that there are only so many of, and who gives one up when another client wants it: the client
/// that holds most, never one that holds less than who asks. It counts and chooses; it closes nothing.
struct FairShares {
  /// A place's number.
  typealias Holder = Int

  /// What a holder does with its place: those that do least go first.
  enum Use: Int, CaseIterable {
    /// It has asked nothing yet.
    case silent
    /// It has been answered.
    case idle
    /// It is answered, and does not read.
    case unread
    /// It is answered, or waits for that.
    case busy
  }

  private struct Place {
    let client: ClientAddress
    var use = Use.silent
    /// Since when, or when it last read some; nanoseconds of the monotonic clock.
    var since: Int64
  }

  private var places: [Holder: Place] = [:]
  private var counts: [ClientAddress: Int] = [:]

  var count: Int { places.count }

  func count(of client: ClientAddress) -> Int { counts[client] ?? 0 }

  func client(of holder: Holder) -> ClientAddress? { places[holder]?.client }

  mutating func add(_ holder: Holder, of client: ClientAddress, at now: Int64) {
    places[holder] = Place(client: client, since: now)
    counts[client, default: 0] += 1
  }

  mutating func note(_ use: Use, by holder: Holder, at now: Int64) {
    places[holder]?.use = use
    places[holder]?.since = now
  }

  mutating func remove(_ holder: Holder) {
    guard let client = places.removeValue(forKey: holder)?.client else { return }
    let left = count(of: client) - 1
    counts[client] = left > 0 ? left : nil
  }

  /// Who gives its place up for one that this client asks for: of the clients that hold most, whoever does least, and of
  /// these, whoever has done so for longest. A client that holds most itself ends nothing of its own that goes on,
  /// nor an unread answer of a UNIX socket, where it may be another's. Of others that hold as much it gets what has asked
  /// nothing yet.
  ///
  /// - Parameters:
  ///   - last: Whoever does more than this gives nothing.
  ///   - patience: How long an answer is left unread, in nanoseconds, before its client loses it to a request of its own.
  func whoGives(to client: ClientAddress, at now: Int64, last: Use = .busy, patience: Int64) -> Holder? {
    let most = counts.values.max() ?? 0
    guard count(of: client) >= most else {
      return first { count(of: $0.client) == most && $0.use.rawValue <= last.rawValue }
    }
    let own = first { place in
      guard place.client == client else { return false }
      let isStalled = place.use == .unread && client != .local && now - place.since >= patience
      return place.use.rawValue <= Use.idle.rawValue || isStalled
    }
    return own ?? first { $0.use == .silent && count(of: $0.client) == most }
  }

  /// Who gives up an answer that it does not read, when too much of them is kept: whoever has read nothing for longest,
  /// if longer than that; else of the clients that have most of them.
  func whoReadsLeast(at now: Int64, patience: Int64) -> Holder? {
    if let stalled = first(where: { $0.use == .unread && now - $0.since >= patience }) { return stalled }
    var unread: [ClientAddress: Int] = [:]
    for place in places.values where place.use == .unread { unread[place.client, default: 0] += 1 }
    let most = unread.values.max()
    return first { $0.use == .unread && unread[$0.client] == most }
  }

  /// Of those who do least whoever began with it first.
  private func first(where isMeant: (Place) -> Bool) -> Holder? {
    var first: (holder: Holder, place: Place)?
    for (holder, place) in places where isMeant(place) {
      if let first, (first.place.use.rawValue, first.place.since) <= (place.use.rawValue, place.since) { continue }
      first = (holder, place)
    }
    return first?.holder
  }
}
