import Collectors
import Testing

@Suite struct ProcessLedgerTests {
  private static let run = ProcessTable.Label(names: ["run"], values: ["a"])
  private static let other = ProcessTable.Label(names: ["run"], values: ["b"])

  private static func identity(_ id: UInt64) -> ProcessTable.Identity { .init(id: id, startTicks: id) }

  private static func entry(
    _ id: UInt64,
    parent: UInt64,
    own: UInt64 = 0,
    reaped: UInt64 = 0,
    bytes: UInt64 = 0,
    tree: Int? = 0
  ) -> ProcessLedger.Entry {
    var (mine, theirs) = (ProcessLedger.Counts.zero, ProcessLedger.Counts.zero)
    mine[.userTicks] = own
    mine[.readBytes] = bytes
    theirs[.userTicks] = reaped
    return .init(identity: identity(id), parent: parent, own: mine, reaped: theirs, tree: tree)
  }

  private static func root(_ id: UInt64, _ label: ProcessTable.Label = run) -> ProcessLedger.Root {
    .init(identity: identity(id), name: "p", label: label)
  }

  @Test func aWorkerThatEndsTakesNothingAway() {
    var ledger = ProcessLedger()
    let roots = [Self.root(10)]
    var total = ledger.observe(
      [Self.entry(10, parent: 1, own: 100), Self.entry(11, parent: 10, own: 40)],
      roots: roots
    )
    #expect(total[0].counts[.userTicks] == 140 && total[0].gain == nil)
    // It went on to 45, and was waited for.
    total = ledger.observe([Self.entry(10, parent: 1, own: 110, reaped: 45)], roots: roots)
    #expect(total[0].counts[.userTicks] == 155 && total[0].gain?[.userTicks] == 15)
  }

  /// The kernel has one number for the bytes of a process and of the children that it waited for.
  @Test func bytesOfAWorkerCountOnce() {
    var ledger = ProcessLedger()
    let roots = [Self.root(10)]
    _ = ledger.observe([Self.entry(10, parent: 1, bytes: 1000), Self.entry(11, parent: 10, bytes: 500)], roots: roots)
    let total = ledger.observe([Self.entry(10, parent: 1, bytes: 1600)], roots: roots)
    #expect(total[0].counts[.readBytes] == 1600)
  }

  @Test func aWorkerThatNobodyWaitsForKeepsWhatWasSeen() {
    var ledger = ProcessLedger()
    let roots = [Self.root(10)]
    _ = ledger.observe([Self.entry(10, parent: 1, own: 100), Self.entry(11, parent: 10, own: 40)], roots: roots)
    for _ in 0..<3 {
      let total = ledger.observe([Self.entry(10, parent: 1, own: 100)], roots: roots)
      #expect(total[0].counts[.userTicks] == 140)
    }
  }

  /// The child was gone when its turn came, and its parent had been read before it waited for it.
  @Test func aParentsNumbersMayComeOneLookLater() {
    var ledger = ProcessLedger()
    let roots = [Self.root(10)]
    _ = ledger.observe([Self.entry(10, parent: 1, own: 100), Self.entry(11, parent: 10, own: 40)], roots: roots)
    var total = ledger.observe([Self.entry(10, parent: 1, own: 100)], roots: roots)
    #expect(total[0].counts[.userTicks] == 140)
    total = ledger.observe([Self.entry(10, parent: 1, own: 100, reaped: 42)], roots: roots)
    #expect(total[0].counts[.userTicks] == 142)
  }

  @Test func anIdThatIsAnothersNowIsAnotherProcess() {
    var ledger = ProcessLedger()
    let roots = [Self.root(10)]
    _ = ledger.observe([Self.entry(10, parent: 1, own: 100), Self.entry(11, parent: 10, own: 40)], roots: roots)
    var again = Self.entry(11, parent: 10, own: 5)
    again.identity.startTicks = 99
    let total = ledger.observe([Self.entry(10, parent: 1, own: 100, reaped: 40), again], roots: roots)
    #expect(total[0].counts[.userTicks] == 145)
  }

  /// A launcher whose ranks match themselves: it gets their numbers when they end, and they were counted already.
  @Test func whatMatchesItselfDoesNotCountForItsParentToo() {
    var ledger = ProcessLedger()
    let both = [Self.root(10), Self.root(11, Self.other)]
    _ = ledger.observe([Self.entry(10, parent: 1, own: 3), Self.entry(11, parent: 10, own: 400, tree: 1)], roots: both)
    let total = ledger.observe([Self.entry(10, parent: 1, own: 4, reaped: 401)], roots: [both[0]])
    #expect(total[0].counts[.userTicks] == 5)
  }

