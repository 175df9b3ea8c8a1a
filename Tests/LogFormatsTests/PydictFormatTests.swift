import LogFormats
import Testing

@Suite struct PydictFormatTests {
  @Test(arguments: [
    ("{'loss': 2.3, 'learning_rate': 5e-05, 'epoch': 0.1}", "loss=2.3 learning_rate=5e-05 epoch=0.1"),
    ("{'loss': '3.896', 'epoch': '1'}", "loss=3.896 epoch=1.0"),
    ("  3%|▎  | 10/300 [00:05<02:30,  1.93it/s]{'loss': 1}", "loss=1.0"),
    ("[INFO|trainer.py:12] {x} >> {'loss': 1} (took {0.1} s)", "loss=1.0"),
    ("\u{1B}[32m{'los\u{8}s'\u{1B}[0m: 1}\u{1B}[K", "los=1.0"),
    ("{\"a\": true, 'b': False, 'c': None, 'd': null, 'e': True,}", "a=1.0 b=0.0 e=1.0"),
    ("{'a': nan, 'b': inf, 'c': -inf, 'd': NaN, 'e': -Infinity}", "a=nan b=inf c=-inf d=nan e=-inf"),
    (
      "{'n': {'acc': .5, 'd': {'e': 't'}}, 'l': [1., (2,), {'x': 3}]}",
      "n='' n.acc=0.5 n.d='' n.d.e='t' l='' l.0=1.0 l.1='' l.1.0=2.0 l.2='' l.2.x=3.0"
    ),
    ("{'a': {}, 'b': [], 'c': (), 'd': {1, 2}}", "a='' b='' c='' d='' d.0=1.0 d.1=2.0"),
    ("{'it\\'s': 1, \"it's\": 2, 'a\"b': 3}", "it's=2.0 a\"b=3.0"),
    ("{'a': 'x\\n\\x41\\u00e9\\U0001F600\\101\\q\\N', 'b': b'by'}", "a='x\nAé😀A\\q\\N' b='by'"),
    ("{'a': np.float64(0.5), 'b': tensor(0.25, device='cuda:0'), 'c': np.True_}", "a=0.5 b=0.25 c=1.0"),
    (
      "{'a': tensor([1.5, 2.]), 'b': PosixPath('runs/a'), 'c': Decimal('1.5')}", "a='' a.0=1.5 a.1=2.0 b='runs/a' c=1.5"
    ),
    (
      "{'a': datetime.timedelta(seconds=3), 'b': <S.STEPS: 'steps'>, 'c': torch.float32, 'd': f()}",
      "a='datetime.timedelta(seconds=3)' b='<S.STEPS: 'steps'>' c='torch.float32' d='f()'"
    ),
    ("{'a': array([0.5, 1.5], dtype=float32), 'b': 1}", "a='' a.0=0.5 a.1=1.5 b=1.0"),
    ("{0: 0.5, 1: 0.25, -1: 2}", "0=0.5 1=0.25 -1=2.0"),
    ("{'a': 1, 'b': 2, 'a': 3}", "b=2.0 a=3.0"),
    ("{'a': 12345678901234567890123, 'b': 1e999, 'c': -0.0}", "a=1.2345678901234568e+22 b=inf c=-0.0"),
  ])
  func dicts(line: String, record: String) {
    // Twice, with the keys foreseen the second time.
    let reading = Reading.of("\(line)\n\n  \(line)  \r\n", parser: pydict())
    #expect(reading.records == [record, record])
    #expect(reading.malformed == 0)
    #expect(reading.unmatched == 0)
    #expect(Set(reading.digests).count == 1)
  }

  @Test func linesWithoutADictAndLinesWithSeveral() {
    for line in [
      "", "  \t", "epoch 1", "def f() {", "{}", "{x}", "{1, 2}", "{'a', 'b'}", "set() {{'", "{", "a } b", "{-",
    ] {
      let reading = Reading.of(line + "\n{'b': 1}\n", parser: pydict())
      #expect(reading.records == ["b=1.0"], "\(line)")
      let isBlank = line.allSatisfy { $0 == " " || $0 == "\t" }
      let isOpenKey = line.hasSuffix("'") && line.contains("{{'")
      #expect(reading.unmatched == (isBlank || isOpenKey ? 0 : 1), "\(line)")
      #expect(reading.malformed == (isOpenKey ? 1 : 0), "\(line)")
    }
    #expect(Reading.of("{'a': 1}{'a': 2} {'a': 3}\n", parser: pydict()).records == ["a=1.0", "a=2.0", "a=3.0"])
    #expect(Reading.of("[{'a': 1}, {'a': 2}]\n", parser: pydict()).records == ["a=1.0", "a=2.0"])
  }

  @Test(arguments: [
    "{'a", "{'a'", "{'a':", "{'a': ", "{'a': 1", "{'a': 1,", "{'a': 1, 'b", "{'a': [1, {'b': 2}", "{'a': 'x",
    "{'a': f(1",
    "{'a': 'x\\", "{'a': <x", "{'a': 1 2}", "{'a': }", "{'a': 1, b: 2}", "{'a': @}", "{'a': '\0'}",
    "{'a': " + String(repeating: "[", count: 1000), String(repeating: "{'a':", count: 1000),
    "{'a': " + String(repeating: "f(", count: 1000),
  ])
  func brokenLinesLeaveTheNextAlone(line: String) {
    let reading = Reading.of("\(line)\n{'b': 1}\n", parser: pydict(lineBytesMax: 1 << 20))
    #expect(reading.records == ["b=1.0"])
    #expect(reading.malformed == 1)
    #expect(reading.unmatched == 0)
  }

  /// The rest of a torn line is read where it holds a whole dict.
  @Test func tornLines() {
    let reading = Reading.of("{'a': 1, 'b{'a': 2}\n{'a': 1{'a': 3}\n", parser: pydict())
    #expect(reading.records == ["a=3.0"])
    #expect(reading.malformed == 2)
  }

  @Test func textAndNewlineInTwoWrites() {
    let parser = pydict()
    let text = Array("{'a': 1}".utf8)
    #expect(Reading.of(text, closes: false, parser: parser).records == [])
    #expect(Reading.of(text + [0x0A], cutAt: [text.count], closes: false, parser: parser).records == ["a=1.0"])
  }

  @Test func transformersConsole() throws {
    let reading = Reading.of(try fixture("transformers-console.txt"), parser: pydict())
    #expect(reading.records.count == 17)
    #expect(reading.malformed == 0)
    #expect(reading.records[0] == "loss=3.896 grad_norm=0.6338 learning_rate=0.0009583 epoch=0.25")
  }

  @Test func numbersAsLabels() {
    var parser = pydict()
    var batch = RecordBatch()
    let line = "{'a': 1.0, 'b': '1.0', 'c': 0.50, 'd': True, 'e': 1e3}"
    _ = Array(line.utf8).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
    #expect(texts(of: batch) == ["1", "1.0", "0.50", "True", "1000"])
  }

  /// A hostile line costs no more than a long one: each of these takes minutes if the braces are tried one by one.
  @Test(arguments: ["{'a':", "{", "{'", "{\"{'", "{({", "{'a':{(", "{'a':f(", "{'a':<", "{'a':1,{", "{'\\'"])
  func hostileLines(piece: String) {
    let line = String(repeating: piece, count: (1 << 18) / piece.utf8.count) + "\n"
    let reading = Reading.of(line + "{'b': 1}\n", parser: pydict(lineBytesMax: 4 << 20))
    #expect(reading.records.last == "b=1.0")
  }
}
