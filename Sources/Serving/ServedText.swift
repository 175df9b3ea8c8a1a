internal import NIOCore

/// A text that is served as it is, such as the catalog: made once, and shared by all whom it is sent to.
package struct ServedText: Sendable {
  let contentType: String
  let buffer: ByteBuffer

  package init(contentType: String, bytes: [UInt8]) {
    self.contentType = contentType
    buffer = ByteBuffer(bytes: bytes)
  }
}
