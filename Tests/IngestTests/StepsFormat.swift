import StateStore

@testable import LogFormats

extension FormatDescriptor {
  static let steps = FormatDescriptor(
    name: "steps",
    help: "Lines such as `loss=0.5`; `@eval` says which phase the lines behind it are of",
    keys: [
      Key(
        name: "steps_assign",
        form: .text { $0.utf8.count == 1 ? nil : Mistake("it is one character, such as `=`") },
        byDefault: .text("="),
        help: "what stands between a name and its value"
      )
    ],
    content: .lines(sayWhenWhole: false) { site in
      let (format, lineBytesMax, fields) = (site.format, site.lineBytesMax, site.fields)
      let assign = format.text("steps_assign")?.utf8.first ?? UInt8(ascii: "=")
      return TextOnly(StepsFormat(assign: assign, lineBytesMax: lineBytesMax, fields: fields))
    }
  )
}

/// A toy: lines of one field, with a phase that goes on from line to line, and so is in the checkpoint.
struct StepsFormat: LineFormat {
  var lines: LineCutter
  private let assign: UInt8
  private var record: RecordBuilder
  private var phase = "train"

  init(assign: UInt8, lineBytesMax: Int, fields: FieldTable) {
    self.assign = assign
    lines = LineCutter(lineBytesMax: lineBytesMax)
    record = RecordBuilder(fields: fields)
  }

  var fields: FieldTable { record.fields }
  var learnedCount: Int { record.learnedCount }

  mutating func share(withSame other: StepsFormat) -> Bool { record.share(with: other.record) }

  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    if start < end, start.pointee == UInt8(ascii: "@") {
      phase = String(decoding: UnsafeBufferPointer(start: start + 1, count: end - start - 1), as: UTF8.self)
    } else if let middle = ByteScan.first(assign, from: start, to: end) {
      record.begin(in: batch)
      take(UnsafeBufferPointer(start: start, count: middle - start), from: middle + 1, to: end, into: &batch)
      let phase = Array("phase\(phase)".utf8)
      phase.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        let key = UnsafeBufferPointer(rebasing: bytes[..<5])
        take(key, from: base + key.count, to: base + bytes.count, into: &batch)
      }
      record.end(in: &batch)
    } else {
      batch.unmatched += 1
    }
  }

  private mutating func take(
    _ key: UnsafeBufferPointer<UInt8>,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    record.takeText(record.key(key, raw: key, in: .root), from: start, to: end, into: &batch)
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(lines.isInsideLongLine)
    encoder.encode(phase)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    lines.isInsideLongLine = try decoder.decode()
    phase = try decoder.decode()
  }
}
