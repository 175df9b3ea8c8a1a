import Foundation
import PromQL
import PromQLMutations
import Testing

/// What the parser does with too much of something, and with bytes that nobody would write.
@Suite struct BoundsTests {
  /// Runs something on a thread with half of the usual stack. Without optimization, it takes eight times as much as with.
  private static func onSmallStack(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      body()
      done.signal()
    }
    thread.stackSize = 4 << 20
    thread.start()
    done.wait()
  }

  private static func repeated(_ text: String, _ count: Int = 100_000) -> String {
    String(repeating: text, count: count)
  }

  @Test(arguments: [
    "(", "-", "- +", "sum(", "rate(", "foo[", "1 ^ ", "a or ", "a + (", "foo[(", "foo[5m + ", "foo[- ", "foo offset (",
    "foo[min_of(", "foo[2^", "topk(1, ", "foo{a=~\"(", "a[5m:] + (", "[", "{", "$", "((a)", "foo @ ", "`", "\"\\",
  ])
  func aHundredThousandOfTheSameAreAnErrorAndOverflowNoStack(piece: String) {
    Self.onSmallStack {
      for variables in [Parser.Variables.none, .grafana] {
        #expect(fault(Self.repeated(piece), variables) != nil)
      }
    }
  }

  @Test func aTreeWithAsManyLevelsAsMayBeIsParsedComparedPrintedAndFreed() {
    let (long, deep) = (Parser.levelsMax - 1, Parser.depthMax - 1)
    let queries = [
      Self.repeated("(", deep) + "a" + Self.repeated(")", deep), Self.repeated("a or ", long) + "a",
      Self.repeated("1 ^ ", deep) + "1", Self.repeated("- ", deep) + "a",
      "a[" + Self.repeated("1 + ", long) + "1]",
      "a[" + Self.repeated("(", deep - 1) + "1" + Self.repeated(")", deep - 1) + "]",
      Self.repeated("abs(", deep) + "a" + Self.repeated(")", deep),
      Self.repeated("max(-", deep / 2) + "a" + Self.repeated(")", deep / 2),
      Self.repeated("rate(", deep / 2) + "a" + Self.repeated("[1:])", deep / 2),
    ]
    Self.onSmallStack {
      for query in queries {
        #expect(Law.judge(Array(query.utf8)) == .taken, "\(query.prefix(20))")
        #expect(fault(query.replacing("a", with: "(a or a)").replacing("1", with: "(1)")) != nil)
      }
    }
  }

  @Test func aQueryMayBeAsLongAsIsAllowedAndNoLonger() {
    let list = "sum by (" + Self.repeated("a, ", Parser.bytesMax / 3 - 10) + ") (a)"
    #expect(fault(list) == nil)
    #expect(fault(list + Self.repeated(" ", Parser.bytesMax))?.message.contains("bytes") == true)
    let matchers = "a{" + Self.repeated("a=~\"b|c\",", 50_000) + "}"
    #expect(fault(matchers) == nil)
    #expect(fault("a{b=~\"" + Self.repeated("[[:alpha:]](x|y)*", 10_000) + "\"}") == nil)
    #expect(fault("a{b=~\"" + Self.repeated("[:", 100_000) + "\"}") != nil)
  }

  @Test func anyByteMayStandAnywhere() {
    for query in ["", "sum by (a) (rate(foo{b=~\"c\"}[5m] offset 1h))", "`a`", "\"a\"", "# a"] {
      for at in 0...query.utf8.count {
        for byte in UInt8.min...UInt8.max {
          var bytes = Array(query.utf8)
          bytes.insert(byte, at: at)
          for variables in [Parser.Variables.none, .grafana] {
            if case .broken(let what) = Law.judge(bytes, variables) {
              Issue.record("\(what)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: [
    ([0x22, 0xff, 0x22], 1), ([0x61, 0xc3, 0x28], 1), ([0x27, 0xed, 0xa0, 0x80, 0x27], 1),
    ([0x60, 0x61, 0xc0, 0x80, 0x60], 2),
    ([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0xe2, 0x98, 0x22], 1),
  ])
  func whatIsNoUTF8IsToldAtItsByte(bytes: [UInt8], at: Int) {
    let error = #expect(throws: PromQLError.self) { try Parser.parse(bytes) }
    #expect(error?.range.lowerBound == at)
    #expect(error?.message.contains("UTF-8") == true)
  }

  @Test func queriesThatAreAlmostRightBreakNoLaw() throws {
    let files = ["good", "queries", "bad"]
    let corpus = try files.flatMap { try PrometheusCases.queries($0) ?? [] }
    var mutator = Mutator(seed: 20, corpus: corpus)
    var taken = 0
    for index in 0..<40_000 {
      switch Law.judge(mutator.next(), index % 2 == 0 ? .none : .grafana) {
      case .taken: taken += 1
      case .refused: break
      case .broken(let what): Issue.record("input \(index) of seed 20: \(what)")
      }
    }
    #expect(taken > 4_000)
  }
}
