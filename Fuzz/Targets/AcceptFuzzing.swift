import Exposition

extension FuzzTarget {
  /// Header values: the lines up to an empty one are `Accept`, those after it `Accept-Encoding`.
  static let accept = FuzzTarget("accept") { bytes in
    let lines = bytes.split(separator: .newline, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    let end = lines.firstIndex(of: "") ?? lines.count
    let encodings: [ContentEncoding] = [.gzip, .zstd]
    let variant = ContentNegotiation.variant(
      accept: Array(lines[..<end]),
      acceptEncoding: Array(lines[end...].dropFirst()),
      encodings: encodings
    )
    precondition(!variant.contentType.utf8.contains { $0 < 0x20 || $0 > 0x7E }, "a content type for headers")
    precondition(end > 0 || variant.format == .text004, "nobody asked for another format")
    precondition(lines.count > end + 1 || variant.encoding == .identity, "nobody asked for packing")
  }
}
