import LogFormats
import LogStations

extension FuzzTarget {
  /// A log of binary frames. Of its first line the first byte says of which format, and whether the rest is its bytes or
  /// contents of frames, each behind its length, which are framed here: no fuzzer guesses a checksum. Each further byte of
  /// that line says where it is cut. What comes of it depends on no cut, nor on whether another parser goes on there.
  static let frames = FuzzTarget("frames") { bytes in
    let (head, rest) = bytes.parted(by: .newline)
    guard let first = head.first else { return }
    let format = formats[Int(first >> 1) % formats.count]
    let log = first & 1 == 0 ? Array(rest) : format.framed(contents(of: rest))
    let cuts = head.dropFirst().prefix(16).map { log.count * Int($0) / 256 }.sorted()
    let whole = Records.of(log, parser: format.parser())
    precondition(Records.of(log, cutAt: cuts, parser: format.parser()) == whole, "cuts make a difference")
    precondition(
      Records.of(log, cutAt: cuts, resumes: true, parser: format.parser()) == whole,
      "going on makes a difference"
    )
  }

  private static func contents(of bytes: ArraySlice<UInt8>) -> [[UInt8]] {
    var rest = bytes
    var contents: [[UInt8]] = []
    while let length = rest.popFirst() {
      contents.append(Array(rest.prefix(Int(length))))
      rest = rest.dropFirst(Int(length))
    }
    return contents
  }

  private struct Format: Sendable {
    var name: String
    var parser: @Sendable () -> any RecordParser
    var framed: @Sendable ([[UInt8]]) -> [UInt8]
  }

  private static let formats: [Format] = {
    let writers: [String: @Sendable ([[UInt8]]) -> [UInt8]] = [
      "tensorboard": { $0.flatMap(EventFile.frame) },
      "wandb": WandbFile.file,
    ]
    return LogFormats.all.compactMap { descriptor in
      guard case .frames(let parser) = descriptor.content else { return nil }
      guard let framed = writers[descriptor.name] else { preconditionFailure("each format of frames is here") }
      return Format(
        name: descriptor.name,
        parser: { parser(LogSite(format: LogFormat(descriptor.name), lineBytesMax: 100, fields: .ofAllUses())) },
        framed: framed
      )
    }
  }()
}
