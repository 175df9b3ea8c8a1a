import Collectors
import Testing

@Suite struct ProcessTreesTests {
  private static func process(
    _ id: UInt64,
    parent: UInt64,
    _ label: String? = nil,
    state: Unicode.Scalar = "S"
  ) -> ProcessTable.Process {
    var stat = ProcessStat()
    stat.parent = parent
    stat.state = UInt8(ascii: state)
    return .init(
      identity: .init(id: id, startTicks: id),
      stat: stat,
      name: "p",
      label: label.map { .init(names: ["run"], values: [$0]) }
    )
  }

  private static func members(_ processes: [ProcessTable.Process]) -> [[UInt64]] {
    ProcessTrees(processes).trees.map { $0.members.map { processes[$0].identity.id } }
  }

  @Test func descendantsBelongToTheirAncestor() {
    #expect(
      Self.members([
        Self.process(1, parent: 0), Self.process(10, parent: 1, "a"), Self.process(11, parent: 10),
        Self.process(12, parent: 11), Self.process(20, parent: 1),
      ]) == [[10, 11, 12]]
    )
  }

  @Test func whatMatchesOtherwiseIsATreeOfItsOwn() {
    #expect(
      Self.members([
        Self.process(10, parent: 1, "launcher"), Self.process(11, parent: 10, "0"), Self.process(12, parent: 10, "1"),
        Self.process(13, parent: 11), Self.process(14, parent: 10),
      ]) == [[10, 14], [11, 13], [12]]
    )
  }

  /// Workers that a training forks look like it.
  @Test func whatMatchesAlikeIsNone() {
    #expect(
      Self.members([
        Self.process(10, parent: 1, "a"), Self.process(11, parent: 10, "a"), Self.process(12, parent: 11, "a"),
        Self.process(20, parent: 1, "a"),
      ]) == [[10, 11, 12], [20]]
    )
  }

  @Test func aChildMayStandBeforeItsParent() {
    #expect(Self.members([Self.process(12, parent: 10), Self.process(10, parent: 1, "a")]) == [[10, 12]])
  }

  @Test func whatHasEndedIsNoRoot() {
    #expect(Self.members([Self.process(10, parent: 1, "a", state: "Z"), Self.process(11, parent: 10)]).isEmpty)
    #expect(
      Self.members([Self.process(10, parent: 1, "a"), Self.process(11, parent: 10, "b", state: "Z")]) == [[10, 11]]
    )
  }

  @Test func parentsInACircleEnd() {
    let circle = [
      Self.process(10, parent: 12, "a"), Self.process(11, parent: 10), Self.process(12, parent: 11),
      Self.process(13, parent: 13, "b"),
    ]
    // Whoever is the ancestor, it ends, and each process is in one tree at most.
    #expect(Self.members(circle) == [[10], [13]])
  }

  /// A chain as long as there may be processes, without a stack that grows with it.
  @Test func aLongChainIsWalkedOnce() {
    let chain = (1...UInt64(50_000)).map { Self.process($0, parent: $0 - 1, $0 == 1 ? "a" : nil) }
    #expect(ProcessTrees(chain.reversed()).trees.map(\.members.count) == [50_000])
  }
}
