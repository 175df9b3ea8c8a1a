import PatternSyntax
import Testing

@Suite struct LinePatternTests {
  /// The captures' texts; those named `n…` have to be made of digits, `.` and `-`.
  private func match(_ source: String, _ line: String) throws -> [String]? {
    let pattern = LinePattern(try Pattern(parsing: source))
    var match = LinePattern.Match()
    let bytes = Array(line.utf8)
    let isMatch = bytes.withUnsafeBytes { bytes in
      pattern.match(bytes, into: &match) { capture, text in
        !pattern.captureNames[capture].hasPrefix("n") || text.allSatisfy { "0123456789.-".utf8.contains($0) }
      }
    }
    return isMatch ? match.captures.map { String(decoding: bytes[$0], as: UTF8.self) } : nil
  }

  @Test(
    arguments: [
      ("Step {n} | loss:{n2} lr:{n3}", "INFO Step 4 | loss:0.5 lr:0.1 x:1", ["4", "0.5", "0.1"]),
      ("loss: {n}", "loss: x loss: 2", ["2"]),
      ("loss {n}", "the loss \t  0.5,", nil),
      ("loss {n} ", "the loss \t  0.5 ,", ["0.5"]),
      ("{n}/{total} [", "  12/ 20  [", ["12", "20"]),
      ("{a}%", "at 50 %", ["50"]),
      ("{a}: {b}", "one two:  three four", ["two", "three"]),
      ("a{x}b", "ab1b", ["b1"]),
      ("a {x} b", "a   long  text   b", ["long  text"]),
      ("{_} took {n}ms", "step took 5ms", ["5"]),
      ("{{{n}}}", "{5}", ["5"]),
      ("{n}", "one 2 three", ["2"]),
      ("{a} {b}", " one  two ", ["one", "two"]),
      ("done", "all done.", []),
      ("lr:{lr} loss:{l}", "lr: loss:0.5", nil),
      ("é={n}", "è=1 é=2", ["2"]),
      ("a{x}c", "abd", nil),
      ("x {n}", "x", nil),
      ("{a} x", "x", nil),
      ("x", "", nil),
      ("{n}it/s, loss={m}]", "50%|#| 1/2 [00:01<00:01,  9.5it/s, loss=0.3]", ["9.5", "0.3"]),
      (", {n}it/s, loss={m}]", "50%|#| 1/2 [00:01<00:01,  9.5it/s, loss=0.3]", ["9.5", "0.3"]),
    ] as [(String, String, [String]?)]
  )
  func captures(source: String, line: String, captures: [String]?) throws {
    #expect(try match(source, line) == captures)
  }

  /// Each would take minutes if what was seen were looked at again.
  @Test(
    .timeLimit(.minutes(10)),
    arguments: [
      ("a{x}b", "a", "a"), ("a{x}b{n}c{y}d", "a", "abxc"), ("{n}a", "a", "a"), ("a{n}", "a", "a"),
      ("a {x} b {n} c", "a ", "b z c"),
      (" {n} ", "\t ", "x"), ("a{x}aaaa{n}ab", "a", "b"), ("a b c {n}", "a b ", "c"),
    ]
  )
  func hostileLines(source: String, repeated: String, end: String) throws {
    #expect(try match(source, String(repeating: repeated, count: 200_000) + end) == nil)
  }
}
