internal import Glibc
package import Tailing

/// A call of a reader that fails, or returns less than was asked for.
package struct Fault: Hashable {
  package enum Call: String, CaseIterable {
    case status
    case list
    case open
    case read
  }

  package var call: Call
  /// 0: the read is short.
  package var code: Int32
  /// How many calls it meets.
  package var count: Int
}

/// What a reader without privileges sees of the simulated file system, through descriptors that outlive names.
extension SimulatedFileSystem: FileSystem {
  package func status(of path: LogPath) throws(SystemError) -> PathStatus {
    try meet(.status, path.text)
    guard let node = try place(of: path.text, asRoot: false).node else { throw SystemError(code: ENOENT) }
    return status(node)
  }

  /// As a listing of its directory says.
  package func kind(of path: LogPath) throws(SystemError) -> EntryKind {
    guard let directory = path.parent else { return try status(of: path).kind }
    var found: EntryKind?
    try list(directory) { name, kind, _ in
      if name[...] == path.name { found = kind }
      return found == nil
    }
    guard let found else { throw SystemError(code: ENOENT) }
    return found
  }

  package func list(_ directory: LogPath, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
    try meet(.list, directory.text)
    guard let node = try place(of: directory.text, asRoot: false).node else { throw SystemError(code: ENOENT) }
    guard let entries = node.entries else { throw SystemError(code: ENOTDIR) }
    guard node.isReadable else { throw SystemError(code: EACCES) }
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let kind: EntryKind =
        switch entry.content {
        case .file: .regular
        case .directory: .directory
        case .link: .link
        }
      if !body(Array(name.utf8), kind, entry.number) { return }
    }
  }

  package func open(_ path: LogPath) throws(SystemError) -> Int32 {
    try meet(.open, path.text)
    guard let node = try place(of: path.text, asRoot: false).node else { throw SystemError(code: ENOENT) }
    guard node.isReadable else { throw SystemError(code: EACCES) }
    node.opens += 1
    let descriptor = nextDescriptor
    nextDescriptor += 1
    descriptors[descriptor] = Descriptor(node: node, path: path.text)
    trace?("is \(descriptor)")
    return descriptor
  }

  package func status(of descriptor: Int32) throws(SystemError) -> PathStatus {
    guard let open = descriptors[descriptor] else { throw SystemError(code: EBADF) }
    try meet(.status, "\(descriptor) \(open.path)")
    return status(open.node)
  }

  package func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
    throws(SystemError) -> Int
  {
    guard let open = descriptors[descriptor] else { throw SystemError(code: EBADF) }
    let isShort = try meet(.read, "\(descriptor) \(open.path) at \(offset)")
    guard case .file(let bytes) = open.node.content else { throw SystemError(code: EISDIR) }
    let rest = bytes.dropFirst(offset)
    let count = min(rest.count, isShort ? max(1, buffer.count / 3) : buffer.count)
    buffer.copyBytes(from: rest.prefix(count))
    return count
  }

  package func nextData(_ descriptor: Int32, from offset: Int) -> Int? {
    guard case .file(let bytes)? = descriptors[descriptor]?.node.content else { return nil }
    return bytes.dropFirst(offset).firstIndex { $0 != 0 }
  }

  package func close(_ descriptor: Int32) {
    precondition(descriptors[descriptor] != nil, "closed twice")
    guard let open = descriptors.removeValue(forKey: descriptor) else { return }
    trace?("close \(descriptor)")
    open.node.opens -= 1
    release(open.node)
  }

  private func status(_ node: Node) -> PathStatus {
    let kind: EntryKind =
      switch node.content {
      case .file: .regular
      case .directory: .directory
      case .link: .link
      }
    return PathStatus(
      kind: kind,
      file: FileStatus(
        device: Self.device,
        inode: node.number,
        size: node.bytes.count,
        modified: node.modified,
        changed: node.changed
      ),
      linkCount: node.links
    )
  }

  private static var device: UInt64 { 99 }

  /// - Returns: whether the call is to return less than was asked for.
  @discardableResult
  private func meet(_ call: Fault.Call, _ what: @autoclosure () -> String) throws(SystemError) -> Bool {
    clock.advance(nanoseconds: callNanoseconds)
    beforeCall()
    trace?("\(call) \(what())")
    guard let index = faults.firstIndex(where: { $0.call == call }) else { return false }
    let fault = faults[index]
    faults[index].count -= 1
    if faults[index].count <= 0 { faults.remove(at: index) }
    if fault.code == 0 { return true }
    trace?("fails: \(fault.code)")
    throw SystemError(code: fault.code)
  }
}
