internal import Exposition
internal import NIOCore

/// A file that is served as it is, such as a script: packed once, and shared by all whom it is sent to.
package struct ServedFile: Sendable {
  let path: String
  private let contentType: String
  private let plain: ByteBuffer
  private let gzipped: [ByteBuffer]
  private let tag: EntityTag

  package init(path: String, contentType: String, bytes: [UInt8]) {
    self.path = path
    self.contentType = contentType
    plain = ByteBuffer(bytes: bytes)
    let (chunks, encoding) = DocumentPacking.pack(plain, .gzip)
    gzipped = encoding == .gzip ? chunks : []
    tag = EntityTag(of: bytes)
  }

  func response(_ encoding: ContentEncoding, known: [String]) -> Response {
    let isPacked = encoding == .gzip && !gzipped.isEmpty
    let chunks = isPacked ? gzipped : [plain]
    let isKnown = tag.isAmong(known)
    var response = Response(
      status: isKnown ? .notModified : .ok,
      contentType: contentType,
      chunks: isKnown ? [] : chunks,
      byteCount: isKnown ? 0 : chunks.reduce(0) { $0 + $1.readableBytes }
    )
    response.further = Response.documentHeaders + [("ETag", tag.text)]
    if isPacked, !isKnown { response.further.append(("Content-Encoding", ContentEncoding.gzip.rawValue)) }
    return response
  }
}
