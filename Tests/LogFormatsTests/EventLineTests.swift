import LogFormats
import Testing

/// Lines of events files: what is taken of one, and that none is ever more than malformed.
@Suite struct EventLineTests {
  private static let lines = [
    #"{"events":1,"process":"node7-4242","host":"node7","pid":4242,"started":1764400000.125}"#,
    #"{"n":1,"metric":"a_total","labels":{"status":"success","k\u00e4":"x\"y"},"value":17}"#,
    #"{"n":2,"metric":"loss","value":-3.5e-7,"at":1764400001.5,"more":[1,{"a":[]},"x",null,true]}"#,
    #"{"n":3,"metric":"h","labels":{},"count":3,"sum":"+Inf","buckets":{"0.1":1,"0.5":2,"+Inf":3}}"#,
    #"{"n":4,"metric":"h","count":3,"sum":1,"schema":-2,"zero":1,"positive":{"-7":1},"negative":{"2":1}}"#,
    #"{"n":4,"rejected":"label_value","metric":"a_total","label":"status","value":3}"#,
    #"{"n":5,"metric":"app_info","info":{"version":"1.0.0"},"state":"running"}"#, #"{"n":8,"end":1764400099.0}"#,
  ]

  /// What the reader makes of bytes: the number of lines, and how many of them were none.
  private static func read(_ bytes: [UInt8]) -> (whole: Int, malformed: Int, consumed: Int) {
    var lines = EventLines()
    var (whole, malformed) = (0, 0)
    let consumed = bytes.withUnsafeBytes { bytes in
      lines.read(bytes) { line in
        guard let line = copy line else {
          malformed += 1
          return
        }
        whole += 1
        // All that is in a piece can be taken out of it.
        _ = EventLine.texts(line.labels)
        _ = EventLine.texts(line.info)
        _ = [line.metric, line.process, line.state, line.rejected, line.label].map { $0.flatMap(EventLine.text) }
        for buckets in [line.buckets, line.positive, line.negative].compactMap(\.self) {
          _ = EventLine.numbers(buckets) { _, _ in }
        }
      }
    }
    return (whole, malformed, consumed)
  }

  @Test func aLineWithoutItsEndIsNone() {
    for line in Self.lines {
      let bytes = Array(line.utf8)
      #expect(Self.read(bytes + [10]) == (1, 0, bytes.count + 1))
      #expect(Self.read(bytes) == (0, 0, 0))
      for count in 1..<bytes.count { #expect(Self.read(bytes[..<count] + [10]) == (0, 1, count + 1)) }
    }
  }

  @Test func anyBytesAreReadToTheirLastLine() {
    var random = SystemRandomNumberGenerator()
    let interesting = Array("{}[]\",:\\0123456789-+.eEnINu\n\r\t \0".utf8)
    for _ in 0..<20_000 {
      var bytes = Array(Self.lines.joined(separator: "\n").utf8) + [10]
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: place)
        default: bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
      }
      let read = Self.read(bytes)
      #expect(read.consumed == (bytes.lastIndex(of: 10) ?? -1) + 1 || bytes.contains(0), "\(bytes)")
    }
  }
}
