package import NIOCore

/// One rendered exposition, as it goes out: the server adds nothing and looks at nothing in it.
package struct ExpositionBody: Sendable {
  /// The whole `Content-Type`, version and charset included.
  package let contentType: String
  package let bytes: ByteBuffer

  package init(contentType: String, bytes: ByteBuffer) {
    self.contentType = contentType
    self.bytes = bytes
  }

  /// Copies the bytes once.
  package init(contentType: String, bytes: [UInt8]) {
    self.init(contentType: contentType, bytes: ByteBuffer(bytes: bytes))
  }
}