  /// Whoever adds the trees up keeps what the former one had counted.
  @Test func aRootWithAnotherNameOrOtherLabelsBeginsATree() {
    var ledger = ProcessLedger()
    var root = Self.root(10)
    _ = ledger.observe([Self.entry(10, parent: 1, own: 70)], roots: [root])
    root.name = "q"
    var total = ledger.observe([Self.entry(10, parent: 1, own: 75)], roots: [root])
    #expect(total[0].counts[.userTicks] == 5 && total[0].gain == nil)
    root.label = Self.other
    total = ledger.observe([Self.entry(10, parent: 1, own: 78)], roots: [root])
    #expect(total[0].counts[.userTicks] == 3)
  }

  /// An orphan of a matching process that matches itself moves to a tree of its own, and counts there from then on.
  @Test func aProcessThatMovesIsNotCountedAgain() {
    var ledger = ProcessLedger()
    _ = ledger.observe(
      [Self.entry(10, parent: 1, own: 5), Self.entry(11, parent: 10, own: 30)],
      roots: [Self.root(10)]
    )
    let total = ledger.observe([Self.entry(11, parent: 1, own: 33)], roots: [Self.root(11)])
    #expect(total[0].counts[.userTicks] == 3)
  }

  @Test func numbersThatAreNoneNeverTrap() {
    var ledger = ProcessLedger()
    let roots = [Self.root(10)]
    for value in [UInt64.max, 0, 1 << 63, .max] {
      let entries = [
        Self.entry(10, parent: 11, own: value, reaped: value, bytes: value), Self.entry(11, parent: 10, own: value),
      ]
      _ = ledger.observe(entries, roots: roots)
      _ = ledger.observe([], roots: [])
    }
  }
}

/// Trees that grow, work and shrink in a model of the kernel, looked at in between.
@Suite struct ProcessLedgerSimulationTests {
  private struct Process {
    var parent: UInt64
    var own: UInt64 = 0
    var reaped: UInt64 = 0
    var isZombie = false
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func aTreesTotalIsWhatItDid(seed: UInt64) {
    var state = seed
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    var processes: [UInt64: Process] = [10: Process(parent: 1)]
    var next: UInt64 = 11
    var done: UInt64 = 0
    var ledger = ProcessLedger()
    let root = ProcessLedger.Root(
      identity: .init(id: 10, startTicks: 10),
      name: "p",
      label: .init(names: [], values: [])
    )
    for step in 0..<2000 {
      let alive = processes.filter { !$0.value.isZombie }.map(\.key).sorted()
      let id = alive[random(alive.count)]
      switch random(10) {
      case 0, 1:
        if alive.count < 30 {
          processes[next] = Process(parent: id)
          next += 1
        }
      case 2:
        // Only one without children ends, so that all are waited for by who started them.
        if id != 10, !processes.values.contains(where: { $0.parent == id }) { processes[id]?.isZombie = true }
      case 3, 4:
        for (child, process) in processes where process.parent == id && process.isZombie {
          processes[id]?.reaped += process.own + process.reaped
          processes[child] = nil
        }
      case 5:
        let entries = processes.keys.sorted().compactMap { id -> ProcessLedger.Entry? in
          guard let process = processes[id] else { return nil }
          var (own, reaped) = (ProcessLedger.Counts.zero, ProcessLedger.Counts.zero)
          own[.userTicks] = process.own
          reaped[.userTicks] = process.reaped
          own[.readBytes] = process.own + process.reaped
          return .init(
            identity: .init(id: id, startTicks: id),
            parent: process.parent,
            own: own,
            reaped: reaped,
            tree: 0
          )
        }
        let counts = ledger.observe(entries, roots: [root])[0].counts
        #expect(counts[.userTicks] == done, "seed \(seed), step \(step)")
        #expect(counts[.readBytes] <= done, "seed \(seed), step \(step)")
        #expect(counts[.readBytes] + 1000 * next >= done, "seed \(seed), step \(step)")
      default:
        let work = UInt64(random(100))
        processes[id]?.own += work
        done += work
      }
    }
    #expect(next > 60)
  }
}
