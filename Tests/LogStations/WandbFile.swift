/// Writes `.wandb` files by the published forms of LevelDB's log and Protocol Buffers, without anything of the parser:
/// checks are worked out bit by bit.
package enum WandbFile {
  private static let blockBytes = 32 << 10
  private static let chunkHeadBytes = 7

  /// A whole file with these records.
  package static func file(_ records: [[UInt8]]) -> [UInt8] {
    var file: [UInt8] = Array(":W&B".utf8) + [0xE1, 0xBE, 0]
    for record in records { append(record, to: &file) }
    return file
  }

  /// Appends a record: in one chunk, or in several where a block ends.
  package static func append(_ record: [UInt8], to file: inout [UInt8]) {
    var rest = record[...]
    var isFirst = true
    repeat {
      let left = blockBytes - file.count % blockBytes
      if left < chunkHeadBytes {
        file += Array(repeating: 0, count: left)
        continue
      }
      let part = rest.prefix(left - chunkHeadBytes)
      rest = rest.dropFirst(part.count)
      let kind: UInt8 = isFirst ? rest.isEmpty ? 1 : 2 : rest.isEmpty ? 4 : 3
      let check = EventFile.check([kind] + part, reversedPolynomial: 0xEDB8_8320)
      file += EventFile.littleEndian(check) + EventFile.littleEndian(UInt16(part.count)) + [kind] + part
      isFirst = false
    } while !rest.isEmpty || isFirst
  }

  /// A row of the history, with its values as JSON.
  package static func history(_ values: [(key: [String], json: String)], number: UInt64 = 1) -> [UInt8] {
    EventFile.varint(1, number) + EventFile.bytes(2, values.flatMap { EventFile.bytes(1, item($0.key, $0.json)) })
  }

  package static func summary(_ values: [(key: [String], json: String)]) -> [UInt8] {
    EventFile.bytes(3, values.flatMap { EventFile.bytes(1, item($0.key, $0.json)) })
  }

  package static func configuration(_ values: [(key: [String], json: String)]) -> [UInt8] {
    EventFile.bytes(5, values.flatMap { EventFile.bytes(1, item($0.key, $0.json)) })
  }

  /// Readings of the machine.
  package static func readings(_ values: [(key: String, json: String)], seconds: UInt64) -> [UInt8] {
    let items = values.flatMap { EventFile.bytes(3, item([$0.key], $0.json)) }
    return EventFile.bytes(7, EventFile.bytes(2, EventFile.varint(1, seconds)) + items)
  }

  /// What is said of the run at its beginning.
  package static func run(id: String, project: String, name: String, _ fields: [UInt8] = []) -> [UInt8] {
    EventFile.bytes(17, EventFile.text(1, id) + EventFile.text(3, project) + EventFile.text(8, name) + fields)
  }

  package static func exit(code: UInt64, runtime: UInt64) -> [UInt8] {
    EventFile.bytes(18, (code == 0 ? [] : EventFile.varint(1, code)) + EventFile.varint(2, runtime))
  }

  private static func item(_ key: [String], _ json: String) -> [UInt8] {
    (key.count == 1 ? EventFile.text(1, key[0]) : key.flatMap { EventFile.text(2, $0) }) + EventFile.text(16, json)
  }
}
