internal import Glibc

/// The one file that a state lives in: a header with a mark, a version and a checksum, then the state's bytes as a whole,
/// then what changed since, in frames that were added one by one. A process that is killed at any system call leaves all
/// but perhaps the frame that it was about to add: one that is cut off is left out.
///
/// It knows nothing of what the bytes mean.
package struct StateFile: Sendable {
  /// Of what the rooms encode. Every version reads the files of those before it, down to `oldestVersion`: a decoder asks
  /// `StateDecoder.version` before it reads what came later.
  package static let version: UInt32 = 6
  package static let oldestVersion: UInt32 = 2
  /// A larger one is none of ours: a million records of history take some hundred KiB, a series some dozen bytes.
  package static let bytesMax = 4 << 30

  private static let mark: [UInt8] = Array("trexpst\n".utf8)
  /// Mark, version, a word that is 0, length, checksum.
  static let headerBytes = 32
  /// Before each frame: its length, and a checksum that goes on from that of what is before it, so that a frame stands in
  /// no other place and in no other file.
  static let frameHeaderBytes = 16

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
    // Opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
    if descriptor < 0 {
      let code = errno
      if code == ENOENT { return .none }
      // A socket cannot be opened, and a link is not followed.
      let kind = SystemCall.kind(of: path)
      return .unusable(
        kind == nil ? "it cannot be read: \(SystemCall.reason(code))" : "it is \(kind ?? "") and no file"
      )
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .unusable("it cannot be read: \(SystemCall.reason())") }
    if let reason = SystemCall.strangeness(of: status, in: folder) { return .unusable(reason) }
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

  private var folder: String {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return folder.isEmpty ? "/" : folder
  }

  /// Where a file goes that cannot be used: it may be of a newer version, which would want it back.
  package var unusablePath: String { path + ".unusable" }

  /// Gives a file that cannot be used another name, in place of the last such one.
  package func setAside() {
    _ = rename(path, unusablePath)
  }

  /// Keeps the file for another than the one that is served.
  ///
  /// - Returns: its name from now on.
  package func setAside(forOwner owner: String) -> String {
    let aside = path(forOwner: owner)
    _ = rename(path, aside)
    return aside
  }

  /// Brings back what was set aside for this owner, where there is something.
  package func takeBack(forOwner owner: String) {
    _ = rename(path(forOwner: owner), path)
  }

  private func path(forOwner owner: String) -> String {
    path + "." + String(Self.checksum(Array(owner.utf8)[...]), radix: 16)
  }

  // MARK: Taking over

  /// Is there while the file's content is being taken over: a line for each time that this was begun and has not ended.
  private var takeOverPath: String { path + ".restoring" }

  /// Notes that the file's content is about to be taken over, until `endTakeOver`.
  ///
  /// - Returns: how often that was begun before and did not end, since the program crashed or was killed in it.
  package func beginTakeOver() -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    // A file that was put in its place is another one.
    let line = "\(status.st_ino) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)\n"
    let begun = takeOverLines.count { $0 == line.dropLast() }
    unlink(takeOverPath)
    let descriptor = open(takeOverPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    // Where there is no room for it, a state that is never taken over is tried for ever.
    guard descriptor >= 0 else { return begun }
    _ = SystemCall.writeAll(descriptor, Array(String(repeating: line, count: begun + 1).utf8))
    close(descriptor)
    return begun
  }

  package func endTakeOver() { unlink(takeOverPath) }

  private var takeOverLines: [Substring] {
    let descriptor = open(takeOverPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = bytes.withUnsafeMutableBytes { SystemCall.readAll(descriptor, into: $0) } ?? 0
    return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
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
    let behind = bytes.dropFirst(headerBytes)
    guard length >= 0, version == 2 ? behind.count == length : behind.count >= length else {
      return .unusable("it is cut off, or has grown")
    }
    let payload = behind.prefix(length)
    guard Self.checksum(payload, version: version) == checksum else {
      return .unusable("it is damaged: its checksum is another")
    }
    return .state(SavedState(payload, changes: frames(behind.dropFirst(length), after: checksum), version: version))
  }

  /// The frames up to the first that is not whole.
  private static func frames(_ bytes: ArraySlice<UInt8>, after checksum: UInt64) -> [ArraySlice<UInt8>] {
    var frames: [ArraySlice<UInt8>] = []
    var rest = bytes
    var before = checksum
    while rest.count > frameHeaderBytes {
      var header = StateDecoder(rest.prefix(frameHeaderBytes))
      guard let length = try? header.int(), let checksum = try? header.uint64(),
        (1...rest.count - frameHeaderBytes).contains(length)
      else { break }
      let payload = rest.dropFirst(frameHeaderBytes).prefix(length)
      guard Self.checksum(payload, after: before) == checksum else { break }
      frames.append(payload)
      before = checksum
      rest = rest.dropFirst(frameHeaderBytes + length)
    }
    return frames
  }

  /// The header that goes before a state's bytes.
  package static func header(for payload: [UInt8]) -> [UInt8] {
    var encoder = StateEncoder()
    for byte in mark { encoder.encode(byte) }
    encoder.encode(version)
    encoder.encode(UInt32(0))
    encoder.encode(payload.count)
    encoder.encode(checksum(of: payload))
    return encoder.bytes
  }

  /// A frame of what changed, with its header, and its checksum.
  static func frame(_ payload: [UInt8], after before: UInt64) -> (bytes: [UInt8], checksum: UInt64) {
    let checksum = checksum(payload[...], after: before)
    var encoder = StateEncoder()
    encoder.encode(payload.count)
    encoder.encode(checksum)
    return (encoder.bytes + payload, checksum)
  }

  private static func checksum(_ payload: ArraySlice<UInt8>, after before: UInt64) -> UInt64 {
    fold(checksum(payload), before)
  }

  /// Writes a new file beside the old one, and gives it the old one's name once it is on the disk.
  package func replace(with payload: [UInt8]) throws(StateError) {
    close(try begin(with: payload))
  }

  /// The same.
  ///
  /// - Returns: the new file's descriptor, for what changes from now on.
  func begin(with payload: [UInt8]) throws(StateError) -> Int32 {
    let draft = path + ".new"
    // What a process left that was killed, or anything else: opening a pipe would wait for its reader.
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw StateError("cannot write \(draft): \(SystemCall.reason())") }
    var failure: String?
    if !SystemCall.writeAll(descriptor, Self.header(for: payload)) || !SystemCall.writeAll(descriptor, payload)
      || fdatasync(descriptor) != 0
    {
      failure = SystemCall.reason()
    }
    if failure == nil, rename(draft, path) != 0 { failure = SystemCall.reason() }
    if let failure {
      close(descriptor)
      unlink(draft)
      throw StateError("cannot write \(path): \(failure)")
    }
    syncFolder()
    return descriptor
  }

  /// Before anything is added to the new file its name has to be on the disk. Some file systems cannot do that, and need
  /// not.
  private func syncFolder() {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// What the first frame's checksum goes on from.
  static func checksum(of payload: [UInt8]) -> UInt64 { checksum(payload[...], version: version) }

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

/// Why a state cannot be kept: one line for the operator.
package struct StateError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
