import LogFormats

extension FuzzTarget {
  /// A document that is read twice: while it is being written, and then whole. Of its first line the first byte says
  /// how it is read, and the second how much of it is there at first. What is no document leaves no record.
  static let document = FuzzTarget("document") { bytes in
    let (head, rest) = bytes.parted(by: .newline)
    let document = Array(rest)
    guard let kind = head.first, let cut = head.dropFirst().first else { return }
    var parser = parsers[Int(kind) % parsers.count]()
    for part in [Array(document.prefix(document.count * Int(cut) / 256)), document] {
      for isAtRest in [false, true] {
        var batch = RecordBatch()
        let content = part.withUnsafeBytes { parser.parseDocument($0, isAtRest: isAtRest, into: &batch) }
        let isWhole = content == .record || content == .records
        precondition(isWhole || batch.values.isEmpty && batch.records.isEmpty, "no document leaves no record")
        precondition((batch.records.last?.valuesEnd ?? 0) == batch.values.count, "every value belongs to a record")
        precondition(batch.values.allSatisfy { $0.slot < parser.fields.names.count }, "every value has a field")
        let ends = batch.values.map { Int($0.textStart) + Int($0.textLength) }
        precondition(ends.allSatisfy { $0 <= batch.text.count }, "texts are there")
      }
    }
  }

  /// Each format of documents, with its options.
  private static let parsers: [@Sendable () -> any DocumentParser] = {
    let options: [[String: LogFormat.Option]] = [
      [:], ["records": .text(".")], ["records": .text("a.b")], ["orient": .text("columns")],
      ["orient": .text("columns"), "records": .text("a")],
    ]
    return LogFormats.all.flatMap { descriptor -> [@Sendable () -> any DocumentParser] in
      guard case .document(let document) = descriptor.content else { return [] }
      return options.prefix(descriptor.keys.isEmpty ? 1 : options.count).map { options in
        { document.parser(LogFormat(descriptor.name, options: options), .ofAllUses()) }
      }
    }
  }()
}
