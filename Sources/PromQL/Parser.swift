/// Reads a query of Prometheus 3.14: bytes to a syntax tree whose types are checked.
///
/// It takes any bytes, and stops at the first thing that is wrong. Time and memory grow with the length of the query,
/// and trees have at most `levelsMax` levels. It knows the language alone: whether a metric exists is not its business.
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/>
package struct Parser {
  /// The longest query in bytes: a hundred times what a generated dashboard has. Prometheus has no limit of its own.
  package static let bytesMax = 1 << 20
  /// The most levels of a tree, also those of a chain such as `a or b or c`. With it, a tree can be walked, printed and
  /// freed on a small stack.
  package static let levelsMax = 250
  /// The most operands and brackets in each other. With it, a query is read in 512 kB, the smallest stack that threads
  /// commonly have.
  package static let depthMax = 100

  /// Which variables a query may have.
  package enum Variables: Hashable, Sendable {
    case none
    /// Those of a dashboard of Grafana's.
    case grafana
  }

  var lexer: Lexer
  /// The token that is looked at.
  var token: Token
  /// Where the token before it ends.
  var end = 0
  /// How many calls of the parser wait for an inner one.
  var depth = 0
  var features: [Query.FeatureUse] = []
  /// The first selector whose matchers all match what has no labels. It is only wrong outside of `info`.
  var emptySelector: Range<Int>?

  /// Reads a query.
  ///
  /// - Throws: what is wrong first in the text, or first of its types.
  package static func parse(_ bytes: [UInt8], variables: Variables = .none) throws(PromQLError) -> Query {
    guard bytes.count <= bytesMax else {
      throw PromQLError("the query has \(bytes.count) bytes, more than \(bytesMax)", at: bytesMax..<bytes.count)
    }
    var parser = Parser(Lexer(bytes, hasVariables: variables == .grafana))
    return try parser.query()
  }

  /// Reads a query.
  ///
  /// - Throws: what is wrong first in the text, or first of its types.
  package static func parse(_ text: String, variables: Variables = .none) throws(PromQLError) -> Query {
    try parse(Array(text.utf8), variables: variables)
  }

  /// The comments of a query, each with its `#`, as far as its tokens can be told.
  package static func comments(in bytes: [UInt8], variables: Variables = .none) -> [Range<Int>] {
    var lexer = Lexer(bytes, hasVariables: variables == .grafana)
    while let token = try? lexer.next(), token.kind != .end {}
    return lexer.comments
  }

  private init(_ lexer: Lexer) {
    self.lexer = lexer
    token = Token(kind: .end, range: 0..<0)
  }

  private mutating func query() throws(PromQLError) -> Query {
    try advance()
    guard token.kind != .end else { throw PromQLError("the query is empty", at: token.range) }
    let expression = try self.expression()
    guard token.kind == .end else {
      let hint = isMatcherSign ? ": it only stands in the braces of a selector, and `==` compares" : ""
      var error = unexpected("an operator or the end of the query")
      error.message += hint
      throw error
    }
    if let emptySelector {
      throw PromQLError(
        "it would select all series: at least one matcher must not match the empty text, as `job=~\".+\"` does not",
        at: emptySelector
      )
    }
    features.sort { $0.place.range.lowerBound < $1.place.range.lowerBound }
    return Query(expression: expression, features: features)
  }
}

// MARK: Tokens

extension Parser {
  mutating func advance() throws(PromQLError) {
    end = token.range.upperBound
    token = try lexer.next()
  }

  /// Goes on behind a token of a kind.
  ///
  /// - Parameters:
  ///   - expected: what a message says was expected.
  ///   - opening: the bracket that the token would close.
  mutating func expect(
    _ kind: Token.Kind,
    _ expected: String,
    closing opening: Range<Int>? = nil
  ) throws(PromQLError) {
    guard token.kind == kind else { throw unexpected(expected, closing: opening) }
    try advance()
  }

