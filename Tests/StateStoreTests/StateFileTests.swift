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
    // Half a frame of what changed since is left out.
    #expect(StateFile.parse((whole + [0])[...]) == .state(SavedState(Self.payload[...])))
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

  /// Sets a part in a state, or all of it.
  private func changes(_ owner: UInt64, _ text: String, isWhole: Bool = false) -> StateChanges {
    var changes = StateChanges(isWhole: isWhole)
    changes.set(.log, owner) { $0.encode(text) }
    return changes
  }

  @Test func whatChangedIsAddedAndReadInOrder() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      let journal = StateJournal(file)
      #expect(journal.needsWhole)
      var expected: SavedState?
      for number in 0..<20 {
        let saved = changes(UInt64(number % 3), "\(number)", isWhole: number % 8 == 0)
        try journal.save(saved)
        if saved.isWhole { expected = SavedState(saved) } else { expected?.save(saved) }
        #expect(file.read() == expected.map { .state($0) })
        #expect(!journal.needsWhole)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["s"])
      // However it was cut or damaged, what is read is what was there at some moment.
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path + "/s")))
      let wholeBytes =
        StateFile.header(for: changes(1, "16", isWhole: true).bytes).count
        + changes(1, "16", isWhole: true).bytes.count
      let all = expected?.changes ?? []
      #expect(all.count == 3)
      for length in wholeBytes..<bytes.count {
        guard case .state(let saved) = StateFile.parse(bytes.prefix(length)) else {
          Issue.record("cut to \(length)")
          continue
        }
        #expect(saved.changes.count < all.count && saved.changes == Array(all.prefix(saved.changes.count)))
        var damaged = bytes
        damaged[length] ^= 4
        guard case .state(let left) = StateFile.parse(damaged[...]) else {
          Issue.record("damaged at \(length)")
          continue
        }
        #expect(left.changes.count < all.count && left.changes == Array(all.prefix(left.changes.count)))
      }
    }
  }

  /// Parts that were set, extended, taken away and set again: the whole that is made of the file holds the same.
  @Test func muchThatWasAddedBecomesAWhole() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      let journal = StateJournal(file)
      try journal.save(changes(1, "first", isWhole: true))
      var expected = SavedState(changes(1, "first", isWhole: true))
      let long = String(repeating: "x", count: 100_000)
      var gathered = 0
      for number in 0..<100 {
        var changes = StateChanges(isWhole: false)
        changes.set(.log, 2, isNew: number % 10 == 0) { encoder in
          encoder.encode("\(number)")
          encoder.encodePart(at: 1, extends: number % 10 != 0) { $0.encode("\(number)") }
        }
        changes.set(.series, UInt64(number % 4)) { $0.encode(long + "\(number)") }
        if number % 7 == 3 { changes.remove(.series, 3) }
        try journal.save(changes)
        expected.save(changes)
        guard case .state(let saved) = file.read() else { throw StateError("it cannot be read") }
        if saved.changes.isEmpty { gathered += 1 }
        #expect(try StateImage(saved).whole.bytes == StateImage(expected).whole.bytes)
        #expect(!journal.needsWhole)
      }
      #expect(gathered == 2)
      #expect(try StateImage(expected).owners(of: .series) == [0, 1, 2, 3])
    }
  }

  @Test func aFileThatWasTakenAwayIsWrittenAnew() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      let journal = StateJournal(file)
      try journal.save(changes(1, "a", isWhole: true))
      try FileManager.default.removeItem(atPath: file.path)
      #expect(throws: StateError.self) { try journal.save(changes(1, "b")) }
      #expect(journal.needsWhole)
      try journal.save(changes(1, "c", isWhole: true))
      // Another program's bytes behind ours.
      let handle = try FileHandle(forWritingTo: URL(filePath: file.path))
      try handle.seekToEnd()
      try handle.write(contentsOf: [1, 2, 3])
      try handle.close()
      #expect(throws: StateError.self) { try journal.save(changes(1, "d")) }
      #expect(file.read() == .state(SavedState(changes(1, "c", isWhole: true))))
    }
  }

  /// Opening some of them would wait for ever.
  @Test(arguments: ["s", "s.new"]) func whatIsNoFileIsNamedAndReplaced(name: String) throws {
    for kind in ["a pipe", "a directory", "a link", "a socket"] {
      try withFolder { path in
        let place = path + "/" + name
        switch kind {
        case "a pipe": #expect(mkfifo(place, 0o600) == 0)
        case "a directory": #expect(mkdir(place, 0o700) == 0)
        case "a link": #expect(symlink(place + ".other", place) == 0)
        default: #expect(mknod(place, S_IFSOCK | 0o600, 0) == 0)
        }
        let file = StateFile(path: path + "/s")
        if name == "s" {
          #expect(Self.reason(file.read()) == "it is \(kind) and no file")
          file.setAside()
        }
        if name == "s.new", kind == "a directory" {
          #expect(throws: StateError.self) { try file.replace(with: Self.payload) }
        } else {
          try file.replace(with: Self.payload)
          #expect(file.read() == .state(SavedState(Self.payload[...])))
        }
      }
    }
  }

  /// A hard link may be somebody else's file, which would be cut.
  @Test func whatHasOtherNamesIsNeverWrittenTo() throws {
    try withFolder { path in
      let other = path + "/other"
      try Data(Self.payload).write(to: URL(filePath: other))
      for name in ["s", "s.new"] {
        #expect(link(other, path + "/" + name) == 0)
        try StateFile(path: path + "/s").replace(with: [1])
      }
      #expect(link(other, path + "/lock") == 0)
      #expect(throws: StateFolder.Failure.self) { _ = try StateFolder(path: path) }
      #expect(try Data(contentsOf: URL(filePath: other)) == Data(Self.payload))
    }
  }

  @Test func whoCanChangeAFolderIsNamed() throws {
    try withFolder { path in
      for (mode, isSafe) in [(0o700, true), (0o755, true), (0o775, false), (0o777, false), (0o1777, true)] {
        chmod(path, mode_t(mode))
        let exposure = try StateFolder(path: path).exposure
        #expect((exposure == nil) == isSafe, "\(String(mode, radix: 8)): \(exposure?.reason ?? "")")
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away")) func filesOfOthersAreNotUsed() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      try file.replace(with: Self.payload)
      #expect(chown(file.path, 12345, 12345) == 0)
      #expect(Self.reason(file.read()) == "it belongs to another user (12345)")
      // Their folder is theirs.
      #expect(chown(path, 12345, 12345) == 0)
      #expect(file.read() == .state(SavedState(Self.payload[...])))
      #expect(try StateFolder(path: path).exposure?.mend == "chown 0 \(path)")
    }
  }

  @Test func howOftenATakeOverDidNotEndIsKnown() throws {
    try withFolder { path in
      let file = StateFile(path: path + "/s")
      #expect(file.beginTakeOver() == 0, "there is nothing")
      try file.replace(with: Self.payload)
      #expect((0..<3).map { _ in file.beginTakeOver() } == [0, 1, 2])
      // Another file is another matter, and so is one that was taken over.
      try file.replace(with: Self.payload)
      #expect(file.beginTakeOver() == 0)
      file.endTakeOver()
      #expect(file.beginTakeOver() == 0)
    }
  }

  @Test func aLockThatIsNoFileIsNamed() throws {
    for kind in ["a pipe", "a directory", "a link"] {
      try withFolder { path in
        let place = path + "/lock"
        switch kind {
        case "a pipe": #expect(mkfifo(place, 0o600) == 0)
        case "a directory": #expect(mkdir(place, 0o700) == 0)
        default: #expect(symlink(path + "/other", place) == 0)
        }
        #expect(throws: StateFolder.Failure.unwritable("\(place): it is \(kind) and no file")) {
          _ = try StateFolder(path: path)
        }
      }
    }
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
