/// One line of `/proc/net/dev`. Pure.
struct ProcInterface: Sendable {
  var name: String
  /// Bytes, packets, errors, drops, fifo, frame, compressed, multicast received; the same of sent, but collisions and
  /// carrier in place of frame and multicast.
  private var numbers = SIMD16<UInt64>.zero

  /// Bytes, packets, errors and drops, each received and sent.
  var counts: [UInt64] { [0, 8, 1, 9, 2, 10, 3, 11].map { numbers[$0] } }

  /// Nil: a headline, or no such line. Old kernels put no blank after the colon.
  init?(parsing line: inout ByteScanner) {
    let bytes = line.rest
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    var before = ByteScanner(UnsafeBufferPointer(rebasing: bytes[..<colon]))
    guard let name = before.text() else { return nil }
    self.name = name
    var after = ByteScanner(UnsafeBufferPointer(rebasing: bytes[(colon + 1)...]))
    for index in 0..<16 {
      guard let number = after.integer() else { return nil }
      numbers[index] = number
    }
  }

  /// All lines; nil: not even the headlines are there.
  static func all(parsing bytes: UnsafeBufferPointer<UInt8>) -> [ProcInterface]? {
    var interfaces: [ProcInterface] = []
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      if let interface = ProcInterface(parsing: &line) { interfaces.append(interface) }
    }
    return interfaces.isEmpty && !bytes.contains(UInt8(ascii: "|")) ? nil : interfaces
  }
}
