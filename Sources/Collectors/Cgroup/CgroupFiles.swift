/// What the files of a control group say. Pure: take the files' bytes; nil where it is not what the kernel writes.
package enum CgroupFiles {
  package enum Limit: Sendable, Hashable {
    case none
    case value(Double)
  }

  /// A number, or `max`. Version 1 says the largest number of its pages, near 2^63, where there is no limit.
  package static func limit(parsing bytes: UnsafeBufferPointer<UInt8>) -> Limit? {
    var scanner = ByteScanner(bytes)
    guard let word = scanner.word() else { return nil }
    if word.equals("max") { return Limit.none }
    guard let value = ByteScanner.integer(word) else { return nil }
    return value >= 1 << 60 ? Limit.none : .value(Double(value))
  }

  package static func number(parsing bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
    var scanner = ByteScanner(bytes)
    return scanner.integer()
  }

  /// `cpu.max`: the microseconds of CPU time in a period, and the period. In CPUs.
  package static func cores(parsing bytes: UnsafeBufferPointer<UInt8>) -> Limit? {
    var scanner = ByteScanner(bytes)
    guard let quota = scanner.word(), let period = scanner.integer(), period > 0 else { return nil }
    if quota.equals("max") { return Limit.none }
    return ByteScanner.integer(quota).map { .value(Double($0) / Double(period)) }
  }

  /// The same of version 1, which has a file for each, and -1 for no limit.
  package static func cores(quota: UnsafeBufferPointer<UInt8>, period: UInt64) -> Limit? {
    var scanner = ByteScanner(quota)
    guard let word = scanner.word(), period > 0 else { return nil }
    if word.equals("-1") { return Limit.none }
    return ByteScanner.integer(word).map { .value(Double($0) / Double(period)) }
  }

  /// Lines of a key and a number; others are left out.
  package static func numbers(parsing bytes: UnsafeBufferPointer<UInt8>) -> [String: UInt64] {
    var numbers: [String: UInt64] = [:]
    var lines = ByteScanner(bytes)
    while numbers.count < keysMax, var line = lines.line() {
      if let key = line.text(), let value = line.integer() { numbers[key] = value }
    }
    return numbers
  }

  /// `memory.stat` has some 60 keys.
  private static let keysMax = 1024
}

/// What a control group read from and wrote to one device.
package struct CgroupDeviceIO: Sendable, Hashable {
  /// Major and minor number, as `8:0`.
  package var device: String
  package var readBytes: UInt64?
  package var writtenBytes: UInt64?
  package var readOperations: UInt64?
  package var writeOperations: UInt64?

  package init(device: String) { self.device = device }

  /// More than any machine has disks.
  package static let devicesMax = 1024

  /// `io.stat` of version 2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`. Some kernels write devices without
  /// numbers, also on the line of the next one.
  package static func parse(unified bytes: UnsafeBufferPointer<UInt8>) -> [CgroupDeviceIO] {
    var devices: [CgroupDeviceIO] = []
    var lines = ByteScanner(bytes)
    while devices.count < devicesMax, var line = lines.line() {
      var current: CgroupDeviceIO?
      while let word = line.word() {
        guard let equal = word.firstIndex(of: UInt8(ascii: "=")) else {
          current = device(word).map { CgroupDeviceIO(device: $0) }
          continue
        }
        let key = UnsafeBufferPointer(rebasing: word[..<equal])
        let value = ByteScanner.integer(word[(equal + 1)...])
        if key.equals("rbytes") {
          current?.readBytes = value
        } else if key.equals("wbytes") {
          current?.writtenBytes = value
        } else if key.equals("rios") {
          current?.readOperations = value
        } else if key.equals("wios") {
          current?.writeOperations = value
        }
      }
      if let current, current.readBytes != nil || current.readOperations != nil { devices.append(current) }
    }
    return devices
  }

  /// Two files of version 1, with lines such as `8:0 Read 123`.
  package static func parse(
    bytes: UnsafeBufferPointer<UInt8>,
    into devices: inout [CgroupDeviceIO],
    read: WritableKeyPath<CgroupDeviceIO, UInt64?>,
    write: WritableKeyPath<CgroupDeviceIO, UInt64?>
  ) {
    var lines = ByteScanner(bytes)
    while var line = lines.line() {
      guard let number = line.word().flatMap(device), let operation = line.word(), let value = line.integer() else {
        continue
      }
      let isRead = operation.equals("Read")
      guard isRead || operation.equals("Write") else { continue }
      var place = devices.firstIndex { $0.device == number }
      if place == nil, devices.count < devicesMax {
        place = devices.count
        devices.append(CgroupDeviceIO(device: number))
      }
      if let place { devices[place][keyPath: isRead ? read : write] = value }
    }
  }

  /// Two numbers and nothing else, so that it may become part of a path.
  private static func device(_ word: UnsafeBufferPointer<UInt8>) -> String? {
    guard let colon = word.firstIndex(of: UInt8(ascii: ":")), ByteScanner.integer(word[..<colon]) != nil,
      ByteScanner.integer(word[(colon + 1)...]) != nil
    else { return nil }
    return String(decoding: word, as: UTF8.self)
  }
}
