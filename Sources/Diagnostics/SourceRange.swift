/// A part of a source file, as byte offsets. It says nothing of which file.
public struct SourceRange: Sendable, Hashable {
  /// The offset of the first byte.
  public var start: Int
  /// The offset behind the last byte; never below `start`.
  public var end: Int

  public init(_ start: Int, _ end: Int) {
    precondition(0 <= start && start <= end, "a source range runs forward")
    self.start = start
    self.end = end
  }

  public var isEmpty: Bool { start == end }
}

/// A place in a source file as people name it.
public struct SourcePosition: Sendable, Hashable {
  /// From 1.
  public var line: Int
  /// From 1, in Unicode scalars.
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}
