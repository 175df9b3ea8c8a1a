/// A range as lines and columns, as formats for other programs give it: `end` is the place behind the last character.
struct SourceSpan {
  var start: SourcePosition
  var end: SourcePosition
}

extension SourceFile {
  /// Ends of lines and blanks at the end of the range do not count: a block ends in its own last line.
  func span(of range: SourceRange) -> SourceSpan {
    var end = min(range.end, bytes.count)
    while end > range.start, [0x09, 0x0A, 0x0D, 0x20].contains(bytes[end - 1]) { end -= 1 }
    return SourceSpan(start: position(ofByte: range.start), end: position(ofByte: max(end, range.start)))
  }
}
