import LogFormats
import PatternSyntax
import Testing

@Suite struct PairsFormatTests {
  @Test(arguments: [
    (
      "{key}:{value}", " ", "Step 1 | loss:1.44 lr:0.01 tokens_per_second_per_gpu:6400.0 ",
      "loss=1.44 lr=0.01 tokens_per_second_per_gpu=6400.0"
    ),
    ("{key}:{value}", " ", "loss: 0.5  lr :0.1\tacc : 0.9", "loss=0.5 lr=0.1 acc=0.9"),
    (
      "{key}: {value}", " ",
      "2026/11/23 22:02:43 - mmengine - INFO - Epoch(val) [1][2/8]  lr: 1.0000e-02  eta: 0:00:09  loss: 7.6",
      "lr=0.01 eta='0:00:09' loss=7.6"
    ),
    ("{key}: {value}", " ", "INFO: loss: 0.5, acc: 0.9; state: running", "loss=0.5 acc=0.9 state='running'"),
    ("{key}:{value}", " ", "INFO: train: loss:0.5", "train='loss:0.5'"),
    ("{key}: {value}", ", ", "Epoch 1: total loss: 0.5, acc: 0.9", "total loss=0.5 acc=0.9"),
    (
      "{key}={value}", ", ", "[rank0] loss=0.5, eta=0:00:12, url=http://a?b=c",
      "[rank0] loss=0.5 eta='0:00:12' url='http://a?b=c'"
    ),
    ("{key} = {value}", " ", "  train_runtime            = 0:00:00.27", "train_runtime='0:00:00.27'"),
    ("[{key}={value}]", " ", "x [a=1] [b = 2 3] y=3 [c=4", "a=1.0 b='2 3'"),
    ("| {key} | {value} |", " ", "|    ep_rew_mean      | 22.5     |", "ep_rew_mean=22.5"),
    ("{value} {key}", ", ", "12 epochs, 3.5 steps", "epochs=12.0 steps=3.5"),
    ("{key}:{value}", " ", "a:1 b:2 a:3", "b=2.0 a=3.0"),
    ("{key}:{value}", " ", "a:nan b:NA c:None d:inf", "a=nan d=inf"),
    ("{key}:{value}", " | ", "a b:1 | c:2", "a b=1.0 c=2.0"),
    ("{key}:{value}", ",", "a:1,b:2,,c:3", "a=1.0 b=2.0 c=3.0"),
    ("{key}={value}", " ", "10/1600 [00:12<20:34,  1.20s/it, avr_loss=0.123]", "avr_loss=0.123"),
    (
      "{key}={value}", " ", "a=[0.1] b=(1)), c=f(x)] d=] e=x[0]] f=None)",
      "a='[0.1]' a.0=0.1 b='(1)' c='f(x)' d=']' e='x[0]'"
    ),
  ])
  func lines(pattern: String, between: String, line: String, record: String) throws {
    let parser = try pairs(pattern, between: between)
    let reading = Reading.of("\(line)\n\r\n\u{1B}[1m\(line)\u{1B}[0m\r\(line)", parser: parser)
    #expect(reading.records == [record, record, record])
    #expect(reading.unmatched == 0)
    #expect(Set(reading.digests).count == 1)
  }

  @Test(arguments: ["Step 1", ":", ": 1", "a:", "a: ", ":::", "=", "- : - : -"])
  func linesWithoutAPair(line: String) throws {
    let reading = Reading.of(line + "\na:1\n", parser: try pairs("{key}: {value}"))
    #expect(reading.records.isEmpty || line == "- : - : -")
    let strict = Reading.of(line + "\na=1\n", parser: try pairs("{key}={value}"))
    #expect(strict.records == ["a=1.0"])
    #expect(strict.unmatched == 1)
  }

  @Test func torchtuneLog() throws {
    let reading = Reading.of(try fixture("torchtune.txt"), parser: try pairs("{key}:{value}"))
    #expect(reading.records.count == 9)
    #expect(reading.records[0].hasPrefix("loss=1.4488813877105713 lr=0.01 tokens_per_second_per_gpu=6400.0"))
    #expect(reading.unmatched == 0)
  }

  @Test func patternsThatAreNone() throws {
    for text in ["{key}", "{key}:{x}", "{key}:{value}:{_}", "x", "{key}:{value} {other}"] {
      #expect(PairPattern(try Pattern(parsing: text), between: " ") == nil, "\(text)")
    }
    #expect(PairPattern(try Pattern(parsing: "{key}:{value}"), between: "") == nil)
  }

  /// A hostile line costs no more than a long one.
  @Test(arguments: ["a:", ":", "a: ", " :", "a", ": ", "a:b", "a:b: ", "]", "a:]"], [" ", ", ", "|"])
  func hostileLines(piece: String, between: String) throws {
    let line = String(repeating: piece, count: (1 << 16) / piece.utf8.count) + "\n"
    for pattern in ["{key}:{value}", "{key}: {value}", "[{key}:{value}]"] {
      let parser = try pairs(pattern, between: between, lineBytesMax: 4 << 20, use: [])
      let reading = Reading.of(line + "[a: 1]\n", parser: parser)
      #expect(reading.records.count + reading.unmatched == 2)
    }
  }

  /// Line ends and escapes are not looked for line by line; wherever they stand, lines are what they are on their own.
  @Test func whatIsRareIsFoundWhereverItStands() throws {
    var random = SystemRandomNumberGenerator()
    var log = ""
    var expected: [String] = []
    for number in 0..<4_000 {
      let mark = Int.random(in: 0..<200, using: &random)
      let (before, behind) = [0: ("", "\r"), 1: ("\u{1B}[1m", "\n"), 2: ("xy\u{8}\u{8}", "\n")][mark] ?? ("", "\n")
      log += "\(before)a=\(number)\(behind)"
      expected.append("a=\(number).0")
    }
    #expect(Reading.of(Array(log.utf8), parser: try pairs("{key}={value}")).records == expected)
    let cuts = [1, 4_095, 4_096, 4_097, 9_000, 20_000]
    #expect(Reading.of(Array(log.utf8), cutAt: cuts, parser: try pairs("{key}={value}")).records == expected)
  }
}
