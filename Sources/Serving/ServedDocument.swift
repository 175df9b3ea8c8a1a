internal import Diagnostics
internal import Exposition
internal import NIOCore
internal import NIOHTTP1

/// A document of the API as it was rendered: a JSON text, or why there is none.
package struct ServedDocument: Sendable {
  package enum Outcome: Sendable {
    case found
    /// The request asks for what there cannot be.
    case badRequest
    /// It asks for what there is not.
    case notFound
  }

  package var outcome: Outcome
  package var contentType = Self.json
  /// Further headers.
  package var headers: [(name: String, value: String)] = []
  /// What the document begins with and is new each time, such as the time; no part of what tells whether it has changed.
  package var opening: [UInt8]
  /// The rest of it.
  package var rest: [UInt8]

  package init(opening: [UInt8] = [], rest: [UInt8]) {
    outcome = .found
    self.opening = opening
    self.rest = rest
  }

  private init(_ outcome: Outcome, _ reason: String) {
    self.outcome = outcome
    opening = []
    rest = Array((["error": .string(reason)] as JSON).line.utf8) + [UInt8(ascii: "\n")]
  }

  /// - Parameter reason: a sentence for whoever asked.
  package static func badRequest(_ reason: String) -> ServedDocument { ServedDocument(.badRequest, reason) }

  /// - Parameter reason: a sentence for whoever asked.
  package static func notFound(_ reason: String) -> ServedDocument { ServedDocument(.notFound, reason) }

  /// All of it.
  package var text: String { String(decoding: opening + rest, as: UTF8.self) }

  package static let json = "application/json; charset=utf-8"

  /// The document as it goes out. Packed and tagged: it takes a while for a large one.
  func body(_ encoding: ContentEncoding) -> ExpositionBody {
    var plain = ByteBuffer()
    plain.reserveCapacity(opening.count + rest.count)
    plain.writeBytes(opening)
    plain.writeBytes(rest)
    let (chunks, packedWith) = DocumentPacking.pack(plain, encoding)
    var body = ExpositionBody(contentType: contentType, contentEncoding: packedWith, chunks: chunks)
    body.headers = headers
    switch outcome {
    case .found: body.tag = EntityTag(of: rest)
    case .badRequest: body.status = .badRequest
    case .notFound: body.status = .notFound
    }
    return body
  }

  var response: Response {
    var response = Response.page(.badRequest, contentType: contentType, String(decoding: rest, as: UTF8.self))
    response.further = Response.documentHeaders
    return response
  }
}

/// Tells one content of a document from another, for clients that have one. It is weak, so that it is the same however
/// the content is packed; of another process it never is.
struct EntityTag: Sendable, Equatable {
  private let opaque: String

  init(of bytes: [UInt8]) {
    var hasher = Hasher()
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    opaque = String(UInt(bitPattern: hasher.finalize()), radix: 16)
  }

  /// As it is sent.
  var text: String { "W/\"\(opaque)\"" }

  /// Whether a client has it, by the values of its `If-None-Match`.
  func isAmong(_ values: [String]) -> Bool {
    values.contains { value in
      value.split(separator: ",").contains { part in
        let part = part.drop { $0 == " " || $0 == "\t" }
        let tag = part.hasPrefix("W/") ? part.dropFirst(2) : part
        let end = tag.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { tag[...$0] == "\"\(opaque)\"" || tag[...$0] == "*" } ?? false
      }
    }
  }
}
