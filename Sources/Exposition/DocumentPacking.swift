package import NIOCore

/// Packs whole documents, as expositions are packed: what is said of each encoding holds here, too.
package enum DocumentPacking {
  /// A document that is smaller is not worth it.
  private static let bytesMin = 1 << 10

  /// - Returns: the document's bytes as they go out, one after the other, and what they are packed with.
  package static func pack(_ plain: ByteBuffer, _ encoding: ContentEncoding) -> ([ByteBuffer], ContentEncoding) {
    if plain.readableBytes < bytesMin { return ([plain], .identity) }
    switch encoding {
    case .identity:
      return ([plain], .identity)
    case .gzip:
      let part = Deflater().deflate(plain)
      let trailer = Deflater.gzipTrailer([part], plainBytes: plain.readableBytes)
      return ([ByteBuffer(bytes: Deflater.gzipHeader), part.bytes, ByteBuffer(bytes: trailer)], .gzip)
    case .zstd:
      return ([ZstandardFrames().frame(plain)], .zstd)
    }
  }
}
