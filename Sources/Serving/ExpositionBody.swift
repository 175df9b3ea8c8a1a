package import Exposition
package import NIOCore
internal import NIOHTTP1

/// One rendered exposition or document, as it goes out: the server adds nothing and looks at nothing in it.
package struct ExpositionBody: Sendable {
  /// The whole `Content-Type`, version and charset included.
  package let contentType: String
  /// What the chunks are packed with; `nil` for nothing.
  package let contentEncoding: ContentEncoding?
  /// The body is these, one after the other; they are never joined. Each may be tiny or many megabytes.
  package let chunks: [ByteBuffer]
  package let byteCount: Int
  /// What tells a document's content from another; nil: it is an exposition, or there is no document.
  var tag: EntityTag?
  var status = HTTPResponseStatus.ok
  /// Further headers of a document.
  var headers: [(name: String, value: String)] = []
  /// Counts the bytes as long as somebody has to read them.
  var rendering: HeldRenderings.Rendering?

  package init(contentType: String, contentEncoding: ContentEncoding? = nil, chunks: [ByteBuffer]) {
    self.contentType = contentType
    self.contentEncoding = contentEncoding == .identity ? nil : contentEncoding
    self.chunks = chunks
    byteCount = chunks.reduce(0) { $0 + $1.readableBytes }
  }

  /// Copies the bytes once.
  package init(contentType: String, bytes: [UInt8]) {
    self.init(contentType: contentType, chunks: [ByteBuffer(bytes: bytes)])
  }
}
