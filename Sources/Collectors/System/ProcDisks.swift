/// One line of `/proc/diskstats`. Pure.
struct ProcDisk: Sendable {
  var name: String
  /// As many as the line has after the name, in its order; zeros after them.
  private(set) var numbers = SIMD32<UInt64>.zero
  private(set) var count = 0

  /// The file's unit, whatever the disk's own sectors are.
  static let sectorBytes = 512.0

  var reads: UInt64 { numbers[0] }
  var readBytes: Double { Double(numbers[2]) * Self.sectorBytes }
  var readMilliseconds: UInt64 { numbers[3] }
  var writes: UInt64 { numbers[4] }
  var writtenBytes: Double { Double(numbers[6]) * Self.sectorBytes }
  var writeMilliseconds: UInt64 { numbers[7] }
  var inFlight: UInt64 { numbers[8] }
  var busyMilliseconds: UInt64 { numbers[9] }
  var weightedMilliseconds: UInt64 { numbers[10] }
  /// Since kernel 4.18.
  var hasDiscards: Bool { count >= 15 }
  var discards: UInt64 { numbers[11] }
  var discardedBytes: Double { Double(numbers[13]) * Self.sectorBytes }
  var discardMilliseconds: UInt64 { numbers[14] }
  /// Since kernel 5.5.
  var hasFlushes: Bool { count >= 17 }
  var flushes: UInt64 { numbers[15] }
  var flushMilliseconds: UInt64 { numbers[16] }

  /// Nil: it is no such line, or one of a partition as kernels before 2.6.25 had them, with four numbers.
  init?(parsing line: inout ByteScanner) {
    guard line.integer() != nil, line.integer() != nil, let name = line.text() else { return nil }
    self.name = name
    while count < Self.numbersMax, let word = line.word() {
      guard let number = ByteScanner.integer(word) else { return nil }
      numbers[count] = number
      count += 1
    }
    if count < 11 { return nil }
  }

  /// Later kernels may add more.
  private static let numbersMax = 17

  /// All lines; nil: there are some, and none is understood.
  static func all(parsing bytes: UnsafeBufferPointer<UInt8>) -> [ProcDisk]? {
    var disks: [ProcDisk] = []
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      if let disk = ProcDisk(parsing: &line) { disks.append(disk) }
    }
    return disks.isEmpty && !bytes.isEmpty ? nil : disks
  }
}
