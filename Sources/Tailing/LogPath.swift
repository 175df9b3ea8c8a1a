internal import Glibc

/// A file's path as the bytes it is; never normalised, and text only for people.
package struct LogPath: Sendable, Hashable, Comparable {
  package let bytes: [UInt8]

  private static let slash = UInt8(ascii: "/")

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  package init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// With U+FFFD for what is no UTF-8.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The last segment.
  package var name: ArraySlice<UInt8> {
    bytes.lastIndex(of: Self.slash).map { bytes[($0 + 1)...] } ?? bytes[...]
  }

  /// The directory that holds it; nil for `/` and for a relative path of one segment.
  package var parent: LogPath? {
    guard let cut = bytes.lastIndex(of: Self.slash), bytes.count > 1 else { return nil }
    return LogPath(bytes: Array(bytes[..<max(cut, 1)]))
  }

  package func appending(_ name: some Collection<UInt8>) -> LogPath {
    // Just as large as it has to be: there are as many as files.
    var path: [UInt8] = []
    path.reserveCapacity(bytes.count + 1 + name.count)
    path += bytes
    if let last = bytes.last, last != Self.slash { path.append(Self.slash) }
    path += name
    return LogPath(bytes: path)
  }

  package static func < (first: LogPath, second: LogPath) -> Bool {
    first.bytes.withUnsafeBytes { first in
      second.bytes.withUnsafeBytes { second in
        guard let start = first.baseAddress, let other = second.baseAddress else { return first.count < second.count }
        let order = memcmp(start, other, min(first.count, second.count))
        return order == 0 ? first.count < second.count : order < 0
      }
    }
  }

  /// All bytes at once: an array feeds the hasher one by one.
  package func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  /// Calls `body` with the path as a C string. A path with a NUL byte, which no file has, is cut there.
  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { characters in
      guard let address = characters.baseAddress else { preconditionFailure("a terminated path has bytes") }
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(characters).copyMemory(from: $0) }
      characters[bytes.count] = 0
      return body(address)
    }
  }
}
