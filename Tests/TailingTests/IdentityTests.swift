import Foundation
import LogStations
import Tailing
import Testing

/// Numbers of files are used again: a file is another's continuation by what it holds, or by an open descriptor.
@Suite struct IdentityTests {
  /// The real file system on which all regular files have one number, so that each that is made gets that of one that
  /// was removed.
  final class OneNumberFileSystem: FileSystem {
    private let real = RealFileSystem()

    private func changed(_ status: PathStatus) -> PathStatus {
      var status = status
      if status.kind == .regular { status.file.inode = 7 }
      return status
    }

    func status(of path: LogPath) throws(SystemError) -> PathStatus { changed(try real.status(of: path)) }

    var user: UInt32 { real.user }

    func openDirectory(_ path: LogPath, below base: LogPath, mayFollow: (PathStatus, PathStatus) -> Bool)
      throws(SystemError) -> Int32
    { try real.openDirectory(path, below: base, mayFollow: mayFollow) }

    func list(_ directory: Int32, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
      try real.list(directory) { name, kind, inode in body(name, kind, kind == .regular ? 7 : inode) }
    }

    func status(of name: [UInt8], in directory: Int32) throws(SystemError) -> (itself: PathStatus, target: PathStatus?)
    {
      let (itself, target) = try real.status(of: name, in: directory)
      return (changed(itself), target.map(changed))
    }

    func open(_ path: LogPath) throws(SystemError) -> Int32 { try real.open(path) }

    func status(of descriptor: Int32) throws(SystemError) -> PathStatus { changed(try real.status(of: descriptor)) }

    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
      throws(SystemError) -> Int
    { try real.read(descriptor, into: buffer, at: offset) }

    func nextData(_ descriptor: Int32, from offset: Int) -> Int? { real.nextData(descriptor, from: offset) }

    func close(_ descriptor: Int32) { real.close(descriptor) }
  }

  private static let foreign = "a file\nthat no pattern names\n"

  @Test(arguments: ["", "epoch,lo"]) func aFileThatNoPatternNamesIsNoContinuation(content: String) throws {
    let scene = try Scene("*.csv", files: OneNumberFileSystem())
    try scene.append(content, to: "train.csv")
    scene.look()
    scene.rest()
    try scene.remove("train.csv")
    try scene.append(Self.foreign, to: "notes.txt")
    for _ in 0..<3 { scene.rest() }
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) == content.utf8.count)
    #expect(scene.only?.timesVanished == 1)
    try scene.append("epoch,loss\n", to: "train.csv")
    scene.look()
    #expect(scene.only?.lines == ["epoch,loss"])
  }

  @Test func orOfADocument() throws {
    let scene = try Scene("*.json", documents: true, files: OneNumberFileSystem())
    try scene.append("{}", to: "state.json")
    scene.look()
    scene.rest()
    try scene.remove("state.json")
    try scene.append(Self.foreign, to: "notes.txt")
    for _ in 0..<3 { scene.rest() }
    #expect(scene.only?.documents == ["{}"])
    #expect(scene.only?.timesVanished == 1)
  }
}
