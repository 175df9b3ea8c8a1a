internal import Glibc

/// Whole reads and writes, through interruptions and short counts.
enum SystemCall {
  /// What `errno` says, for people.
  static func reason(_ code: Int32 = errno) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }

  /// What it is, where it is no regular file.
  static func kind(of status: stat) -> String? {
    switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFLNK: "a link"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }

  /// The same of what has a name; nil, too: there is nothing, or it cannot be said.
  static func kind(of path: String) -> String? {
    var status = stat()
    return lstat(path, &status) == 0 ? kind(of: status) : nil
  }

  /// Why a file in a folder of ours is not taken for ours; nil: it is. Whoever owns the folder can change it anyway.
  static func strangeness(of status: stat, in folder: String) -> String? {
    if let kind = kind(of: status) { return "it is \(kind) and no file" }
    var parent = stat()
    let owners = [geteuid(), 0] + (stat(folder, &parent) == 0 ? [parent.st_uid] : [])
    return owners.contains(status.st_uid) ? nil : "it belongs to another user (\(status.st_uid))"
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
