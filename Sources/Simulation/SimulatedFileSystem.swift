internal import Glibc
internal import Tailing

/// A file system in memory, as a writer sees it: inodes whose numbers are used again at once, links of both kinds,
/// permissions, times with the kernel's granularity. The writer is root; `SimulatedFileSystem+Reading` is what a reader
/// without privileges sees. Never touches a real file, and always does the same.
package final class SimulatedFileSystem {
  enum Content {
    case file([UInt8])
    case directory([String: Node])
    case link(String)
  }

  final class Node {
    let number: UInt64
    var content: Content { didSet { version += 1 } }
    private(set) var version = 0
    /// Names that it has.
    var links = 0
    var opens = 0
    var isReadable = true
    var modified: Int64
    var changed: Int64
    /// How long the file was when its name was last taken from it; nil: it never was.
    var bytesWhenDisplaced: Int?

    init(number: UInt64, content: Content, time: Int64) {
      self.number = number
      self.content = content
      modified = time
      changed = time
    }

    var bytes: [UInt8] {
      if case .file(let bytes) = content { bytes } else { [] }
    }

    var entries: [String: Node]? {
      if case .directory(let entries) = content { entries } else { nil }
    }
  }

  /// Where a path leads.
  struct Location {
    var directory: Node
    var name: String
    var node: Node?
  }

  struct Descriptor {
    var node: Node
    var path: String
  }

  package enum Change {
    case name
    case content
  }

  let clock: SimulatedClock
  let root: Node
  var descriptors: [Int32: Descriptor] = [:]
  var nextDescriptor: Int32 = 3
  var faults: [Fault] = []
  /// Called before each call of a reader: what others do meanwhile.
  var beforeCall: () -> Void = {}
  /// Told of each call of a reader, for people; nil: nobody asks.
  var trace: ((String) -> Void)?
  /// What each call of a reader takes.
  var callNanoseconds: Int64 = 0
  /// Told of every change: the directory and the entry, or the node itself.
  var changed: (_ node: Node, _ name: String?, _ change: Change) -> Void = { _, _, _ in }
  /// Told that a node's last name went.
  var deleted: (_ node: Node) -> Void = { _ in }

  /// Told of all that writers do, so that it can be done again elsewhere.
  var journal: (FileOperation) -> Void = { _ in }

  private var freeNumbers: [UInt64] = []
  private var nextNumber: UInt64 = 2
  /// As many as Linux follows is 40; a circle is found as well with fewer.
  private static let linksMax = 8

  package init(clock: SimulatedClock) {
    self.clock = clock
    root = Node(number: 1, content: .directory([:]), time: clock.fileTime)
    root.links = 1
  }

  package var openDescriptors: Int { descriptors.count }

  // MARK: Paths

  func place(of path: String, followsLast: Bool = true, asRoot: Bool = true) throws(SystemError) -> Location {
    var links = 0
    return try place(of: path, followsLast: followsLast, asRoot: asRoot, links: &links)
  }

  private func place(of path: String, followsLast: Bool, asRoot: Bool, links: inout Int) throws(SystemError) -> Location
  {
    let names = path.split(separator: "/").map(String.init)
    var place = Location(directory: root, name: "", node: root)
    for (index, name) in names.enumerated() {
      guard let directory = place.node else { throw SystemError(code: ENOENT) }
      guard let entries = directory.entries else { throw SystemError(code: ENOTDIR) }
      if !asRoot, !directory.isReadable { throw SystemError(code: EACCES) }
      place = Location(directory: directory, name: name, node: entries[name])
      let isLast = index == names.count - 1
      guard let node = place.node, case .link(let target) = node.content, followsLast || !isLast else { continue }
      links += 1
      if links > Self.linksMax { throw SystemError(code: ELOOP) }
      place = try self.place(of: target, followsLast: true, asRoot: asRoot, links: &links)
    }
    return place
  }

  func node(at path: String) -> Node? { try? place(of: path).node }

  // MARK: What a writer does

  func makeDirectory(_ path: String) throws(SystemError) {
    let place = try place(of: path)
    guard place.node == nil else { throw SystemError(code: EEXIST) }
    add(makeNode(.directory([:])), at: place)
    journal(.makeDirectory(path))
  }

  func link(_ path: String, to target: String) throws(SystemError) {
    let place = try place(of: path, followsLast: false)
    guard place.node == nil else { throw SystemError(code: EEXIST) }
    add(makeNode(.link(target)), at: place)
  }

  func hardLink(_ path: String, to other: String) throws(SystemError) {
    let place = try place(of: path, followsLast: false)
    guard place.node == nil, let node = try self.place(of: other).node, node.entries == nil else {
      throw SystemError(code: EEXIST)
    }
    node.changed = clock.fileTime
    add(node, at: place)
    changed(node, nil, .content)
  }

  /// Puts bytes at an offset (nil: the end), and makes the file if there is none.
  func write(_ bytes: [UInt8], to path: String, at offset: Int? = nil) throws(SystemError) {
    let place = try place(of: path)
    let node: Node
    if let known = place.node {
      guard case .file = known.content else { throw SystemError(code: EISDIR) }
      node = known
    } else {
      node = makeNode(.file([]))
      add(node, at: place)
    }
    var content = node.bytes
    node.content = .file([])
    let start = offset ?? content.count
    if start > content.count { content += [UInt8](repeating: 0, count: start - content.count) }
    let end = min(content.count, start + bytes.count)
    content.replaceSubrange(start..<end, with: bytes)
    node.content = .file(content)
    touch(node, at: place)
    journal(.write(bytes, path, at: start))
  }

  func truncate(_ path: String, to count: Int = 0) throws(SystemError) {
    let place = try place(of: path)
    guard let node = place.node, case .file(let bytes) = node.content else { throw SystemError(code: ENOENT) }
    node.content = .file(Array(bytes.prefix(count)))
    touch(node, at: place)
    journal(.truncate(path, to: count))
  }

  func touch(_ path: String) throws(SystemError) {
    let place = try place(of: path)
    if let node = place.node { touch(node, at: place) }
  }

  func setReadable(_ isReadable: Bool, _ path: String) throws(SystemError) {
    let place = try place(of: path)
    guard let node = place.node else { throw SystemError(code: ENOENT) }
    node.isReadable = isReadable
    node.changed = clock.fileTime
    changed(place.directory, place.name, .content)
    changed(node, nil, .content)
  }

  func rename(_ path: String, _ other: String) throws(SystemError) {
    let from = try place(of: path, followsLast: false)
    let to = try place(of: other, followsLast: false)
    guard let node = from.node, to.node !== node else { throw SystemError(code: ENOENT) }
    if let entries = to.node?.entries, !entries.isEmpty { throw SystemError(code: ENOTEMPTY) }
    node.bytesWhenDisplaced = node.bytes.count
    set(nil, from.name, in: from.directory)
    let overwritten = to.node
    set(node, to.name, in: to.directory)
    node.changed = clock.fileTime
    changed(from.directory, from.name, .name)
    changed(to.directory, to.name, .name)
    changed(node, nil, .name)
    if let overwritten { lostName(overwritten) }
    journal(.rename(path, other))
  }

  func remove(_ path: String) throws(SystemError) {
    let place = try place(of: path, followsLast: false)
    guard let node = place.node else { throw SystemError(code: ENOENT) }
    if let entries = node.entries, !entries.isEmpty { throw SystemError(code: ENOTEMPTY) }
    set(nil, place.name, in: place.directory)
    changed(place.directory, place.name, .name)
    lostName(node)
    journal(.remove(path))
  }

  // MARK: Nodes

  private func makeNode(_ content: Content) -> Node {
    let number = freeNumbers.popLast() ?? nextNumber
    if number == nextNumber { nextNumber += 1 }
    return Node(number: number, content: content, time: clock.fileTime)
  }

  private func add(_ node: Node, at place: Location) {
    node.links += 1
    set(node, place.name, in: place.directory)
    changed(place.directory, place.name, .name)
  }

  private func set(_ node: Node?, _ name: String, in directory: Node) {
    guard var entries = directory.entries else { return }
    entries[name] = node
    directory.content = .directory(entries)
    directory.modified = clock.fileTime
    directory.changed = clock.fileTime
  }

  private func touch(_ node: Node, at place: Location) {
    node.modified = clock.fileTime
    node.changed = clock.fileTime
    changed(place.directory, place.name, .content)
    changed(node, nil, .content)
  }

  private func lostName(_ node: Node) {
    node.links -= 1
    node.changed = clock.fileTime
    node.bytesWhenDisplaced = node.bytes.count
    changed(node, nil, .content)
    if node.links == 0 { deleted(node) }
    release(node)
  }

  /// The number of a node without names and descriptors is free for the next.
  func release(_ node: Node) {
    if node.links == 0, node.opens == 0 { freeNumbers.append(node.number) }
  }
}
