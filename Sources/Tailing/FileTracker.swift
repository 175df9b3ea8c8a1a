/// What is known of one followed file, and what a look at it means: a state machine, status in, actions out. It reads
/// nothing itself.
///
/// What was read is told by content: a digest of the file's head and one of what stands before the offset. A file that
/// grew and still has both was appended to; whatever else changed is read again from its beginning, and the log's
/// history tells what of that is new.
struct FileTracker {
  /// How much of the head is digested, in bytes: the header and the first rows.
  static let headBytesMax = 4 << 10
  /// How much before the offset is digested, in bytes.
  static let tailBytesMax = 64 << 10

  struct Window: Equatable {
    var start = 0
    var count = 0
    var digest: UInt64 = 0
  }

  enum Action: Equatable {
    /// Nothing changed.
    case none
    /// Read on from the offset if the windows are as they were, else from the beginning.
    case verifyAndRead
    /// It holds something else: read from the beginning.
    case restart
    /// Another file stands at its path: finish the old one, then read the new from the beginning.
    case replace
    /// It is gone: finish the old one.
    case vanish
  }

  /// As of the last look that was acted on; nil: the file is not there.
  private(set) var status: FileStatus?
  /// What is consumed, in bytes from the file's beginning.
  private(set) var offset = 0
  private(set) var head = Window()
  private(set) var tail = Window()
  private var wasThere = false

  /// What a look that found this status means. The status is taken as acted on.
  mutating func look(_ found: FileStatus?) -> Action {
    defer {
      status = found
      wasThere = wasThere || found != nil
    }
    guard let found else { return status == nil ? .none : .vanish }
    guard let status else { return wasThere ? .restart : .verifyAndRead }
    if found == status { return .none }
    if found.device != status.device || found.inode != status.inode { return .replace }
    if found.size < offset { return .restart }
    // The same size at another time: overwritten in place, or just touched. Only the content tells.
    return found.size > status.size ? .verifyAndRead : .restart
  }

  /// What is consumed begins at the beginning again.
  mutating func restart() {
    offset = 0
    head = Window()
    tail = Window()
  }

  /// Everything up to `offset` is consumed; `bytes` stood at `start` in the file, and reach up to it at least.
  mutating func consumed(upTo offset: Int, bytes: UnsafeRawBufferPointer, at start: Int) {
    self.offset = offset
    if start == 0 {
      let count = min(Self.headBytesMax, offset)
      head = Window(start: 0, count: count, digest: digest(bytes.prefix(count)))
    }
    let count = min(Self.tailBytesMax, offset - start)
    let end = offset - start
    tail = Window(start: offset - count, count: count, digest: digest(bytes[(end - count)..<end]))
  }

  /// Makes the next look act, whatever it finds.
  mutating func forgetStatus() {
    status = nil
    wasThere = false
  }
}

/// A digest of bytes, to tell contents apart within one process.
func digest(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
  let bytes = UnsafeRawBufferPointer(rebasing: bytes)
  var hash = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
  var offset = 0
  while bytes.count - offset >= 8 {
    hash = mixed(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    offset += 8
  }
  for byte in bytes[offset...] { hash = mixed(hash, UInt64(byte)) }
  return hash
}

private func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
  let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
  return (product.high ^ product.low) &+ 0xA076_1D64_78BD_642F
}
