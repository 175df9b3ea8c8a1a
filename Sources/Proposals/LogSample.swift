internal import Glibc

/// What is looked at of a file: its beginning and its end, or all of it where it is small.
package struct LogSample: Sendable {
  /// The file's name without its folder.
  package var name: String
  /// The file's path; the same as the name where it lies in memory.
  package var path: String
  /// The beginning, up to a line's end where more follows.
  package var head: [UInt8]
  /// The end, from a line's beginning.
  package var tail: [UInt8] = []
  /// Whether `head` is all there is.
  package private(set) var isWhole = true
  /// Where the file is; nil: `head` is all there is.
  private var location: String?

  /// A file that lies in memory.
  package init(name: String, bytes: [UInt8]) {
    self.name = name
    path = name
    head = bytes
  }

  /// nil: the file cannot be read.
  package init?(_ file: LogSurvey.File) {
    guard let descriptor = Self.open(file.location) else { return nil }
    defer { close(descriptor) }
    name = file.name
    path = file.path
    location = file.location
    guard file.size > 2 * Self.pieceBytes else {
      head = Self.read(descriptor, from: 0, count: 2 * Self.pieceBytes)
      return
    }
    isWhole = false
    let newline = UInt8(ascii: "\n")
    head = Self.read(descriptor, from: 0, count: Self.pieceBytes)
    if let last = head.lastIndex(of: newline) { head.removeSubrange((last + 1)...) }
    tail = Self.read(descriptor, from: file.size - Self.pieceBytes, count: Self.pieceBytes)
    tail.removeSubrange(...(tail.firstIndex(of: newline) ?? tail.endIndex - 1))
  }

  /// All of a document; nil: it is too large.
  package var document: [UInt8]? {
    if isWhole { return head }
    guard let location, let descriptor = Self.open(location) else { return nil }
    defer { close(descriptor) }
    let bytes = Self.read(descriptor, from: 0, count: Self.documentBytesMax + 1)
    return bytes.count > Self.documentBytesMax ? nil : bytes
  }

  /// The first lines without blanks at their ends, none of them empty.
  func lines(_ count: Int) -> [String] {
    var lines: [String] = []
    for line in head.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where lines.count < count {
      let text = String(decoding: line.prefix(4_096), as: UTF8.self)
      let bare = text.drop { $0 == " " || $0 == "\t" }
      if !bare.isEmpty { lines.append(text) }
    }
    return lines
  }

  /// The beginning and the end alone, for those who try out several ways.
  var excerpt: LogSample {
    let newline = UInt8(ascii: "\n")
    guard head.count + tail.count > 4 * Self.excerptBytes else { return self }
    var excerpt = self
    let all = isWhole ? head : tail
    excerpt.isWhole = false
    excerpt.head = Array(head.prefix(Self.excerptBytes))
    if let last = excerpt.head.lastIndex(of: newline) { excerpt.head.removeSubrange((last + 1)...) }
    excerpt.tail = Array(all.suffix(Self.excerptBytes))
    excerpt.tail.removeSubrange(...(excerpt.tail.firstIndex(of: newline) ?? excerpt.tail.endIndex - 1))
    return excerpt
  }

  /// How much of each end an excerpt has.
  private static let excerptBytes = 64 << 10

  /// Whether it is no text: it has bytes that no text has.
  var isBinary: Bool {
    let looked = head.prefix(4_096)
    if looked.contains(0) { return true }
    let controls = looked.count { $0 < 0x20 && ![0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x1B].contains($0) }
    if controls * 50 > looked.count { return true }
    // A character may be cut at the end.
    let broken = String(decoding: looked.dropLast(min(4, looked.count - 1)), as: UTF8.self).unicodeScalars.count {
      $0 == "\u{FFFD}"
    }
    return broken * 20 > looked.count
  }

  /// How much of each end is looked at.
  package static let pieceBytes = 1 << 20
  /// The largest document that is looked at: it has to be read whole.
  package static let documentBytesMax = 32 << 20

  private static func open(_ path: String) -> Int32? {
    let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW)
    return descriptor < 0 ? nil : descriptor
  }

  private static func read(_ descriptor: Int32, from offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, offset + filled)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else { return }
        filled += got
      }
    }
  }
}
