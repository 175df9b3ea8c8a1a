import Testing

@testable import Tailing

/// What a look means, without files.
@Suite struct FileTrackerTests {
  private static func status(inode: UInt64 = 1, size: Int, time: Int64) -> FileStatus {
    FileStatus(device: 1, inode: inode, size: size, modified: time, changed: time)
  }

  private static func tracker(consumed: Int, size: Int) -> FileTracker {
    var tracker = FileTracker()
    _ = tracker.look(status(size: size, time: 1))
    let bytes = [UInt8](repeating: 7, count: size)
    bytes.withUnsafeBytes { tracker.consumed(upTo: consumed, bytes: $0, at: 0) }
    return tracker
  }

  @Test(
    arguments: [
      (status(size: 10, time: 1), FileTracker.Action.none),
      (status(size: 20, time: 2), .verifyAndRead),
      (status(size: 10, time: 2), .restart),
      (status(size: 4, time: 2), .restart),
      (status(inode: 2, size: 10, time: 1), .replace),
      (nil, .vanish),
    ] as [(FileStatus?, FileTracker.Action)]
  )
  func looks(found: FileStatus?, action: FileTracker.Action) {
    var tracker = Self.tracker(consumed: 8, size: 10)
    #expect(tracker.look(found) == action)
    #expect(tracker.look(found) == .none)
  }

  @Test func whatComesBackIsReadFromItsBeginning() {
    var tracker = Self.tracker(consumed: 8, size: 10)
    #expect(tracker.look(nil) == .vanish)
    #expect(tracker.look(Self.status(size: 10, time: 1)) == .restart)
  }

  @Test func windowsAreTheHeadAndWhatStandsBeforeTheOffset() {
    var tracker = FileTracker()
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
    bytes.withUnsafeBytes { tracker.consumed(upTo: 150_000, bytes: $0, at: 0) }
    #expect(tracker.head.count == FileTracker.headBytesMax)
    #expect(tracker.tail.start == 150_000 - FileTracker.tailBytesMax)
    #expect(tracker.tail.digest == bytes.withUnsafeBytes { digest($0[tracker.tail.start..<150_000]) })
  }
}
