import Diagnostics
import Explaining
import Ingest

/// An explanation as JSON. docs/explain.md has its members.
enum ExplanationJSON {
  static func text(_ explanation: Explanation) -> String {
    let value: JSON = [
      "watchers": .array(explanation.watchers.map(watcher)),
      "strays": .array(
        explanation.strays.map { stray in
          ["path": .string(stray.path), "message": .string(stray.message), "help": text(stray.help)]
        }
      ),
      "troubles": .array(explanation.troubles.map(JSON.string)),
      "metrics_without_feed": .array(explanation.metricsWithoutFeed.map(JSON.string)),
    ]
    return value.line + "\n"
  }

  private static func watcher(_ part: Explanation.WatcherPart) -> JSON {
    [
      "name": .string(part.name), "format": .string(part.format),
      "files": .array(part.patterns.map(JSON.string)),
      "logs": .array(part.logs.map(log)),
      "findings": .array(part.findings.map(finding)),
      "unfed": .array(part.unfed.map { ["field": text($0.field), "metric": .string($0.metric)] }),
    ]
  }

  private static func finding(_ finding: Finding) -> JSON {
    [
      "kind": .string(finding.kind.rawValue), "file": text(finding.file), "field": text(finding.field),
      "metric": text(finding.metric), "pattern": text(finding.pattern),
      "message": .string(finding.message), "help": text(finding.help),
    ]
  }

  private static func log(_ log: Explanation.Log) -> JSON {
    [
      "path": .string(log.path),
      "captures": .object(log.captures.map { JSON.Member($0.name, .string($0.value)) }),
      "bytes": .integer(log.bytes), "whole": .boolean(log.isWhole), "records": .integer(log.records),
      "fields": .array(log.fields.map(JSON.string)),
      "failure": text(log.failure), "as_if_catalog_in": text(log.root),
      "shown": .array(log.pieces.map(piece)),
    ]
  }

  private static func piece(_ piece: Explanation.Piece) -> JSON {
    [
      "line": piece.line > 0 ? .integer(piece.line) : .null,
      "byte": piece.offset.map { .integer($0) } ?? .null, "text": .string(piece.text),
      "no_record": text(piece.badLine?.reason.text),
      "nearest": piece.nearest.map { ["pattern": .string($0.pattern), "missing": text($0.missing)] } ?? .null,
      "records": .array(piece.records.map(record)),
    ]
  }

  private static func record(_ record: RecordExplanation) -> JSON {
    [
      "filtered": record.filtered.map { ["field": .string($0.field), "text": text($0.text)] } ?? .null,
      "fields": .array(
        record.fields.map { field in
          ["name": .string(field.name), "text": .string(field.text), "uses": .array(field.uses.map(use))]
        }
      ),
      "each_record": .array(record.eachRecord.map(use)),
    ]
  }

  private static func use(_ use: RecordExplanation.Use) -> JSON {
    var members: [JSON.Member] = [
      JSON.Member("metric", .string(use.metric)),
      JSON.Member("type", .string(use.type.rawValue)),
      JSON.Member("labels", .object(use.labels.map { JSON.Member($0.name, .string($0.value)) })),
    ]
    switch use.outcome {
    case .number(let number):
      members.append(JSON.Member("value", number.isFinite ? .number(number) : .string("\(number)")))
    case .state(let state): members.append(JSON.Member("state", .string(state)))
    case .info: members.append(JSON.Member("value", .number(1)))
    case .firstTotal: members.append(JSON.Member("nothing", .string("first_total")))
    case .notHigher: members.append(JSON.Member("nothing", .string("not_higher")))
    case .notANumber: members.append(JSON.Member("nothing", .string("not_a_number")))
    case .refused(let label, let reason):
      members.append(JSON.Member("nothing", .string(reason)))
      members.append(JSON.Member("label", .string(label)))
    }
    return .object(members)
  }

  private static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
}
