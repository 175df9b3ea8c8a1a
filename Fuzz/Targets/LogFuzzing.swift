import LogFormats
import PatternSyntax
import StateStore

extension FuzzTarget {
  /// A log. Of its first line the first byte says how it is read, and each further one where it is cut; the rest is what
  /// is read. What comes of it depends on no cut, nor on whether another parser goes on there.
  static let log = FuzzTarget("log") { bytes in
    let (head, rest) = bytes.parted(by: .newline)
    let log = Array(rest)
    guard let first = head.first else { return }
    let parser = parsers[Int(first) % parsers.count]()
    let cuts = head.dropFirst().prefix(16).map { log.count * Int($0) / 256 }.sorted()
    let whole = Records.of(log, parser: parser)
    precondition(Records.of(log, cutAt: cuts, parser: parser) == whole, "cuts make a difference")
    precondition(Records.of(log, cutAt: cuts, resumes: true, parser: parser) == whole, "going on makes a difference")
  }

  /// Each format of lines, with some of its options and short lines.
  private static let parsers: [@Sendable () -> any RecordParser] = {
    let lines = ["Step {step} | loss:{loss} eta {eta}", "{key} = {value}", "at {percent}%"].compactMap { line in
      (try? Pattern(parsing: line)).map { pattern in
        LogFormat.LineRule(
          line: pattern,
          set: [LogFormat.SetField(field: "kind", text: "x")],
          numericCaptures: ["loss", "eta", "percent"],
          durationCaptures: ["eta"]
        )
      }
    }
    // Its files are told by their paths.
    func mlflow(_ name: String) -> LogFormat {
      LogFormat("mlflow", options: ["path": .text("runs/" + String(repeating: "0a", count: 16) + "/" + name)])
    }
    func pairs(_ text: String, between: String) -> LogFormat {
      let pattern = (try? Pattern(parsing: text)).map { ["pairs": LogFormat.Option.pattern($0)] } ?? [:]
      return LogFormat("text", options: pattern.merging(["between": .text(between)]) { $1 })
    }
    let formats = [
      LogFormat("csv"), LogFormat("csv", options: ["separator": .text(";"), "comment": .text("#")]),
      LogFormat("csv", options: ["separator": .text("blanks")]),
      LogFormat("csv", options: ["columns": .fieldNames(["a", "b", "c"])]),
      LogFormat("jsonl"), LogFormat("pydict"), LogFormat("text", options: ["lines": .lines(lines)]),
      mlflow("metrics/a/b"), mlflow("tags/note"), mlflow("meta.yaml"),
      pairs("{key}:{value}", between: " "), pairs("[{key}={value}]", between: ","),
    ]
    let parsers = formats.flatMap { format in
      [false, true].flatMap { decimalCommas in
        LogFormats.all.compactMap { descriptor -> (@Sendable () -> any RecordParser)? in
          guard descriptor.name == format.name, case .lines(_, let parser) = descriptor.content else { return nil }
          let path = format.text("path") ?? ""
          return {
            let fields = FieldTable.ofAllUses(decimalCommas: decimalCommas)
            return parser(LogSite(format: format, path: path, lineBytesMax: 64, fields: fields))
          }
        }
      }
    }
    let names = LogFormats.all.filter { if case .lines = $0.content { true } else { false } }.map(\.name)
    precondition(Set(names) == Set(formats.map(\.name)), "each format of lines is here")
    precondition(parsers.count == 2 * formats.count, "each has a parser")
    return parsers
  }()
}

extension FieldTable {
  /// Every field is wanted, each in a way that its name decides about.
  static func ofAllUses(decimalCommas: Bool = false) -> FieldTable {
    let uses: [FieldUse] = [[.number, .text], .number, [.number, .duration], [.text, .words, .number], .text]
    return FieldTable(
      decimalCommas: decimalCommas,
      resolve: { name, _ in uses[name.utf8.count % uses.count] },
      forms: { name in name.utf8.count % uses.count == 3 ? [NumberForm(unit: "seconds")] : [] }
    )
  }
}

/// What a parser made of a log.
struct Records: Equatable {
  var texts: [String] = []
  var digests: [UInt64] = []
  var malformed = 0
  var unmatched = 0
  var foreign: ForeignContent?

  private mutating func add(_ batch: RecordBatch, _ fields: FieldTable) {
    var start = 0
    for record in batch.records {
      precondition(start <= record.valuesEnd && record.valuesEnd <= batch.values.count, "a record has values")
      let values = batch.values[start..<record.valuesEnd].map { value in
        let text = batch.text[Int(value.textStart)..<Int(value.textStart + value.textLength)]
        let shown = String(decoding: text, as: UTF8.self)
        return "\(fields.names[Int(value.slot)])=\(value.isNumber) \(value.number) \(value.restLength) \(shown)"
      }
      texts.append(values.joined(separator: "\n"))
      digests.append(record.digest)
      start = record.valuesEnd
    }
    precondition(start == batch.values.count, "every value belongs to a record")
    malformed += batch.malformed
    unmatched += batch.unmatched
    foreign = foreign ?? batch.foreign
  }

  /// Hands a parser the bytes up to each cut, and again what it left.
  static func of(
    _ bytes: [UInt8],
    cutAt cuts: [Int] = [],
    resumes: Bool = false,
    parser fresh: any RecordParser
  ) -> Records {
    var parser = fresh
    var records = Records()
    var batch = RecordBatch()
    var consumed = 0
    for (place, end) in (cuts + [bytes.count]).enumerated() {
      let isClosed = place == cuts.count
      while consumed < end {
        batch.removeAll()
        // An allocation of its own, so that the address sanitizer sees a look beyond.
        let part = Array(bytes[consumed..<end])
        let count = part.withUnsafeBytes { parser.parse($0, isClosed: isClosed, into: &batch) }
        precondition((0...part.count).contains(count), "it takes of what is there")
        precondition(count > 0 || !isClosed, "what is closed is taken")
        if count == 0 { break }
        records.add(batch, parser.fields)
        consumed += count
      }
      if resumes {
        var place = StateEncoder()
        parser.encode(into: &place)
        parser = fresh
        var decoder = StateDecoder(place.bytes)
        guard (try? parser.resume(from: &decoder)) != nil else { preconditionFailure("a parser goes on") }
      }
    }
    return records
  }
}
