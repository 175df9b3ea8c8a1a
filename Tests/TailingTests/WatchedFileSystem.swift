import Tailing

/// The real file system: what is asked of it is counted, one call may fail, and others may meddle.
final class WatchedFileSystem: FileSystem {
  enum Call { case status, list, open, read }

  private let real = RealFileSystem()
  var fault: (call: Call, code: Int32)?
  var readBytesMax = Int.max
  /// What others do just before a call.
  var meddle: ((Call) -> Void)?
  /// Called once, between the listing of a directory and the look at its files.
  var afterListing: (() -> Void)?

  private(set) var calls = 0
  private var directories: [Int32: LogPath] = [:]
  private(set) var statuses: [String: Int] = [:]
  private(set) var listings: [String: Int] = [:]
  private(set) var opens = 0
  private(set) var openNow = 0
  private(set) var openMost = 0

  func forget() { (statuses, listings, opens) = ([:], [:], 0) }

  private func check(_ call: Call) throws(SystemError) {
    calls += 1
    meddle?(call)
    if let fault, fault.call == call { throw SystemError(code: fault.code) }
  }

  func status(of path: LogPath) throws(SystemError) -> PathStatus {
    statuses[path.text, default: 0] += 1
    try check(.status)
    return try real.status(of: path)
  }

  /// Whose each link is, if that is to be somebody else than its maker; and who this program is then.
  var linkOwner: UInt32?
  var user: UInt32 { linkOwner.map { $0 + 1 } ?? real.user }

  private func changed(_ status: PathStatus) -> PathStatus {
    var status = status
    if let linkOwner, status.kind == .link { status.owner = linkOwner }
    return status
  }

  func openDirectory(_ path: LogPath, below base: LogPath, mayFollow: (PathStatus, PathStatus) -> Bool)
    throws(SystemError) -> Int32
  {
    try check(.list)
    let descriptor = try real.openDirectory(path, below: base) { mayFollow(changed($0), $1) }
    directories[descriptor] = path
    return descriptor
  }

  func list(_ directory: Int32, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
    listings[directories[directory]?.text ?? "", default: 0] += 1
    try check(.list)
    try real.list(directory, body)
    afterListing?()
    afterListing = nil
  }

  func status(of name: [UInt8], in directory: Int32) throws(SystemError) -> (itself: PathStatus, target: PathStatus?) {
    if let path = directories[directory] { statuses[path.appending(name).text, default: 0] += 1 }
    try check(.status)
    let (itself, target) = try real.status(of: name, in: directory)
    return (changed(itself), target)
  }

  func open(_ path: LogPath) throws(SystemError) -> Int32 {
    try check(.open)
    let descriptor = try real.open(path)
    opens += 1
    openNow += 1
    openMost = max(openMost, openNow)
    return descriptor
  }

  func status(of descriptor: Int32) throws(SystemError) -> PathStatus { try real.status(of: descriptor) }

  func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
    throws(SystemError) -> Int
  {
    try check(.read)
    let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, readBytesMax)])
    return try real.read(descriptor, into: piece, at: offset)
  }

  func nextData(_ descriptor: Int32, from offset: Int) -> Int? { real.nextData(descriptor, from: offset) }

  func close(_ descriptor: Int32) {
    if directories.removeValue(forKey: descriptor) == nil { openNow -= 1 }
    real.close(descriptor)
  }
}
