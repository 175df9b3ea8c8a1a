import LogFormats
import Testing

@Suite struct YAMLFormatTests {
  private func read(
    _ text: String,
    isAtRest: Bool = false
  ) -> (content: DocumentContent, reading: Reading, texts: [String]) {
    var parser = YAMLFormat(fields: fields())
    var batch = RecordBatch()
    var reading = Reading()
    let content = Array(text.utf8).withUnsafeBytes { parser.parseDocument($0, isAtRest: isAtRest, into: &batch) }
    reading.add(batch, parser.fields)
    return (content, reading, texts(of: batch))
  }

  @Test(arguments: [
    ("hidden: 16\nlr: 0.05\nname: \"caf\\xE9, \\\"x\\\"\"\n", "hidden=16.0 lr=0.05 name='café, \"x\"'"),
    ("a: true\nb: False\nc: null\nd:\ne: ~\nf: no\ng: yes\n", "a=1.0 b=0.0 f='no' g='yes'"),
    (
      "a: 1e-05\nb: 1.0e-05\nc: 012\nd: 0x1F\ne: .inf\nf: -.inf\ng: .nan\nh: +.5\n",
      "a=1e-05 b=1e-05 c=12.0 d=31.0 e=inf f=-inf g=nan h=0.5"
    ),
    (
      "n:\n  acc: 0.5\n  d: {e: t}\nl: [1, [2], {x: 3}]\n",
      "n='' n.acc=0.5 n.d='' n.d.e='t' l='' l.0=1.0 l.1='' l.1.0=2.0 l.2='' l.2.x=3.0"
    ),
    ("# comment\n---\na: '7'\nb: \"true\"\nc: NA\nd: None\n...\n", "a=7.0 b='true'"),
    ("a: &x {b: 1}\nc: *x\n", "a='' a.b=1.0 c='' c.b=1.0"),
    ("a: |\n  two\n  lines\nb: >-\n  folded\n  text\n", "a='two\nlines' b='folded text'"),
    ("a: !!python/tuple [1, 2]\nb: !!python/name:torch.optim.Adam ''\nc: 3\n", "a='' a.0=1.0 a.1=2.0 c=3.0"),
    (
      "a: !!python/object/apply:pathlib.PosixPath\n- runs\n- x\nb: !!python/object:m.C {k: 1}\n",
      "a='' a.0='runs' a.1='x' b='' b.k=1.0"
    ),
    ("!!python/object:argparse.Namespace\nlr: 0.1\n? !!python/tuple [1]\n: 2\nz: 3\n", "lr=0.1 z=3.0"),
    ("1: one\ntrue: t\n", "1='one' true='t'"),
    ("{}\n", ""),
  ])
  func documents(text: String, record: String) {
    let (content, reading, _) = read(text)
    #expect(content == .record)
    #expect(reading.records == [record])
    #expect(reading.malformed == 0)
    #expect(
      read(text.replacing("\n", with: "\r\n")).reading.records.first?.filter { $0 != "\r\n" && $0 != "\n" }
        == record.filter { $0 != "\n" }
    )
  }

  @Test func textsStayAsWritten() {
    #expect(read("a: 1.0\nb: 0.50\nc: true\nd: 012\n").texts == ["1.0", "0.50", "true", "012"])
  }

  @Test func halfWrittenAndBrokenDocuments() {
    #expect(read("hidden: 1").content == .half, "perhaps 16")
    #expect(read("hidden: 1", isAtRest: true).reading.records == ["hidden=1.0"])
    for text in [
      "", "a: [1,\n", "a: 'x\n", "a: {b: 1\n", "a: b: c\n", "\ta: 1\n", "a: 1\n---\na: 2\n", "a: \0\n", "a: *x\n",
    ] {
      for isAtRest in [false, true] {
        let (content, reading, _) = read(text, isAtRest: isAtRest)
        #expect(content == .half, "\(text)")
        #expect(reading == Reading(), "\(text)")
      }
    }
    #expect(read(String(repeating: "[", count: 1000) + "\n").content == .half)
    #expect(read(String(repeating: "a: 1\n", count: 1 << 18)).content == .half, "over a megabyte")
  }

  @Test func whatIsNoMappingHasNoRecord() {
    for text in ["- 1\n- 2\n", "just text\n", "5\n"] {
      let (content, reading, _) = read(text)
      #expect(content == .nothing)
      #expect(reading == Reading())
    }
  }

  @Test func everyCutIsHalfOrADocument() throws {
    let bytes = try fixture("ultralytics-args.yaml")
    #expect(read(String(decoding: bytes, as: UTF8.self)).reading.records.count == 1)
    for cut in 0..<bytes.count where bytes[cut] != UInt8(ascii: "\n") {
      #expect(read(String(decoding: bytes[...cut], as: UTF8.self)).content == .half)
    }
  }
}
