import Collectors
import PatternSyntax
import Testing

@Suite struct ProcessMatchTests {
  private static func match(
    _ entry: ProcessMatch,
    name: String = "python3",
    command: String = "python3 train.py --run  night-7 --lr 0.1",
    environment: String? = nil
  ) -> ProcessMatch.Answer {
    withBytes(name) { name in
      withBytes(command) { command in
        entry.match(ProcessMatch.Subject(name: name, commandLine: command)) { body in
          guard let environment else { return false }
          withBytes(environment) { body($0) }
          return true
        }
      }
    }
  }

  private static func field(_ text: String) throws -> FieldPattern { FieldPattern(try Pattern(parsing: text)) }
  private static func line(_ text: String) throws -> LinePattern { LinePattern(try Pattern(parsing: text)) }

  @Test func aNameMatchesWholly() throws {
    #expect(Self.match(ProcessMatch(name: try Self.field("python3"))) == .matched([]))
    #expect(Self.match(ProcessMatch(name: try Self.field("python"))) == .failed)
    #expect(Self.match(ProcessMatch(name: try Self.field("python{version}"))) == .matched(["3"]))
  }

  @Test func aCommandLineMatchesAnywhere() throws {
    #expect(Self.match(ProcessMatch(commandLine: try Self.line("train.py --run {run}"))) == .matched(["night-7"]))
    #expect(Self.match(ProcessMatch(commandLine: try Self.line("evaluate.py"))) == .failed)
  }

  @Test func eachVariableHasToBeThere() throws {
    let entry = ProcessMatch(
      commandLine: try Self.line("--run {run}"),
      environment: [.init("RANK", try Self.field("{rank}")), .init("HOST", try Self.field("node-{_}"))],
      labels: [.init("role", "trainer"), .init("rank", "none")]
    )
    #expect(entry.labelNames == ["run", "rank", "role"])
    let good = "LOCAL_RANK=0\0RANK=3\0RANK=4\0HOST=node-1\0"
    #expect(Self.match(entry, environment: good) == .matched(["night-7", "3", "trainer"]))
    #expect(Self.match(entry, environment: "RANK=3\0HOST=node-1") == .matched(["night-7", "3", "trainer"]))
    for bad in ["", "RANK=3\0", "RANK=\0HOST=node-1\0", "RANK\0HOST=node-1\0", "=\0\0\0", "XRANK=3\0HOST=node-1\0"] {
      #expect(Self.match(entry, environment: bad) == .failed, "\(bad.debugDescription)")
    }
    #expect(Self.match(entry) == .unknown)
    #expect(Self.match(entry, command: "sh", environment: good) == .failed)
  }

  /// What cannot be read is asked for only where everything else matches.
  @Test func theEnvironmentIsLeftAloneWhereTheRestFails() throws {
    let entry = ProcessMatch(name: try Self.field("sh"), environment: [.init("RANK", try Self.field("{rank}"))])
    let outcome = withBytes("python3") { name in
      entry.match(ProcessMatch.Subject(name: name, commandLine: name)) { _ in
        Issue.record("the environment was asked for")
        return true
      }
    }
    #expect(outcome == .failed)
  }

  @Test func capturesAreBounded() throws {
    let most = String(repeating: "a", count: ProcessMatch.captureBytesMax)
    let entry = ProcessMatch(commandLine: try Self.line("--run {run}"))
    #expect(Self.match(entry, command: "x --run \(most)") == .matched([most]))
    #expect(Self.match(entry, command: "x --run \(most)a") == .failed)
    let variable = ProcessMatch(environment: [.init("A", try Self.field("{a}"))])
    #expect(Self.match(variable, environment: "A=\(most)\0") == .matched([most]))
    #expect(Self.match(variable, environment: "A=\(most)a\0") == .failed)
  }

  /// Many captures in a long text that nearly matches: seconds, if each place were tried with each other.
  @Test func aHostileTextCostsItsLength() throws {
    let entry = ProcessMatch(environment: [.init("A", try Self.field("{a}-{b}-{c}-{d}-{e}-{f}!"))])
    #expect(Self.match(entry, environment: "A=\(String(repeating: "-", count: 1 << 17))\0") == .failed)
  }

  @Test func bytesThatAreNoTextAreReplaced() throws {
    let entry = ProcessMatch(environment: [.init("A", try Self.field("{a}"))])
    let bytes: [UInt8] = Array("A=".utf8) + [0xFF, 0x41, 0]
    let outcome = bytes.withUnsafeBufferPointer { environment in
      let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
      return entry.match(ProcessMatch.Subject(name: nothing, commandLine: nothing)) { body in
        body(environment)
        return true
      }
    }
    #expect(outcome == .matched(["\u{FFFD}A"]))
  }
}
