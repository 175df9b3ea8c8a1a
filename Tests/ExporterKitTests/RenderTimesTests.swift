import Clocks
import Exposition
import Synchronization
import Testing

@testable import ExporterKit

/// What is remembered of renderings, of which several may be under way.
@Suite struct RenderTimesTests {
  @Test func theLastBeginIsThatOfTheLastOneBegun() {
    let seconds = Atomic<Int64>(0)
    let times = RenderTimes(
      clock: TimeSource {
        let now = seconds.add(1, ordering: .relaxed).newValue * 1_000_000_000
        return Moment(monotonic: now, wall: now)
      }
    )
    #expect(times.lastBegin == .min)
    // The outer one begins at 1 s and ends at 4 s; the inner one at 2 s and 3 s.
    times.measure(.text004) { times.measure(.protobuf) {} }
    #expect(times.lastBegin == 2_000_000_000)
    #expect(times.samples.map(\.value).sorted() == [1, 3])
  }
}