  /// The error that something else was expected than the token that is looked at.
  func unexpected(_ expected: String, closing opening: Range<Int>? = nil) -> PromQLError {
    var error = PromQLError("expected \(expected), found \(found)", at: token.range)
    if token.kind == .end, let opening {
      error.related = PromQLError.Related(range: opening, message: "opened here")
    }
    return error
  }

  /// Whether the token that is looked at only stands between a label and its value.
  private var isMatcherSign: Bool {
    token.kind == .equals || token.kind == .matches || token.kind == .matchesNot
  }

  /// The token as messages show it.
  var found: String {
    switch token.kind {
    case .end: "the end of the query"
    case .string: "a string"
    case .number: "the number `\(shown(token.range))`"
    case .duration: "the duration `\(shown(token.range))`"
    case .template: "the variable `\(shown(token.range))`"
    default: "`\(shown(token.range))`"
    }
  }

  /// A piece of the query as messages show it: on one line, and not too long.
  func shown(_ range: Range<Int>) -> String {
    let most = 40
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: lexer.bytes[range].prefix(most), as: UTF8.self).unicodeScalars {
      text.append(scalar == "`" ? "'" : scalar.isVisible ? scalar : " ")
    }
    return String(text) + (range.count > most ? "…" : "")
  }

  func text(_ range: Range<Int>) -> String { String(decoding: lexer.bytes[range], as: UTF8.self) }

  /// The content of the string that is looked at.
  func stringContent() throws(PromQLError) -> Template {
    try StringText.content(of: token.range, in: lexer.bytes, hasVariables: lexer.hasVariables)
  }

  /// The word or template that is looked at, with its variables.
  var name: Template {
    var name = Template()
    guard token.kind == .template else {
      name.append(Array(lexer.bytes[token.range]))
      return name
    }
    var run = token.range.lowerBound
    var at = run
    while at < token.range.upperBound {
      if let variable = Variable.at(at, in: lexer.bytes, before: token.range.upperBound) {
        name.append(Array(lexer.bytes[run..<at]))
        name.append(variable)
        at = variable.place.range.upperBound
        run = at
      } else {
        at += 1
      }
    }
    name.append(Array(lexer.bytes[run..<at]))
    return name
  }

  /// The number that is looked at; nil if it is something else.
  var number: Expression.Number? {
    switch token.kind {
    case .number: NumberText.value(lexer.bytes[token.range]).map { Expression.Number($0) }
    case .duration: NumberText.seconds(lexer.bytes[token.range]).map { Expression.Number($0, isDuration: true) }
    case .word:
      switch token.keyword {
      case .inf: Expression.Number(.infinity)
      case .nan: Expression.Number(.nan)
      default: nil
      }
    default: nil
    }
  }

  /// The sign that is looked at.
  var sign: Expression.Sign? {
    switch token.kind {
    case .plus: .plus
    case .minus: .minus
    default: nil
    }
  }

  /// Reads something inside of something else, unless that is too deep.
  mutating func nested<Result>(
    _ read: (inout Parser) throws(PromQLError) -> Result
  ) throws(PromQLError) -> Result {
    guard depth < Self.depthMax else {
      throw PromQLError("more than \(Self.depthMax) operands and brackets lie in each other", at: token.range)
    }
    depth += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  func tooDeep(_ range: Range<Int>) -> PromQLError {
    PromQLError("the query has more than \(Self.levelsMax) levels of operators and brackets", at: range)
  }

  mutating func note(_ feature: Feature?, _ name: String, _ range: Range<Int>) {
    guard let feature else { return }
    features.append(Query.FeatureUse(feature: feature, name: name, place: Place(range)))
  }

  /// A node, unless its tree has too many levels.
  func node(
    _ kind: Expression.Kind,
    _ type: ValueType,
    _ range: Range<Int>,
    above levels: Int = 0
  ) throws(PromQLError) -> Expression {
    guard levels < Self.levelsMax else { throw tooDeep(range) }
    return Expression(kind: kind, place: Place(range), type: type, levels: levels + 1)
  }
}
