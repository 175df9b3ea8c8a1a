import Foundation
import Testing

@testable import LogFormats

/// Logs that real tools wrote (Tests/LogMakers/samples) hold what the tools' own readers find in them, value by value.
@Suite struct SampleTests {
  /// A value with its step and its time, where it has them.
  struct Point: Hashable, CustomStringConvertible {
    var step: Double?
    /// With all digits of a number.
    var value: String
    var time: Double?
    var description: String { "\(step.map { "\($0)" } ?? "-"):\(value)" }
  }

  typealias Values = [String: [Point]]

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "LogMakers/samples")

  private static func names(_ tool: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: tool).path)
      .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// A value that a reader found; nil: it is an array, an object, or null.
  private struct Scalar: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Double.self) {
        // The decoder takes the sign of a zero for nothing.
        text = "\(number == 0 ? 0 : number)"
      } else if let isTrue = try? value.decode(Bool.self) {
        text = isTrue ? "1.0" : "0.0"
      } else if let written = try? value.decode(String.self) {
        // A text that is a number is one here, and `None` is nothing.
        let known = ["NaN": "nan", "Infinity": "inf", "-Infinity": "-inf", "-0.0": "0.0"]
        text = known[written] ?? Double(written).map { "\($0)" } ?? (written == "None" ? nil : written)
      }
    }

    var number: Double? { text.flatMap(Double.init) }
  }

  private struct ByHand: Decodable {
    var scalars: [String: [[Scalar]]]
    var malformed: Int
  }

  private static func json<Content: Decodable>(_ path: String) throws -> Content {
    try JSONDecoder().decode(Content.self, from: try Data(contentsOf: folder.appending(path: path + ".json")))
  }

  /// What a reader found: by names, lists of step, value and time. Of arrays and objects nothing is left.
  private static func values(_ json: [String: [[Scalar]]]?) -> Values {
    (json ?? [:]).mapValues { points in
      points.compactMap { point in
        point[1].text.map { Point(step: point[0].number, value: $0, time: point[2].number) }
      }
    }
  }

  /// All files of a log in a folder, by their paths in it.
  private static func files(_ path: String) throws -> [(name: String, bytes: [UInt8])] {
    let root = folder.appending(path: path)
    let names = try #require(FileManager.default.enumerator(atPath: root.path)).compactMap { $0 as? String }.sorted()
    return names.compactMap { name in
      var isFolder: ObjCBool = false
      let file = root.appending(path: name)
      guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
        return nil
      }
      return (try? Data(contentsOf: file)).map { (name, Array($0)) }
    }
  }

  private struct Found {
    var values: Values = [:]
    var malformed = 0

    /// What a parser makes of a file.
    init(
      _ bytes: [UInt8],
      _ format: FormatDescriptor,
      path: String,
      step: String,
      time: String,
      isClosed: Bool = true
    ) {
      let parser: (LogSite) -> any RecordParser
      switch format.content {
      case .lines(_, let make), .frames(let make): parser = make
      case .document, .events: return
      }
      var records = parser(
        LogSite(format: LogFormat(format.name), path: path, lineBytesMax: 1 << 20, fields: fields())
      )
      var consumed = 0
      var batch = RecordBatch()
      while consumed < bytes.count {
        batch.removeAll()
        let count = bytes[consumed...].withUnsafeBytes { records.parse($0, isClosed: isClosed, into: &batch) }
        if count == 0 { break }
        consumed += count
        malformed += batch.malformed
        var start = 0
        for record in batch.records {
          take(batch.values[start..<record.valuesEnd], batch.text, records.fields.names, step, time)
          start = record.valuesEnd
        }
      }
    }

    private mutating func take(
      _ fields: ArraySlice<RecordBatch.Value>,
      _ text: [UInt8],
      _ names: [String],
      _ step: String,
      _ time: String
    ) {
      func number(_ name: String) -> Double? { fields.first { names[Int($0.slot)] == name }?.number }
      let (step, time) = (number(step), number(time))
      for field in fields where !field.isContainer {
        let written = text[Int(field.textStart)..<Int(field.textStart + field.textLength)]
        let number = "\(field.number == 0 ? 0 : field.number)"
        let value = field.isNumber ? number : String(decoding: written, as: UTF8.self)
        if value.isEmpty { continue }
        values[names[Int(field.slot)], default: []].append(Point(step: step, value: value, time: time))
      }
    }
  }

  @Test func eventFiles() throws {
    let names = try Self.names("tensorboard")
    #expect(names.count == 5)
    for name in names {
      let judged: [String: [String: [[Scalar]]]] = try Self.json("tensorboard/" + name)
      let files = try Self.files("tensorboard/" + name)
      #expect(Set(files.map(\.name)).isSuperset(of: judged.keys))
      for file in files {
        var found = Found(file.bytes, .tensorboard, path: "", step: "step", time: "wall_time")
        found.values = found.values.filter { !["step", "wall_time"].contains($0.key) && !$0.key.hasPrefix("hparams.") }
        #expect(found.values == Self.values(judged[file.name]), "\(name)/\(file.name)")
        #expect(found.malformed == 0, "\(name)/\(file.name)")
      }
    }
  }

  /// Event files that were written byte by byte, with what was put into them.
  @Test func eventFilesByHand() throws {
    let names = try Self.names("by-hand")
    #expect(names.count > 10)
    for name in names {
      let truth: ByHand = try Self.json("by-hand/" + name)
      var values: Values = [:]
      var malformed = 0
      for file in try Self.files("by-hand/" + name) {
        let found = Found(file.bytes, .tensorboard, path: "", step: "step", time: "wall_time", isClosed: false)
        values.merge(found.values) { $0 + $1 }
        malformed += found.malformed
      }
      values = values.filter { !["step", "wall_time"].contains($0.key) && !$0.key.hasPrefix("hparams.") }
      let expected = Self.values(truth.scalars)
      for (tag, points) in expected where values[tag] != points { Issue.record("\(name): \(tag)") }
      #expect(Set(values.keys) == Set(expected.keys), "\(name)")
      #expect(malformed == truth.malformed, "\(name)")
    }
  }

  @Test func filesOfWeightsAndBiases() throws {
    let names = try Self.names("wandb")
    #expect(names.count >= 7)
    for name in names {
      let judged: [String: [String: [[Scalar]]]] = try Self.json("wandb/" + name)
      for file in try Self.files("wandb/" + name) {
        let found = Found(file.bytes, .wandb, path: "", step: "_step", time: "_timestamp")
        #expect(found.malformed == 0, "\(name)")
        let expected = Self.values(judged[file.name])
        for (key, points) in expected where !points.isEmpty && !key.hasPrefix("summary._wandb") {
          let values = found.values[key] ?? []
          switch key.prefix(while: { $0 != "." }) {
          case "summary", "config", "run":
            // Their reader keeps the last.
            #expect(values.last?.value == points.last?.value, "\(name): \(key)")
          case "system", "exit": #expect(values.map(\.value) == points.map(\.value), "\(name): \(key)")
          default: #expect(values.filter { $0.step != nil } == points, "\(name): \(key)")
          }
        }
      }
    }
  }

  @Test func filesOfMLflow() throws {
    let judged: [String: [String: [[Scalar]]]] = try Self.json("mlflow/mlruns")
    var runs: [String: Values] = [:]
    for file in try Self.files("mlflow/mlruns") {
      let names = file.name.split(separator: "/").map(String.init)
      guard names.count > 2 else { continue }
      let found = Found(file.bytes, .mlflow, path: "/mlruns/" + file.name, step: "step", time: "timestamp")
      #expect(found.malformed == 0, "\(file.name)")
      runs[names[0] + "/" + names[1], default: [:]].merge(found.values) { $0 + $1 }
    }
    #expect(Set(runs.keys) == Set(judged.keys))
    for (run, values) in judged {
      // A metric called `step` is hidden by the step of its lines.
      for (key, points) in Self.values(values) where points.first?.value.isEmpty == false && key != "step" {
        let found = runs[run]?[key]
        if key.hasPrefix("params.") || key.hasPrefix("tags.") || key == "status" {
          let expected = points.map(\.value)
          #expect(found?.map(\.value) == expected, "\(run) \(key)")
        } else {
          #expect(found == points, "\(run) \(key)")
        }
      }
    }
  }
}
