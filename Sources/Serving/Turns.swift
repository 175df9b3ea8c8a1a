internal import NIOCore

/// What clients wait for: one of each in its turn, and for each client first come, first served.
struct Turns<Element> {
  private var waiting: [ClientAddress: CircularBuffer<Element>] = [:]
  /// The clients of `waiting`, whoever is next first.
  private var clients = CircularBuffer<ClientAddress>()

  private(set) var count = 0

  mutating func append(_ element: Element, of client: ClientAddress) {
    count += 1
    if waiting[client] == nil { clients.append(client) }
    waiting[client, default: CircularBuffer()].append(element)
  }

  mutating func next() -> Element? {
    guard let client = clients.popFirst(), let element = waiting[client]?.popFirst() else { return nil }
    count -= 1
    if waiting[client]?.isEmpty == true { waiting[client] = nil } else { clients.append(client) }
    return element
  }

  mutating func removeAll(where isMeant: (Element) -> Bool) {
    waiting = waiting.mapValues { $0.filter { !isMeant($0) } }.filter { !$0.value.isEmpty }
    clients.removeAll { waiting[$0] == nil }
    count = waiting.values.reduce(0) { $0 + $1.count }
  }
}

extension Turns where Element: Equatable {
  func contains(_ element: Element, of client: ClientAddress) -> Bool { waiting[client]?.contains(element) ?? false }
}
