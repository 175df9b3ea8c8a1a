internal import Glibc

/// Whole reads and writes, through interruptions and short counts.
enum SystemCall {
  /// What `errno` says, for people.
  static func reason(_ code: Int32 = errno) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }

  static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { raw in
      var place = 0
      while place < raw.count {
        let count = write(descriptor, raw.baseAddress.map { $0 + place }, raw.count - place)
        if count > 0 {
          place += count
        } else if count == 0 || errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  /// - Returns: how many bytes there were; nil: an error.
  static func readAll(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var place = 0
    while place < buffer.count {
      let count = read(descriptor, buffer.baseAddress.map { $0 + place }, buffer.count - place)
      if count == 0 { break }
      if count > 0 {
        place += count
      } else if errno != EINTR {
        return nil
      }
    }
    return place
  }
}
