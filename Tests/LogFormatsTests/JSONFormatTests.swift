import LogFormats
import Testing

@Suite struct JSONFormatTests {
  @Test(arguments: [
    (#"{"a": 1, "b": -2.5e-3}"#, "a=1.0 b=-0.0025"),
    (#"{"a":NaN,"b":Infinity,"c":-Infinity}"#, "a=nan b=inf c=-inf"),
    (#"{"a":true,"b":false,"c":null,"d":"NA","e":""}"#, "a=1.0 b=0.0"),
    (#"{"a":" 1e3 ","b":"x\n\u00e9\ud83d\ude00\ud800!","c":"nan"}"#, "a=1000.0 b='x\né😀\u{FFFD}!' c=nan"),
    (
      #"{"n":{"acc":0.5,"d":{"e":"t"}},"l":[1,[2],{"x":3}]}"#,
      "n='' n.acc=0.5 n.d='' n.d.e='t' l='' l.0=1.0 l.1='' l.1.0=2.0 l.2='' l.2.x=3.0"
    ),
    (#"{"a":1,"b":2,"a":3}"#, "b=2.0 a=3.0"),
    (#"{"a":1,"a":null}"#, ""),
    (#"{"a\"b":1,"":2,"__proto__":{},"\u0061":4}"#, "a\"b=1.0 =2.0 __proto__='' a=4.0"),
    (#"{"a":12345678901234567890123,"b":1e999,"c":1e-400,"d":-0}"#, "a=1.2345678901234568e+22 b=inf c=0.0 d=-0.0"),
    ("{}", ""),
  ])
  func objects(line: String, record: String) {
    // Twice, with the keys foreseen the second time.
    let reading = Reading.of("\(line)\n\n  \(line)  \r\n", parser: jsonl())
    #expect(reading.records == [record, record])
    #expect(reading.malformed == 0)
    #expect(Set(reading.digests).count == 1)
  }

  @Test(arguments: [
    "{\"a\":1{\"a\":2}", "{\"a\":1", "{\"a\":}", "{\"a\" 1}", "{a:1}", "{\"a\":1}}", "{\"a\":1} x", "{\"a\":1,}", "[1]",
    "5",
    "{\"a\":tru}", "{\"a\":1.2.3}", "{\"a\":-}", "{\"a\":nan}", "{\"a\":+1}", "{\"a\":0x1}", "{\"a\":\"x}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\q\"}", "{\"a\\", "{\"a\":\"\\", "\"", "{\"a\":\"\0\"}", "\u{FFFE}{", "{\"a\":[1,]}", "{\"a\":[1",
    "{\"a\":.5}",
    "{\"a\":" + String(repeating: "[", count: 1000), String(repeating: "{\"a\":", count: 1000),
  ])
  func brokenLinesLeaveTheNextAlone(line: String) {
    let reading = Reading.of("\(line)\n{\"b\":1}\n", parser: jsonl(lineBytesMax: 1 << 20))
    #expect(reading.records == ["b=1.0"])
    #expect(reading.malformed == 1)
  }

  @Test func numbersAsLabels() {
    let line = #"{"a":1.0,"b":1e3,"c":0.50,"d":-7,"e":9007199254740993,"f":-0.0,"g":true,"h":"1.0","i":1e20,"j":NaN}"#
    var batch = RecordBatch()
    var parser = jsonl()
    _ = Array(line.utf8).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
    let texts = batch.values.map { value in
      String(decoding: batch.text[Int(value.textStart)..<Int(value.textStart + value.textLength)], as: UTF8.self)
    }
    #expect(
      texts == ["1", "1000", "0.50", "-7", "9007199254740993", "0", "true", "1.0", "100000000000000000000", "NaN"]
    )
  }

  @Test func bounds() {
    let wide = "{" + (0..<50_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}\n"
    var parser = jsonl(lineBytesMax: 8 << 20)
    var batch = RecordBatch()
    _ = Array(wide.utf8).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
    #expect(batch.records.count == 1)
    #expect(batch.values.count == 10_000)
    for line in 0..<30_000 {
      batch.removeAll()
      _ = Array("{\"x\(line)\":1}\n".utf8).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
    }
    #expect(parser.fields.names.count == FieldTable.fieldsMax)
    // A record's digest is that of its content, also where the table of fields has no room left for it.
    let line = #"{"new":{"\u0061":[1,"x"]}}"# + "\n"
    batch.removeAll()
    _ = Array(line.utf8).withUnsafeBytes { parser.parse($0, isClosed: true, into: &batch) }
    #expect(batch.records.map(\.digest) == Reading.of(line, parser: jsonl()).digests)
    let longKey = "{\"" + String(repeating: "k", count: 1 << 20) + "\":1,\"b\":2}\n"
    #expect(Reading.of(longKey, parser: jsonl(lineBytesMax: 4 << 20)).records == ["b=2.0"])
  }

  @Test func digestsKnowContentAlone() {
    func digest(_ line: String, _ use: FieldUse = [.number]) -> UInt64? {
      Reading.of(line, parser: jsonl(use: use)).digests.first
    }
    let plain = digest(#"{"a":1,"b":{"c":"x"}}"#)
    #expect(plain != nil)
    #expect(digest(#"{ "b" : {"c" : "x", "d":null}, "a" : 1, "e": [] }"#) == plain)
    #expect(digest(#"{"a":1,"b":{"c":"x"}}"#, []) == plain)
    for other in [#"{"a":2,"b":{"c":"x"}}"#, #"{"a":1,"b":{"d":"x"}}"#, #"{"a":1,"c":"x"}"#, #"{"a":1}"#] {
      #expect(digest(other) != plain)
    }
  }

  @Test func documents() throws {
    func read(_ text: String, records: String?, inColumns: Bool = false) -> (content: DocumentContent, Reading) {
      var parser = JSONFormat(records: records, inColumns: inColumns, fields: fields())
      var batch = RecordBatch()
      var reading = Reading()
      let content = Array(text.utf8).withUnsafeBytes { parser.parseDocument($0, isAtRest: true, into: &batch) }
      reading.add(batch, parser.fields)
      return (content, reading)
    }
    let text = #"{"x": [1, {"a": 2}], "log": {"history": [ {"a": 1}, 5, {"a": 2} ], "z": null}}"#
    let (content, reading) = read("\u{FEFF}" + text + "\n", records: "log.history")
    #expect(content == .records)
    #expect(reading.records == ["a=1.0", "a=2.0"])
    #expect(reading.malformed == 1)
    #expect(read(text, records: nil).1.records.count == 1)
    #expect(read(text, records: nil).0 == .record)
    for records in [".", nil] { #expect(read("[{\"a\":1}]", records: records).1.records == ["a=1.0"]) }
    for records in ["nothing", "log", "log.history.a", "."] {
      #expect(read(text, records: records) == (.nothing, Reading()))
    }
    #expect(read(#"{"h":[{"a":1}],"h":[{"a":2}]}"#, records: "h").1.records == ["a=2.0"])

    let columns =
      #"{"best": 2, "loss": [3, 2, null], "in": {"auc": [0.5, 0.7], "\u0061\\": []}, "lr": [[1, 2], {"x": "y"}]}"#
    let rows = ["loss=3.0 in.auc=0.5 lr='' lr.0=1.0 lr.1=2.0", "loss=2.0 in.auc=0.7 lr='' lr.x='y'", ""]
    for (text, records) in [(columns, nil), (columns, "."), (#"{"a": {"b": \#(columns)}}"#, "a.b")] {
      let (content, reading) = read(text, records: records, inColumns: true)
      #expect(content == .records)
      #expect(reading.records == rows)
      for count in 0..<text.count {
        #expect(read(String(text.prefix(count)), records: records, inColumns: true) == (.half, Reading()))
      }
    }
    #expect(read(#"{"a": 1, "b": {}}"#, records: nil, inColumns: true) == (.nothing, Reading()))
    #expect(read("[1]", records: nil, inColumns: true) == (.nothing, Reading()))
    for count in 0..<text.count {
      for records in ["log.history", nil] {
        #expect(read(String(text.prefix(count)), records: records) == (.half, Reading()))
      }
    }
    for broken in [text + "}", text + text, String(repeating: "[", count: 100_000)] {
      #expect(read(broken, records: "log.history").content == .half)
    }

    let state = read(String(decoding: try fixture("transformers-state.json"), as: UTF8.self), records: "log_history")
    #expect(state.content == .records)
    #expect(
      state.1.records.first == "epoch=0.25 grad_norm=0.6338050961494446 learning_rate=0.0009583333333333334 "
        + "loss=3.8963258266448975 step=2.0"
    )
  }
}
