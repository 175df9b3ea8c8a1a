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
  private func tracker(consumed: Int = 6, now: Int64? = nil) -> FileTracker {
    var tracker = FileTracker(readsWholeDocuments: false)
    #expect(tracker.observe(status(), now: now ?? late) == .read)
    consume(consumed, &tracker)
    return tracker
  }

  private func consume(_ count: Int, _ tracker: inout FileTracker) {
    Array(repeating: UInt8(ascii: "x"), count: count).withUnsafeBytes { tracker.consume($0) }
  }

  @Test func theFirstLookReads() {
    var tracker = FileTracker(readsWholeDocuments: false)
    #expect(tracker.observe(status(size: 0), now: late) == .read)
  }

  @Test(arguments: [
    (FileStatus(device: 1, inode: 7, size: 6, modified: 1, changed: 1), FileTracker.Action.nothing),
    (FileStatus(device: 1, inode: 7, size: 5, modified: 2, changed: 2), .restart),
    (FileStatus(device: 1, inode: 7, size: 0, modified: 2, changed: 2), .restart),
    (FileStatus(device: 1, inode: 7, size: 9, modified: 1, changed: 1), .verify),
    (FileStatus(device: 1, inode: 7, size: 6, modified: 2, changed: 2), .verify),
    (FileStatus(device: 1, inode: 7, size: 6, modified: 1, changed: 2), .verify),
  ])
  func whatIsSeenNext(status: FileStatus, action: FileTracker.Action) {
    var tracker = tracker()
    #expect(tracker.observe(status, now: late) == action)
  }

  @Test func afterTheComparison() {
    for (size, same, action): (Int, Bool, FileTracker.Action) in [
      (9, true, .read), (9, false, .restart), (6, true, .nothing), (6, false, .restart),
    ] {
      var tracker = tracker()
      #expect(tracker.observe(status(size: size, modified: 2), now: late) == .verify)
      #expect(tracker.verified(isSame: same) == action)
    }
  }

  @Test func aLogThatIsReadAgainIsKnownByWhatWasConsumedBefore() throws {
    var tracker = tracker()
    let identity = tracker.identifyingWindows
    tracker.readAgain()
    #expect((tracker.offset, tracker.bytesBehind) == (0, 6))
    #expect(tracker.observe(status(), now: late) == .verify)
    #expect(tracker.windows == identity)
    #expect(tracker.verified(isSame: true) == .read)
    consume(4, &tracker)
    #expect((tracker.offset, tracker.identifyingWindows) == (4, identity))
    var encoder = StateEncoder()
    encoder.encode(tracker)
    var decoder = StateDecoder(encoder.bytes[...])
    #expect(try decoder.decode(FileTracker.self) == tracker)
    var cut = tracker
    #expect(cut.observe(status(size: 5, modified: 2), now: late) == .restart)
    cut.restart()
    #expect(cut.identifyingWindows.isEmpty)
    consume(2, &tracker)
    #expect(!tracker.isReadAgain && tracker.identifyingWindows == identity)
    #expect(tracker.observe(status(), now: late) == .nothing)
  }

  @Test func aChangeInTheSameTickOfTheClockIsNotOverlooked() {
    var tracker = tracker(now: 2)
    #expect(tracker.observe(status(), now: late) == .verify)
    #expect(tracker.verified(isSame: true) == .nothing)
    #expect(tracker.observe(status(), now: late) == .nothing)
  }

  @Test func nothingConsumedNeedsNoComparison() {
    var tracker = tracker(consumed: 0)
    #expect(tracker.observe(status(size: 3, modified: 2), now: late) == .read)
    #expect(tracker.bytesBehind == 3)
  }

  @Test func sizesBeyondFourGigabytes() {
    var tracker = tracker()
    let size = (1 << 53) + 1
    #expect(tracker.observe(status(size: size, modified: 2), now: late) == .verify)
    #expect(tracker.verified(isSame: true) == .read)
    #expect(tracker.bytesBehind == size - 6)
    #expect(tracker.observe(status(size: size - 1, modified: 3), now: late) == .verify)
  }

  @Test func whatComesBackBeginsAnew() {
    var tracker = tracker()
    tracker.leave()
    #expect(tracker.observe(status(inode: 9), now: late) == .restart)
    tracker.restart()
    #expect(tracker.offset == 0)
    #expect(tracker.bytesBehind == 6)
  }

  @Test func documentsAreReadAtEveryChange() {
    var tracker = FileTracker(readsWholeDocuments: true)
    #expect(tracker.observe(status(), now: late) == .read)
    #expect(tracker.observe(status(), now: late) == .nothing)
    #expect(tracker.observe(status(size: 0, modified: 2), now: late) == .read)
    #expect(tracker.observe(status(modified: 3), now: late) == .read)
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
      for windows in [whole.windowsAfterGrowth, whole.windowsAfterChange] {
        #expect(windows.last?.range.upperBound == count)
        #expect(windows.first?.range.lowerBound == 0)
        for window in windows {
          var digest = ContentDigest()
          digest.update(UnsafeRawBufferPointer(rebasing: bytes[window.range]))
          #expect(digest.value == window.digest)
        }
      }
      #expect(whole.windowsAfterGrowth == pieces.windowsAfterGrowth)
      #expect(whole.windowsAfterChange == pieces.windowsAfterChange)
    }
  }

  @Test func digestsTellContentApart() {
    func digest(_ bytes: [UInt8]) -> UInt64 {
      var digest = ContentDigest()
      bytes.withUnsafeBytes { digest.update($0) }
      return digest.value
    }
    var seen: Set<UInt64> = []
    for count in 0..<64 {
      seen.insert(digest(Array(repeating: 0, count: count)))
      if count > 0 { for byte in 0..<count { seen.insert(digest((0..<count).map { $0 == byte ? 1 : 0 })) } }
    }
    #expect(seen.count == 64 + 63 * 64 / 2)
  }
}
