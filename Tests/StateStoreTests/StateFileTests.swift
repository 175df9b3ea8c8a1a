import Foundation
import StateStore
import Testing

/// A state file is the last one that was written whole, or is refused with a reason; never another.
@Suite struct StateFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString)")

  private func withFolder(_ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private static let payload = Array("the state of things, of 41 bytes in length".utf8)

  private static func reason(_ content: StateFile.Content) -> String? {
    if case .unusable(let reason) = content { reason } else { nil }
  }

  @Test func whatWasWrittenIsRead() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      #expect(file.read() == .none)
      for payload in [[], Self.payload, [UInt8](repeating: 7, count: 3_000_000)] {
        try file.replace(with: payload)
        #expect(file.read() == .state(SavedState(payload[...])))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["s"], "no draft is left")
    }
  }

  @Test func aCutFileIsRefusedWhereverItIsCut() {
    let whole = StateFile.header(for: Self.payload) + Self.payload
    #expect(StateFile.parse(whole[...]) == .state(SavedState(Self.payload[...])))
    for length in 0..<whole.count {
      #expect(Self.reason(StateFile.parse(whole.prefix(length))) != nil, "cut to \(length)")
    }
    #expect(Self.reason(StateFile.parse((whole + [0])[...])) == "it is cut off, or has grown")
  }

  @Test func aDamagedByteIsSeenWhereverItIs() {
    let whole = StateFile.header(for: Self.payload) + Self.payload
    // The word behind the version says nothing.
    for place in whole.indices where !(12..<16).contains(place) {
      for bit in 0..<8 {
        var damaged = whole
        damaged[place] ^= 1 << UInt8(bit)
        #expect(Self.reason(StateFile.parse(damaged[...])) != nil, "bit \(bit) of byte \(place)")
      }
    }
  }

  @Test func otherVersionsAndOtherFilesAreNamed() {
    let whole = StateFile.header(for: Self.payload) + Self.payload
    var newer = whole
    newer[8] += 1
    #expect(Self.reason(StateFile.parse(newer[...]))?.contains("a newer version") == true)
    var older = whole
    older[8] = 0
    #expect(Self.reason(StateFile.parse(older[...]))?.contains("an older version") == true)
    let foreign = [UInt8](repeating: 0, count: 100)
    #expect(Self.reason(StateFile.parse(foreign[...])) == "it is no state of this program")
    #expect(Self.reason(StateFile.parse([])) == "it is empty")
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      try file.replace(with: Self.payload)
      // A directory stands where the draft would go.
      try FileManager.default.createDirectory(atPath: path + "/s.new", withIntermediateDirectories: true)
      #expect(throws: StateError.self) { try file.replace(with: [1, 2, 3]) }
      #expect(file.read() == .state(SavedState(Self.payload[...])))
    }
  }

  @Test func aFolderHasOneUser() throws {
    try withFolder { path in
      let deep = path + "/a/b"
      var first: StateFolder? = try StateFolder(path: deep)
      #expect(throws: StateFolder.Failure.inUse(owner: Int(getpid()))) { _ = try StateFolder(path: deep) }
      withExtendedLifetime(first) {}
      first = nil
      _ = try StateFolder(path: deep)
    }
  }

  @Test func aFolderThatCannotBeMadeSaysWhy() throws {
    try withFolder { path in
      try Data().write(to: URL(filePath: path + "/file"))
      #expect {
        _ = try StateFolder(path: path + "/file/state")
      } throws: { error in
        if case .unwritable(let reason)? = error as? StateFolder.Failure {
          reason.contains("Not a directory")
        } else {
          false
        }
      }
    }
  }
}
