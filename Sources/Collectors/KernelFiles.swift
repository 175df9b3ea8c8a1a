internal import Glibc

/// Reads the small files that the kernel makes anew at each reading (`/proc`, `/sys`), below a root. It keeps one
/// buffer and nothing else, and is for one thread at a time. It never looks at what is in them.
package final class KernelFiles {
  package enum Failure: Error, Equatable {
    /// There is no such file, or no such device any more: what it would say does not exist here.
    case absent
    /// The reason, for people, with the path.
    case unreadable(String)
  }

  /// Without a trailing slash; empty for the root folder itself.
  package let root: String
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

  /// `/proc/interrupts` of the largest machines has a few MiB; anything larger is no such file.
  package static let bytesMax = 16 << 20
  /// More entries than a folder of `/sys` or `/proc` has anywhere; processes are at most 4 million by the kernel.
  package static let entriesMax = 1 << 22

  /// - Parameter root: what stands in for `/`, such as a folder with captured files.
  package init(root: String = "") {
    var root = root
    while root.hasSuffix("/") { root.removeLast() }
    self.root = root
  }

  deinit { buffer.deallocate() }

  /// Hands the whole of a file's bytes to `body`, which must not keep them. `path` is absolute, as on the running
  /// system: `/proc/stat`.
  ///
  /// - Parameter most: what is looked at of a file that may well be longer; nil: a file beyond `bytesMax` is a failure.
  package func read<Result>(
    _ path: String,
    most: Int? = nil,
    _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(Failure) -> Result {
    let descriptor = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path) }
    defer { close(descriptor) }
    var count = 0
    while count < most ?? .max {
      if count == buffer.count {
        guard count < Self.bytesMax else { throw .unreadable("\(path): more than \(Self.bytesMax) bytes") }
        grow()
      }
      let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      if got < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path)
      }
      if got == 0 { break }
      count += got
    }
    count = min(count, most ?? count)
    return body(UnsafeBufferPointer(rebasing: buffer.assumingMemoryBound(to: UInt8.self)[..<count]))
  }

  /// The file's text without the blanks around it; bytes that are no UTF-8 are replaced.
  package func text(_ path: String) throws(Failure) -> String {
    try read(path) { bytes in
      let isBlank: (UInt8) -> Bool = { $0 <= 0x20 }
      let trimmed = bytes.drop(while: isBlank)
      guard let last = trimmed.lastIndex(where: { !isBlank($0) }) else { return "" }
      return String(decoding: trimmed[...last], as: UTF8.self)
    }
  }

  /// The names in a folder but `.` and `..`, sorted.
  package func entries(_ path: String) throws(Failure) -> [String] { try names(path) { _ in true } }

  /// The names of the folders in a folder, sorted. A link to one is none.
  package func folders(_ path: String) throws(Failure) -> [String] { try names(path) { $0 == UInt8(DT_DIR) } }

  private func names(_ path: String, ofType isWanted: (UInt8) -> Bool) throws(Failure) -> [String] {
    guard let folder = opendir(root + path) else { throw Self.failure(path) }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < Self.entriesMax, let entry = readdir(folder) {
      guard isWanted(entry.pointee.d_type) else { continue }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The names in a folder that are decimal numbers, such as processes and descriptors; ascending.
  package func numbers(_ path: String, most: Int = entriesMax) throws(Failure) -> [UInt64] {
    guard let folder = opendir(root + path) else { throw Self.failure(path) }
    defer { closedir(folder) }
    var numbers: [UInt64] = []
    while numbers.count < most, let entry = readdir(folder) {
      let number = withUnsafeBytes(of: &entry.pointee.d_name) { name in
        ByteScanner.integer(name.prefix { $0 != 0 })
      }
      if let number { numbers.append(number) }
    }
    return numbers.sorted()
  }

  /// How many files a process has open, by its folder of descriptors. Since Linux 6.2 the folder's size is their number;
  /// before, its entries are counted, but for the one that lists them where the process is this one. So are those of a
  /// captured folder, whose size says something else.
  package func openFiles(_ path: String, isOwn: Bool) throws(Failure) -> Int {
    var status = stat()
    // Its size is shown to everybody, the entries are not: one answer on every kernel.
    guard access(root + path, R_OK) == 0, stat(root + path, &status) == 0 else { throw Self.failure(path) }
    if root.isEmpty, status.st_size > 0 { return Int(status.st_size) }
    guard let folder = opendir(root + path) else { throw Self.failure(path) }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
    }
    return max(0, count - (isOwn ? 1 : 0))
  }

  /// Whether there is a file, a folder or a link to one.
  package func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

  private func grow() {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }

  /// A process or device that goes away between two calls is absent (ESRCH, ENODEV), as is what a kernel was built
  /// without (EOPNOTSUPP: pressure that is switched off).
  private static func failure(_ path: String) -> Failure {
    let code = errno
    if [ENOENT, ENOTDIR, ESRCH, ENODEV, ENXIO, EOPNOTSUPP].contains(code) { return .absent }
    return .unreadable("\(path): \(String(cString: strerror(code)))")
  }
}
