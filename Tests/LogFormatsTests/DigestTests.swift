import LogFormats
import Testing

/// A record's digest outlives the process: by it a log that is read again is known to be the one that it was. So these
/// never change, whatever becomes of the parsers.
@Suite struct DigestTests {
  private static let missing = ["NA", "None", "null", "", "nan", "-"]

  private static func hexadecimal(_ digests: [UInt64]) -> [String] { digests.map { String($0, radix: 16) } }

  @Test func separatedValues() {
    let rows =
      "a,b,c\n1,2.50,x\n 3 ,  NA,\"y, z\"\n1e5,,a long text of more than sixteen bytes\n"
      + Self.missing.map { "7,\($0),\"\($0)\"\n" }.joined()
    for use in [[.number, .text], [.number, .duration], []] as [FieldUse] {
      #expect(
        Self.hexadecimal(Reading.of(rows, parser: csv(use: use)).digests) == [
          "7e0b17aed5d99df1", "50b1d1d459459302", "72b2c7fc3512015", "4db85ba03ce65207", "4db85ba03ce65207",
          "4db85ba03ce65207", "4db85ba03ce65207", "f59cd990e25e03ee", "852bf9a923371cb6",
        ]
      )
    }
  }

  @Test func jsonObjects() {
    let lines =
      #"{"a":1,"b":{"c":"x","d":[1,true]},"e":"NA"}"# + "\n"
      + #"{"a":" 2 ","b":"t\u00e9xt \"q\"","n":"\u004eA","e":"\u0020","z":null}"# + "\n"
      + #"{"a":1,"a":2,"b":"1:02:03","long":"a long text of more than sixteen bytes"}"# + "\n"
    for use in [[.number, .text], [.number, .duration], []] as [FieldUse] {
      #expect(
        Self.hexadecimal(Reading.of(lines, parser: jsonl(use: use)).digests) == [
          "59cc6ea84d5e396e", "674308e979cb1f2d", "42a242232cc30941",
        ]
      )
    }
  }

  @Test func consoleLines() throws {
    let dicts = "{'a': 1, 'b': 'x', 'n': None, 'e': 'NA'} 50%\n{'a': nan, 'b': 'it\\'s'}\n"
    #expect(
      Self.hexadecimal(Reading.of(dicts, parser: pydict()).digests) == ["b0e434e105b84856", "1e447081c5c239bf"]
    )
    let lines = "loss: 0.5 on cuda\nloss: 1e-3 on NA\n"
    let parser = try text([("loss: {loss} on {device}", ["loss"])])
    #expect(Self.hexadecimal(Reading.of(lines, parser: parser).digests) == ["b3152edda18343f1", "4930bd20b419f5e8"])
    let pairs = try pairs("{key}={value}")
    #expect(
      Self.hexadecimal(Reading.of("a=1 b=x c=NA\nb=x a=1\n", parser: pairs).digests) == [
        "b0e434e105b84856", "b0e434e105b84856",
      ]
    )
    // A bracket that is no part of the value is one of the record.
    let brackets = Reading.of("a=0.5] b=None)\n", parser: pairs).digests
    #expect(brackets == Reading.of("a;b\n0.5];None)\n", parser: csv()).digests)
  }
}
