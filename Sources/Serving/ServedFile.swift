internal import Exposition
internal import NIOCore
internal import Synchronization

/// A file that is served as it is, such as a script: packed when somebody asks for it first, since most exporters are never
/// looked at, and shared by all whom it is sent to.
package final class ServedFile: Sendable {
  private struct Content {
    let plain: ByteBuffer
    let gzipped: [ByteBuffer]
    let tag: EntityTag

    init(_ bytes: [UInt8]) {
      plain = ByteBuffer(bytes: bytes)
      let (chunks, encoding) = DocumentPacking.pack(plain, .gzip)
      gzipped = encoding == .gzip ? chunks : []
      tag = EntityTag(of: bytes)
    }
  }

  let path: String
  private let contentType: String
  private let bytes: @Sendable () -> [UInt8]
  private let content = Mutex<Content?>(nil)

  package init(path: String, contentType: String, bytes: @escaping @Sendable () -> [UInt8]) {
    self.path = path
    self.contentType = contentType
    self.bytes = bytes
  }

  /// The first one packs the file, which takes the event loop a few milliseconds.
  func response(_ encoding: ContentEncoding, known: [String]) -> Response {
    let content = content.withLock { content in
      let made = content ?? Content(bytes())
      content = made
      return made
    }
    let isPacked = encoding == .gzip && !content.gzipped.isEmpty
    let chunks = isPacked ? content.gzipped : [content.plain]
    let isKnown = content.tag.isAmong(known)
    var response = Response(
      status: isKnown ? .notModified : .ok,
      contentType: contentType,
      chunks: isKnown ? [] : chunks,
      byteCount: isKnown ? 0 : chunks.reduce(0) { $0 + $1.readableBytes }
    )
    response.further = Response.documentHeaders + [("ETag", content.tag.text)]
    if isPacked, !isKnown { response.further.append(("Content-Encoding", ContentEncoding.gzip.rawValue)) }
    return response
  }
}
