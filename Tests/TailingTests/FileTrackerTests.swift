import LogStations
import StateStore
import Testing

@testable import Tailing

/// The state machine alone: what it says for each thing that can be seen.
@Suite struct FileTrackerTests {
  /// Long after any of the times below, so that they hide nothing.
  private let late: Int64 = 1_000_000_000_000

  private func status(
    device: UInt64 = 1,
    inode: UInt64 = 7,
    size: Int = 6,
    modified: Int64 = 1,
    changed: Int64 = 1
  ) -> FileStatus {
    FileStatus(device: device, inode: inode, size: size, modified: modified, changed: changed)
  }

  /// A tracker that has read `consumed` of a file of 6 bytes.
  private func tracker(consumed: Int = 6, now: Int64? = nil) throws -> FileTracker {
    var tracker = FileTracker(readsWholeDocuments: false)
    #expect(try observe(status(), &tracker, now: now) == .read)
    consume(consumed, &tracker)
    return tracker
  }

  /// - Parameter isSame: what a comparison says; nil: none is asked for.
  private func observe(
    _ status: FileStatus,
    _ tracker: inout FileTracker,
    now: Int64? = nil,
    isSame: Bool? = nil
  ) throws -> FileTracker.Action {
    var wasAsked = false
    let action = try tracker.observe(status, now: now ?? late) { windows in
      wasAsked = !windows.isEmpty
      return isSame ?? windows.isEmpty
    }
    #expect(wasAsked == (isSame != nil))
    return action
  }

  private func consume(_ count: Int, _ tracker: inout FileTracker) {
    Array(repeating: UInt8(ascii: "x"), count: count).withUnsafeBytes { tracker.consume($0) }
  }

  @Test func theFirstLookReads() throws {
    var tracker = FileTracker(readsWholeDocuments: false)
    #expect(try observe(status(size: 0), &tracker) == .read)
  }

  @Test(arguments: [
    (FileStatus(device: 1, inode: 7, size: 6, modified: 1, changed: 1), nil, FileTracker.Action.nothing),
    (FileStatus(device: 1, inode: 7, size: 5, modified: 2, changed: 2), nil, .restart),
    (FileStatus(device: 1, inode: 7, size: 0, modified: 2, changed: 2), nil, .restart),
    (FileStatus(device: 1, inode: 7, size: 9, modified: 1, changed: 1), true, .read),
    (FileStatus(device: 1, inode: 7, size: 9, modified: 1, changed: 1), false, .restart),
    (FileStatus(device: 1, inode: 7, size: 6, modified: 2, changed: 2), true, .nothing),
    (FileStatus(device: 1, inode: 7, size: 6, modified: 2, changed: 2), false, .restart),
    (FileStatus(device: 1, inode: 7, size: 6, modified: 1, changed: 2), true, .nothing),
  ])
  func whatIsSeenNext(status: FileStatus, isSame: Bool?, action: FileTracker.Action) throws {
    var tracker = try tracker()
    #expect(try observe(status, &tracker, isSame: isSame) == action)
  }

  @Test func aLogThatIsReadAgainIsKnownByWhatWasConsumedBefore() throws {
    var tracker = try tracker()
    let identity = tracker.windows()
    tracker.readAgain()
    #expect((tracker.offset, tracker.bytesBehind) == (0, 6))
    #expect(try tracker.observe(status(), now: late) { $0 == identity } == .read)
    consume(4, &tracker)
    #expect((tracker.offset, tracker.windows()) == (4, identity))
    var encoder = StateEncoder()
    encoder.encode(tracker)
    var decoder = StateDecoder(encoder.bytes[...])
    #expect(try decoder.decode(FileTracker.self) == tracker)
    var cut = tracker
    #expect(try observe(status(size: 5, modified: 2), &cut) == .restart)
    cut.restart()
    #expect(cut.windows().isEmpty)
    consume(2, &tracker)
    #expect(!tracker.isReadAgain && tracker.windows() == identity)
    #expect(try observe(status(), &tracker) == .nothing)
  }

  @Test func aChangeInTheSameTickOfTheClockIsNotOverlooked() throws {
    var tracker = try tracker(now: 2)
    #expect(try observe(status(), &tracker, isSame: true) == .nothing)
    #expect(try observe(status(), &tracker) == .nothing)
  }

  @Test func nothingConsumedNeedsNoComparison() throws {
    var tracker = try tracker(consumed: 0)
    #expect(try observe(status(size: 3, modified: 2), &tracker) == .read)
    #expect(tracker.bytesBehind == 3)
  }

  @Test func sizesBeyondFourGigabytes() throws {
    var tracker = try tracker()
    let size = (1 << 53) + 1
    #expect(try observe(status(size: size, modified: 2), &tracker, isSame: true) == .read)
    #expect(tracker.bytesBehind == size - 6)
    #expect(try observe(status(size: size - 1, modified: 3), &tracker, isSame: false) == .restart)
  }

  @Test func whatComesBackBeginsAnew() throws {
    var tracker = try tracker()
    tracker.leave()
    #expect(try observe(status(inode: 9), &tracker) == .restart)
    tracker.restart()
    #expect(tracker.offset == 0)
    #expect(tracker.bytesBehind == 6)
  }

  @Test func documentsAreReadAtEveryChange() throws {
    var tracker = FileTracker(readsWholeDocuments: true)
    #expect(try observe(status(), &tracker) == .read)
    #expect(try observe(status(), &tracker) == .nothing)
    #expect(try observe(status(size: 0, modified: 2), &tracker) == .read)
    #expect(try observe(status(modified: 3), &tracker) == .read)
  }

  /// Marks are the same however the bytes were cut, and cover what they say.
  @Test(arguments: [1, 7, 4096, 5000, 32768, 65536, 65537, 100_000, 300_000, 1_048_576, 1_100_000])
  func marksDoNotDependOnHowBytesWereCut(count: Int) {
    var generator = SplitMix(state: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    var whole = ContentMarks()
    var pieces = ContentMarks()
    bytes.withUnsafeBytes { bytes in
      whole.append(bytes)
      var place = 0
      while place < count {
        let next = min(count, place + Int.random(in: 1...50_000, using: &generator))
        pieces.append(UnsafeRawBufferPointer(rebasing: bytes[place..<next]))
        place = next
      }
      for hasGrown in [false, true] {
        let windows = whole.windows(hasGrown: hasGrown)
        #expect(windows == pieces.windows(hasGrown: hasGrown))
        #expect(windows.last?.range.upperBound == count)
        #expect(windows.first?.range.lowerBound == 0)
        for window in windows {
          #expect(ContentDigest(of: UnsafeRawBufferPointer(rebasing: bytes[window.range])).value == window.digest)
        }
      }
    }
  }

  @Test func digestsTellContentApart() {
    func digest(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { ContentDigest(of: $0).value } }
    var seen: Set<UInt64> = []
    for count in 0..<64 {
      seen.insert(digest(Array(repeating: 0, count: count)))
      if count > 0 { for byte in 0..<count { seen.insert(digest((0..<count).map { $0 == byte ? 1 : 0 })) } }
    }
    #expect(seen.count == 64 + 63 * 64 / 2)
  }
}
