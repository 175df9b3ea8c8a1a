import Foundation

/// A temporary folder, and what writers do to the files in it. Names are relative to it; folders are made as needed.
package final class LogFolder {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  package private(set) var url: URL
  /// The time that a file gets with each write, in nanoseconds since 1970; nil: the one that the system gives it.
  package var time: () -> Int64?

  package init(time: @escaping () -> Int64? = { nil }) throws {
    url = Self.anyPlace
    self.time = time
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  private static var anyPlace: URL {
    FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: "logs-\(UUID().uuidString)")
  }

  package func url(_ name: String) -> URL { url.appending(path: name) }

  package func path(_ name: String = "") -> String {
    name.isEmpty ? url.path : name.hasPrefix("/") ? name : url.path + "/" + name
  }

  /// The name of a file in this folder.
  package func name(_ path: String) -> String {
    path.hasPrefix(url.path + "/") ? String(path.dropFirst(url.path.utf8.count + 1)) : path
  }

  // MARK: Files

  package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// The file holds this and nothing else; it stays the same file.
  ///
  /// - Returns: its path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }

  @discardableResult
  package func write(_ data: Data, to name: String) throws -> String {
    try put(Array(data), name, O_WRONLY | O_CREAT | O_TRUNC)
    return path(name)
  }

  package func append(_ text: String, to name: String) throws { try append(bytes: Array(text.utf8), to: name) }

  package func append(bytes: [UInt8], to name: String) throws { try put(bytes, name, O_WRONLY | O_CREAT | O_APPEND) }

  /// Writes over the first bytes.
  package func overwrite(_ text: String, in name: String) throws { try put(Array(text.utf8), name, O_WRONLY) }

  /// Another file takes the name.
  package func replace(_ name: String, with text: String) throws {
    let new = name.split(separator: "/").dropLast().joined(separator: "/") + "/.new"
    try write(text, to: new.hasPrefix("/") ? ".new" : new)
    try rename(new.hasPrefix("/") ? ".new" : new, name)
  }

  package func copy(_ name: String, to other: String) throws {
    try write(Data(contentsOf: URL(filePath: path(name))), to: other)
  }

  package func truncate(_ name: String, to size: Int) throws {
    try put([], name, O_WRONLY | O_CREAT)
    try check(Glibc.truncate(path(name), size), name)
    try stamp(name)
  }

  package func rename(_ name: String, _ other: String) throws {
    try makeFolder(of: other)
    try check(Glibc.rename(path(name), path(other)), name)
  }

  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path(name))
  }

  package func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
  }

  /// A symbolic link.
  package func link(_ name: String, to target: String) throws {
    try makeFolder(of: name)
    try check(symlink(target, path(name)), name)
  }

  /// One more name of a file.
  package func hardLink(_ name: String, to file: String) throws {
    try check(Glibc.link(path(file), path(name)), name)
  }

  package func pipe(_ name: String) throws { try check(mkfifo(path(name), 0o644), name) }

  /// Gives a file the time of its last change, in nanoseconds since 1970.
  package func setTime(_ nanoseconds: Int64, of name: String) throws {
    let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    try check(utimensat(AT_FDCWD, path(name), [time, time], 0), name)
  }

  /// The folder, with all that is in it, is somewhere else.
  package func move() throws {
    let other = Self.anyPlace
    try FileManager.default.moveItem(at: url, to: other)
    url = other
  }

  private func put(_ bytes: [UInt8], _ name: String, _ flags: Int32) throws {
    try makeFolder(of: name)
    let descriptor = open(path(name), flags | O_CLOEXEC, 0o644)
    try check(descriptor, name)
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure(description: name) }
    try stamp(name)
  }

  private func stamp(_ name: String) throws {
    if let now = time() { try setTime(now, of: name) }
  }

  private func makeFolder(of name: String) throws {
    guard let slash = name.lastIndex(of: "/"), slash != name.startIndex else { return }
    try makeDirectory(String(name[..<slash]))
  }

  private func check(_ result: Int32, _ name: String) throws {
    if result < 0 { throw Failure(description: "\(name): \(String(cString: strerror(errno)))") }
  }
}
