internal import Diagnostics
internal import PatternSyntax
internal import YAMLSyntax

/// A key of a mapping: not given, given and decoded, or given and wrong (which has been reported).
struct Key<Value> {
  /// The key's own range; nil: it is not given.
  var name: SourceRange?
  /// The range of what stands behind it; the key's own where nothing does.
  var range: SourceRange?
  var value: Value?

  static var absent: Key { Key() }

  /// Not given, but probably meant by something that has been refused: nothing follows from its absence.
  private var isMeant = false

  var isGiven: Bool { name != nil || isMeant }
  /// Given, but what it says is not known.
  var isBroken: Bool { isGiven && value == nil }

  init(name: SourceRange? = nil, range: SourceRange? = nil, value: Value? = nil) {
    self.name = name
    self.range = range
    self.value = value
  }

  mutating func doubt(_ isMeant: Bool) {
    self.isMeant = self.isMeant || isMeant
  }
}

/// A text of the catalog with its place.
struct Text {
  var value: String
  var range: SourceRange
  /// Where the text begins in the file, if it stands there byte for byte.
  var verbatimStart: Int?

  init(_ value: String, range: SourceRange, verbatimStart: Int? = nil) {
    self.value = value
    self.range = range
    self.verbatimStart = verbatimStart
  }

  init(_ scalar: YAMLScalar) {
    self.init(scalar.text, range: scalar.range, verbatimStart: scalar.textStart)
  }

  /// The range of a part of the text, given in UTF-8 offsets; all of it where it does not stand verbatim.
  func range(of part: Range<Int>) -> SourceRange {
    guard let verbatimStart else { return range }
    return SourceRange(verbatimStart + part.lowerBound, verbatimStart + part.upperBound)
  }
}

/// A text that is a pattern, parsed.
struct PatternText {
  var text: Text
  var result: Result<Pattern, Pattern.Mistake>
  /// What is wrong with it has been reported: it was no text at all.
  var isReported = false

  /// Stands for something that should have been a text.
  init(brokenAt range: SourceRange) {
    text = Text("", range: range)
    result = .failure(Pattern.Mistake(kind: .badCaptureName(""), range: 0..<0))
    isReported = true
  }

  init(_ text: Text, allowsAdjacentCaptures: Bool = false) {
    self.text = text
    result = Result { () throws(Pattern.Mistake) in
      try Pattern(parsing: text.value, allowsAdjacentCaptures: allowsAdjacentCaptures)
    }
  }

  /// nil: it has a mistake.
  var pattern: Pattern? { try? result.get() }
}

/// A number with its place.
struct Number {
  var value: Double
  var range: SourceRange
}

/// What a number is multiplied by, or divided.
struct Scale {
  var value: Double
  /// Whether the value divides it.
  var isReciprocal = false
  var range: SourceRange
}

extension Key: Sendable where Value: Sendable {}
