/// A part of a source file, as byte offsets. Which file is meant, the context says.
public struct SourceRange: Sendable, Hashable {
  /// The offset of the first byte.
  public var start: Int
  /// The offset behind the last byte. It is never below `start`.
  public var end: Int

  /// Creates a range from its first offset and the offset behind its last byte.
  ///
  /// - Precondition: `0 <= start && start <= end`; otherwise the program stops.
  public init(_ start: Int, _ end: Int) {
    precondition(0 <= start && start <= end, "a source range runs forward")
    self.start = start
    self.end = end
  }

  /// Whether the range holds no byte and only marks a place.
  public var isEmpty: Bool { start == end }
}

/// A place in a source file as people and editors name it. `SourceFile.position(ofByte:)` gives it.
public struct SourcePosition: Sendable, Hashable {
  /// The line, from 1.
  public var line: Int
  /// The column in Unicode scalars, from 1.
  public var column: Int

  /// Creates a position from its line and column, both from 1.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}
