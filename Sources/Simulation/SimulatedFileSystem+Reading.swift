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

  package var user: UInt32 { 0 }

  package func openDirectory(_ path: LogPath, below base: LogPath, mayFollow: (PathStatus, PathStatus) -> Bool)
    throws(SystemError) -> Int32
  {
    try meet(.list, path.text)
    guard let node = try place(of: path.text, asRoot: false).node else { throw SystemError(code: ENOENT) }
    guard node.entries != nil else { throw SystemError(code: ENOTDIR) }
    guard node.isReadable else { throw SystemError(code: EACCES) }
    return descriptor(of: node, path.text)
  }

  package func list(_ directory: Int32, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
    guard let open = descriptors[directory], let entries = open.node.entries else { throw SystemError(code: EBADF) }
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

  package func status(of name: [UInt8], in directory: Int32) throws(SystemError) -> (
    itself: PathStatus, target: PathStatus?
  ) {
    guard let open = descriptors[directory], let entries = open.node.entries else { throw SystemError(code: EBADF) }
    let name = String(decoding: name, as: UTF8.self)
    try meet(.status, open.path + "/" + name)
    guard let entry = entries[name] else { throw SystemError(code: ENOENT) }
    guard case .link(let path) = entry.content else { return (status(entry), nil) }
    guard let target = try place(of: path, asRoot: false).node else { throw SystemError(code: ENOENT) }
    return (status(entry), status(target))
  }

  package func open(_ path: LogPath) throws(SystemError) -> Int32 {
    try meet(.open, path.text)
    guard let node = try place(of: path.text, asRoot: false).node else { throw SystemError(code: ENOENT) }
    guard node.isReadable else { throw SystemError(code: EACCES) }
    return descriptor(of: node, path.text)
  }

  private func descriptor(of node: Node, _ path: String) -> Int32 {
    node.opens += 1
    let descriptor = nextDescriptor
    nextDescriptor += 1
    descriptors[descriptor] = Descriptor(node: node, path: path)
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
