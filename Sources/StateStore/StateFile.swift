internal import Glibc

/// The one file that a state lives in: a header with a mark, a version and a checksum, then the state's bytes. It is
/// replaced as a whole, or not at all; a process that is killed at any system call leaves the old one or the new one.
///
/// It knows nothing of what the bytes mean.
package struct StateFile: Sendable {
  /// Of what the rooms encode. Every version reads the files of those before it, down to `oldestVersion`: a decoder asks
  /// `StateDecoder.version` before it reads what came later.
  package static let version: UInt32 = 3
  package static let oldestVersion: UInt32 = 2
  /// A larger one is none of ours: a million records of history take some hundred KiB, a series some dozen bytes.
  package static let bytesMax = 4 << 30

  private static let mark: [UInt8] = Array("trexpst\n".utf8)
  /// Mark, version, a word that is 0, length, checksum.
  private static let headerBytes = 32

  package let path: String

  package init(path: String) {
    self.path = path
  }

  /// What was found.
  package enum Content: Sendable, Equatable {
    case none
    case state(SavedState)
    /// Not to be used; the text says why.
    case unusable(String)
  }

  package func read() -> Content {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      return errno == ENOENT ? .none : .unusable("it cannot be read: \(SystemCall.reason())")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return .unusable("it is no regular file")
    }
    guard let size = Int(exactly: status.st_size), size <= Self.bytesMax else { return .unusable("it is too large") }
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let read = SystemCall.readAll(descriptor, into: UnsafeMutableRawBufferPointer(buffer))
      if read == nil { failure = SystemCall.reason() }
      count = read ?? 0
    }
    if let failure { return .unusable("it cannot be read: \(failure)") }
    return Self.parse(bytes[...])
  }

  /// Where a file goes that cannot be used: it may be of a newer version, which would want it back.
  package var unusablePath: String { path + ".unusable" }

  /// Gives a file that cannot be used another name, in place of the last such one.
  package func setAside() {
    _ = rename(path, unusablePath)
  }

  /// Takes a file's bytes apart. Pure.
  package static func parse(_ bytes: ArraySlice<UInt8>) -> Content {
    guard bytes.count >= headerBytes else {
      return .unusable(bytes.isEmpty ? "it is empty" : "it is cut off, or no state of this program")
    }
    guard bytes.starts(with: mark) else { return .unusable("it is no state of this program") }
    var header = StateDecoder(bytes.dropFirst(mark.count).prefix(headerBytes - mark.count))
    guard let version = try? header.uint32(), (try? header.uint32()) != nil, let length = try? header.int(),
      let checksum = try? header.uint64()
    else { return .unusable("it is cut off") }
    guard (Self.oldestVersion...Self.version).contains(version) else {
      let age = version > Self.version ? "a newer" : "an older"
      return .unusable(
        "it was written by \(age) version of this program (format \(version); this one reads \(oldestVersion) to "
          + "\(Self.version))"
      )
    }
    let payload = bytes.dropFirst(headerBytes)
    guard payload.count == length else { return .unusable("it is cut off, or has grown") }
    guard Self.checksum(payload, version: version) == checksum else {
      return .unusable("it is damaged: its checksum is another")
    }
    return .state(SavedState(payload, version: version))
  }

  /// The header that goes before a state's bytes.
  package static func header(for payload: [UInt8]) -> [UInt8] {
    var encoder = StateEncoder()
    for byte in mark { encoder.encode(byte) }
    encoder.encode(version)
    encoder.encode(UInt32(0))
    encoder.encode(payload.count)
    encoder.encode(checksum(payload[...], version: version))
    return encoder.bytes
  }

  /// Writes a new file beside the old one, and gives it the old one's name once it is on the disk.
  package func replace(with payload: [UInt8]) throws(StateError) {
    let draft = path + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StateError("cannot write \(draft): \(SystemCall.reason())") }
    var failure: String?
    if !SystemCall.writeAll(descriptor, Self.header(for: payload)) || !SystemCall.writeAll(descriptor, payload)
      || fdatasync(descriptor) != 0
    {
      failure = SystemCall.reason()
    }
    if close(descriptor) != 0, failure == nil { failure = SystemCall.reason() }
    if failure == nil, rename(draft, path) != 0 { failure = SystemCall.reason() }
    if let failure {
      unlink(draft)
      throw StateError("cannot write \(path): \(failure)")
    }
  }

  /// The version is part of it, or one damaged bit would have a file read as if it were another version's. Those of
  /// version 2 were written without.
  private static func checksum(_ bytes: ArraySlice<UInt8>, version: UInt32) -> UInt64 {
    version == 2 ? checksum(bytes) : fold(checksum(bytes), UInt64(version))
  }

  /// Four lanes of multiply and fold, so that a large state costs no more than reading it.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var lanes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)
      var place = 0
      func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      }
      while place + 32 <= raw.count {
        lanes.0 = fold(lanes.0, word(place))
        lanes.1 = fold(lanes.1, word(place + 8))
        lanes.2 = fold(lanes.2, word(place + 16))
        lanes.3 = fold(lanes.3, word(place + 24))
        place += 32
      }
      while place < raw.count {
        lanes.0 = fold(lanes.0, UInt64(raw[place]))
        place += 1
      }
      let all = fold(fold(lanes.0, lanes.1), fold(lanes.2, lanes.3))
      return fold(all, UInt64(raw.count))
    }
  }

  @inline(__always)
  private static func fold(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    // The rotated state keeps a product of 0 from forgetting what came before.
    return product.low ^ product.high &+ (state << 23 | state >> 41)
  }
}

/// What was encoded once, and by which version of the encoding.
package struct SavedState: Sendable, Equatable {
  package let bytes: ArraySlice<UInt8>
  package let version: UInt32

  package init(_ bytes: ArraySlice<UInt8>, version: UInt32 = StateFile.version) {
    self.bytes = bytes
    self.version = version
  }
}

/// Why a state cannot be kept: one line for the operator.
package struct StateError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
