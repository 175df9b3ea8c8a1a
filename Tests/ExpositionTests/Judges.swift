import Foundation
import Testing

/// Other people's parsers, behind `Judge/judge.py`. Holds expositions to a truth; never renders one.
///
/// They want Python with `prometheus_client`, whose path `make test` hands over as `JUDGE_PYTHON`.
enum Judges {
  static let environment = ProcessInfo.processInfo.environment
  static let python = environment["JUDGE_PYTHON"]
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Judge")

  /// An exposition and what it has to say, as the script takes them.
  static func frame(_ name: String, _ format: String, _ bytes: [UInt8], _ truth: [Truth]) throws -> Data {
    struct Head: Encodable {
      var name: String
      var format: String
      var bytes: Int
      var families: [Truth]
    }
    var frame = try JSONEncoder().encode(Head(name: name, format: format, bytes: bytes.count, families: truth))
    frame.append(UInt8(ascii: "\n"))
    frame.append(contentsOf: bytes)
    return frame
  }

  static func judge(_ frames: Data) throws -> (status: Int32, output: String) {
    let file = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID().uuidString)")
    try frames.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first { FileManager.default.fileExists(atPath: $0) }
    return try run("judge.py", [file.path] + (promtool.map { [$0] } ?? []))
  }

  static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(python))
    process.arguments = [folder.appending(path: script).path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

/// What a family has to say, in the text format's terms.
struct Truth: Encodable {
  struct Exemplar: Encodable {
    var labels: [[String]]
    /// The bits, as all numbers here.
    var value: String
    /// Nanoseconds since 1970.
    var time: Int64

    init(_ labels: [[String]], _ value: Double, _ time: Int64) {
      (self.labels, self.value, self.time) = (labels, Truth.bits(value), time)
    }
  }

  /// What was observed by a histogram with native buckets: the judge counts the buckets itself.
  struct Native: Encodable {
    var factor: String
    var maxBuckets: Int
    var observed: [String]
    var exemplars: [Exemplar]
  }

  struct Sample: Encodable {
    /// What not every format has.
    struct More: Encodable {
      var exemplar: Exemplar?
      /// Nanoseconds since 1970, in place of the value.
      var created: Int64?
      var native: Native?
      /// The bucket of a histogram that has only native ones beside it.
      var isTextOnly: Bool?
    }

    var name: String
    var labels: [[String]]
    var value: Double
    var more: More?

    init(_ name: String, _ labels: [[String]], _ value: Double, _ more: More? = nil) {
      (self.name, self.labels, self.value, self.more) = (name, labels, value, more)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(name)
      try container.encode(labels)
      try container.encode(Truth.bits(value))
      if let more { try container.encode(more) }
    }
  }

  var name: String
  var type: String
  var help: String
  var unit = ""
  /// Whether a bound is negative.
  var negative = false
  /// Whether OpenMetrics has lines about when series began.
  var showsCreated = false
  var samples: [Sample]

  static func bits(_ value: Double) -> String {
    let digits = String(value.bitPattern, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
