package import StateStore

/// What a file holds that is no UTF-8 text, told by its first bytes: UTF-16, a compressed file, or binary frames. To a
/// format of text such a file is no log, and its bytes would only be taken for broken lines.
package enum ForeignContent: Sendable, Hashable, CaseIterable {
  case utf16, gzip, zstd, xz, bzip2, zip, tensorboard, wandb

  /// The form's name in messages.
  package var name: String {
    switch self {
    case .utf16: "UTF-16 text"
    case .gzip: "gzip data"
    case .zstd: "zstd data"
    case .xz: "xz data"
    case .bzip2: "bzip2 data"
    case .zip: "a zip archive"
    case .tensorboard: "an event file of TensorBoard"
    case .wandb: "a file of W&B"
    }
  }

  /// The format that reads it.
  package var format: String? {
    switch self {
    case .tensorboard: "tensorboard"
    case .wandb: "wandb"
    case .utf16, .gzip, .zstd, .xz, .bzip2, .zip: nil
    }
  }

  /// No text that is UTF-8 begins so, but for those of bzip2 and zip, which no log begins with either.
  private var marks: [[UInt8]] {
    switch self {
    case .utf16: [[0xFF, 0xFE], [0xFE, 0xFF]]
    case .gzip: [[0x1F, 0x8B, 0x08]]
    case .zstd: [[0x28, 0xB5, 0x2F, 0xFD]]
    case .xz: [[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]]
    // "BZh1" to "BZh9" and the digits of pi.
    case .bzip2: (1...9).map { [0x42, 0x5A, 0x68, 0x30 + $0, 0x31, 0x41, 0x59] }
    case .zip: [[0x50, 0x4B, 0x03, 0x04]]
    // The length of the first event that nearly all writers make, with its check.
    case .tensorboard: [[0x18, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22]]
    case .wandb: [WandbBlocks.head]
    }
  }

  private static let table = allCases.flatMap { content in content.marks.map { (content: content, mark: $0) } }

  package enum Verdict: Hashable {
    case foreign(ForeignContent)
    /// Text, or something else that is not known.
    case other
    /// More bytes are needed to tell.
    case undecided
  }

  /// Judges a file by its first bytes.
  ///
  /// - Parameter isClosed: nothing follows these bytes.
  package static func judge(_ bytes: UnsafeRawBufferPointer, isClosed: Bool) -> Verdict {
    // The first event need not be as long as with nearly all writers.
    if TFRecordFrames.begins(bytes) == true { return .foreign(.tensorboard) }
    var verdict = Verdict.other
    for (content, mark) in table {
      if bytes.starts(with: mark) { return .foreign(content) }
      if !isClosed, bytes.count < mark.count, mark.starts(with: bytes) { verdict = .undecided }
    }
    return verdict
  }
}

/// A parser of logs that are text: it looks at a log's first bytes, and passes by a log that is something else, which
/// counts as malformed once. All else it leaves to the parser of the format.
package struct TextOnly<Format: RecordParser>: RecordParser {
  package var fields: FieldTable { format.fields }

  private var format: Format
  private var hasBegun = false
  private var isForeign = false

  package init(_ format: Format) {
    self.format = format
  }

  package mutating func rested(on bytes: UnsafeRawBufferPointer) {
    format.rested(on: bytes)
  }

  package var learnedCount: Int { format.learnedCount }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? TextOnly<Format> else { return false }
    return format.share(with: other.format)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    if !hasBegun {
      switch ForeignContent.judge(bytes, isClosed: isClosed) {
      case .undecided:
        return 0
      case .foreign(let content):
        batch.malformed += 1
        batch.foreign = content
        isForeign = true
      case .other:
        break
      }
      hasBegun = !bytes.isEmpty
    }
    return isForeign ? bytes.count : format.parse(bytes, isClosed: isClosed, into: &batch)
  }

  package func encode(into encoder: inout StateEncoder) {
    format.encode(into: &encoder)
    encoder.encode(hasBegun)
    encoder.encode(isForeign)
  }

  package mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try format.resume(from: &decoder)
    hasBegun = try decoder.decode()
    isForeign = try decoder.decode()
  }
}
