internal import NIOCore

/// Cuts what a client sends where one request ends and the next begins: at a head's first empty line, since a request with
/// a body ends its connection. It keeps the line that each request begins with, and decides nothing.
struct RequestCutter {
  private static let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  private let lineBytesMax: Int
  /// Of the request that is being read, or was read last: its line, or as much of it as has come. Empty lines may come
  /// before it.
  private(set) var line = ByteBuffer()
  /// Whether that is the whole line.
  private(set) var hasLine = false
  private var lineIsTooLong = false
  private var fieldIsEmpty = true
  private var hasEnded = false

  /// - Parameter lineBytesMax: Of what is longer not everything is kept.
  init(lineBytesMax: Int) {
    self.lineBytesMax = lineBytesMax
  }

  /// Whether a request has begun, and has not ended.
  var isWithin: Bool { line.readableBytes > 0 && !hasEnded }

  /// Whether the line names no version of HTTP, as in HTTP/0.9, where nothing comes after it.
  var lacksVersion: Bool {
    guard hasLine, !lineIsTooLong else { return false }
    let bytes = line.readableBytesView
    guard let blank = bytes.lastIndex(of: UInt8(ascii: " ")) else { return true }
    return !bytes[blank...].dropFirst().starts(with: "HTTP/".utf8)
  }

  /// Takes bytes from the front: up to the end of a request, or all there are.
  mutating func next(_ bytes: inout ByteBuffer) -> ByteBuffer {
    if hasEnded { self = Self(lineBytesMax: lineBytesMax) }
    var rest = bytes.readableBytesView
    while !rest.isEmpty, !hasEnded {
      let end = rest.firstIndex(of: Self.newline).map { $0 + 1 } ?? rest.endIndex
      take(rest[..<end])
      rest = rest[end...]
    }
    return bytes.readSlice(length: bytes.readableBytes - rest.count) ?? ByteBuffer()
  }

  /// Takes a line, or a part of one.
  private mutating func take(_ bytes: ByteBufferView) {
    let ends = bytes.last == Self.newline
    if !hasLine {
      let isFirst = line.readableBytes == 0
      let text = isFirst ? bytes.drop { $0 == Self.newline || $0 == Self.carriageReturn } : bytes
      if line.readableBytes <= lineBytesMax {
        line.writeBytes(ends ? text.dropLast() : text)
      } else {
        lineIsTooLong = true
      }
      hasLine = ends && line.readableBytes > 0
      return
    }
    if !bytes.allSatisfy({ $0 == Self.newline || $0 == Self.carriageReturn }) { fieldIsEmpty = false }
    if ends {
      hasEnded = fieldIsEmpty
      fieldIsEmpty = true
    }
  }
}
