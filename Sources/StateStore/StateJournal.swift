internal import Glibc

/// Saves to a state's file: what changed is added behind what is there. Once that is more than the whole, a new whole is
/// made of both and takes the file's place, so that nobody has to encode all there is for that. For one thread at a time;
/// it knows nothing of what the bytes mean.
package final class StateJournal {
  /// Below, a new whole would save nothing: a start reads so much in some milliseconds.
  static let changesBytesMin = 4 << 20

  private let file: StateFile
  /// Of the file that has the name; -1: nothing was saved yet, or the last attempt failed.
  private var descriptor: Int32 = -1
  private var wholeBytes = 0
  private var length = 0
  private var checksum: UInt64 = 0

  package init(_ file: StateFile) {
    self.file = file
  }

  deinit {
    end()
  }

  /// Whether the next has to be a whole.
  package var needsWhole: Bool { descriptor < 0 }

  /// How large the file is.
  package var bytes: Int { length }

  package func save(_ saved: StateChanges) throws(StateError) {
    if saved.isWhole { return try begin(saved.bytes) }
    try add(saved.bytes)
    if length - wholeBytes > max(wholeBytes, Self.changesBytesMin) { try gather() }
  }

  /// Makes one whole of the file.
  private func gather() throws(StateError) {
    // What another program made of it meanwhile is none of ours: then the next is a whole.
    guard isInPlace, case .state(let saved) = file.read(), saved.version == StateFile.version,
      let image = try? StateImage(saved)
    else { return end() }
    try begin(image.whole.bytes)
  }

  private func begin(_ payload: [UInt8]) throws(StateError) {
    end()
    descriptor = try file.begin(with: payload)
    wholeBytes = StateFile.headerBytes + payload.count
    length = wholeBytes
    checksum = StateFile.checksum(of: payload)
  }

  private func add(_ payload: [UInt8]) throws(StateError) {
    precondition(descriptor >= 0, "a whole comes first")
    guard isInPlace else {
      end()
      throw StateError("\(file.path) was taken away or changed by another program")
    }
    let (bytes, next) = StateFile.frame(payload, after: checksum)
    guard SystemCall.writeAll(descriptor, bytes), fdatasync(descriptor) == 0 else {
      let reason = SystemCall.reason()
      // Half a frame would be left out, but what is added behind it, too.
      _ = ftruncate(descriptor, length)
      end()
      throw StateError("cannot write \(file.path): \(reason)")
    }
    length += bytes.count
    checksum = next
  }

  /// Whether the file that was written last has its name still, and nobody else has written to it. Before the first there
  /// is none to miss.
  package var isInPlace: Bool {
    if descriptor < 0 { return true }
    var named = stat()
    var own = stat()
    return stat(file.path, &named) == 0 && fstat(descriptor, &own) == 0 && named.st_dev == own.st_dev
      && named.st_ino == own.st_ino && own.st_size == length
  }

  /// The next is a whole.
  package func end() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
