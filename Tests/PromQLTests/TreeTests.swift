import PromQL
import Testing

/// What the tree of a query looks like, and where its parts stand.
@Suite struct TreeTests {
  /// The tree with a bracket around each operator and its operands.
  private static func grouped(_ expression: Expression) -> String {
    switch expression.kind {
    case .binary(let binary):
      "<\(grouped(binary.left)) \(binary.operation.rawValue) \(grouped(binary.right))>"
    case .unary(let sign, let operand): "<\(sign.rawValue)\(grouped(operand))>"
    case .parentheses(let inner): "(\(grouped(inner)))"
    case .subquery(let subquery): "<\(grouped(subquery.expression))[…]>"
    default: expression.description
    }
  }

  @Test(arguments: [
    ("a + b + c", "<<a + b> + c>"), ("a - b - c", "<<a - b> - c>"), ("a ^ b ^ c", "<a ^ <b ^ c>>"),
    ("a + b * c ^ d", "<a + <b * <c ^ d>>>"), ("a ^ b * c + d", "<<<a ^ b> * c> + d>"),
    ("a or b and c", "<a or <b and c>>"), ("a and b or c unless d", "<<a and b> or <c unless d>>"),
    ("a == b + c", "<a == <b + c>>"), ("a > b < c", "<<a > b> < c>"), ("a </ 5 + 1", "<a </ <5 + 1>>"),
    ("a * b / c % d atan2 e", "<<<<a * b> / c> % d> atan2 e>"), ("-a ^ b", "<-<a ^ b>>"), ("-a * b", "<<-a> * b>"),
    ("a ^ -b ^ c", "<a ^ <-<b ^ c>>>"), ("a ^ -b * c", "<<a ^ <-b>> * c>"), ("-1 ^ 2", "<-<1 ^ 2>>"), ("- -1", "1"),
    ("-1 * 2", "<-1 * 2>"), ("(-1) ^ 2", "<(-1) ^ 2>"), ("+-a", "<+<-a>>"), ("-a[5m:]", ""),
    ("(-a)[5m:]", "<(<-a>)[…]>"),
    ("a + b offset 5m * c", "<a + <b offset 5m * c>>"), ("a offset -1 ^ 2", "<a offset -1 ^ 2>"),
    ("a offset 5s - 8", "<a offset 5s - 8>"), ("a offset (5s) - 8", "a offset (5s) - 8"),
    ("a offset step() * 2 + b", "<<a offset step() * 2> + b>"), ("a offset (1) * 2 == b", "<a offset (1) * 2 == b>"),
    ("a offset -(1) * 2", "<a offset -(1) * 2>"), ("a + on (x) b * c", "<a + <b * c>>"),
  ])
  func operatorsBindAsPrometheusSays(query: String, expected: String) throws {
    guard !expected.isEmpty else {
      #expect(fault(query) != nil)
      return
    }
    #expect(Self.grouped(try Parser.parse(query).expression) == expected)
  }

  @Test func treesAreEqualByTheirStructureWhereverItStandsAndHoweverItIsWritten() throws {
    func tree(_ text: String) throws -> Expression { try Parser.parse(text, variables: .grafana).expression }
    #expect(try tree("sum by (a) (b{c='d'})") == tree(" SUM( b {c=`d`,} )BY( \"a\" ) # e"))
    #expect(try tree("0x10 + 1_0 + 5m") == tree("16 + 1e1 + 0h5m"))
    #expect(try tree("a{b=\"$x\"}") == tree("a{b=\"${x}\"}"))
    for (a, b) in [
      ("5m", "300"), ("(a)", "a"), ("a", "{a=\"a\"}"), ("{\"a\"}", "{__name__=\"a\"}"), ("a{b=\"c\"}", "a{b!=\"c\"}"),
      ("a{b=\"c\", d=\"e\"}", "a{d=\"e\", b=\"c\"}"), ("sum(a)", "sum by () (a)"), ("0", "-0"), ("a + b", "b + a"),
      ("sum by ($x) (a)", "sum by (\"$x\") (a)"), ("a{b=\"$x\"}", "a{b=$x}"), ("a{b=\"${x:csv}\"}", "a{b=\"$x\"}"),
      ("a{b=\"\\x24x\"}", "a{b=\"$x\"}"), ("a offset 5m", "a offset -5m"), ("a == b", "a == bool b"),
    ] {
      #expect(try tree(a) != tree(b), "\(a) and \(b)")
    }
  }

  @Test func eachPartSaysWhereItStands() throws {
    let text =
      "label_replace( sum by (a, 'b') (rate(foo{c=~\"d\"} [5m] offset 1h)), 'x', '', 'y', '') * -(2) > on (z) up"
    let bytes = Array(text.utf8)
    func at(_ place: Place?) -> String { String(decoding: bytes[place?.range ?? 0..<0], as: UTF8.self) }
    var seen: [String] = []
    var inner: Expression.Aggregation?
    try Parser.parse(bytes).expression.walk { expression in
      seen.append(at(expression.place))
      if case .aggregation(let aggregation) = expression.kind { inner = aggregation }
    }
    #expect(
      seen == [
        text, String(text.prefix(text.count - " > on (z) up".count)),
        "label_replace( sum by (a, 'b') (rate(foo{c=~\"d\"} [5m] offset 1h)), 'x', '', 'y', '')",
        "sum by (a, 'b') (rate(foo{c=~\"d\"} [5m] offset 1h))", "rate(foo{c=~\"d\"} [5m] offset 1h)",
        "foo{c=~\"d\"} [5m] offset 1h", "'x'", "''", "'y'", "''", "-(2)", "(2)", "2", "up",
      ]
    )
    let aggregation = try #require(inner)
    #expect(at(aggregation.namePlace) == "sum" && at(aggregation.grouping?.place) == "by (a, 'b')")
    #expect(aggregation.grouping?.labels.map { at($0.place) } == ["a", "'b'"])
    guard case .call(let call) = aggregation.expression.kind, case .rangeSelector(let range) = call.arguments[0].kind
    else {
      Issue.record("the aggregation is not over a rate")
      return
    }
    #expect(at(call.namePlace) == "rate" && at(range.range.place) == "5m" && at(range.selector.offset?.place) == "1h")
    #expect(at(range.selector.namePlace) == "foo" && at(range.selector.matchers[0].place) == "c=~\"d\"")
    #expect(at(range.selector.matchers[0].valuePlace) == "\"d\"")
  }

  @Test(arguments: [
    ("foo", "foo"), ("foo{a=\"b\"}[5m]", "foo"), ("{\"my.metric\", a=\"b\"}", "my.metric"),
    ("{__name__=\"a:b\"}", "a:b"),
    ("{__name__=~\"a.*\"}", nil), ("{a=\"b\"}", nil),
  ])
  func aSelectorSaysWhichMetricItSelects(query: String, name: String?) throws {
    #expect(try Parser.parse(query).expression.selector?.metric?.name.text == name)
  }

  @Test func featuresAreToldWithTheirPlaces() throws {
    let text = "limitk(1, a) + fill(0) mad_over_time(b[5m] anchored)"
    let features = try Parser.parse(text).features
    #expect(features.map(\.name) == ["limitk", "fill", "mad_over_time", "anchored"])
    #expect(features.map(\.place.range.lowerBound) == [0, 15, 23, 43])
    #expect(try Parser.parse("sum(rate(a[step()]))").features.isEmpty)
  }

  @Test func thereAreTheFunctionsOfPrometheus() {
    #expect(Function.all.count == 90)
    #expect(Function.all.values.filter { $0.feature != nil }.count == 17)
    #expect(Function.all["histogram_quantiles"]?.parameter(11) == .scalar)
    #expect(Function.all["label_join"]?.argumentsMax == nil && Function.all["label_join"]?.argumentsMin == 3)
  }
}

/// Which regular expressions are taken, and which match the empty text.
@Suite struct RegularExpressionTests {
  @Test(arguments: [
    "", "a", ".*", "a|b", "(a|b)+?", "a{2}", "a{2,}?", "a{,5}", "{", "a{x}", "a{1000}", "(a{30}){33}", "[]a]", "[^]a]",
    "[a-]", "[-a]", "[a-z\\d_]", "[[:alpha:][:^digit:]]", "[[a]", "[é-ü☺]", "(?i)a", "(?i:a)", "(?i-s:a)",
    "(?P<x>a)(?<y>b)",
    "\\d\\D\\s\\S\\w\\W\\b\\B", "\\Aa\\z", "\\pL\\PN\\p{Greek}\\p{^Lu}", "\\x41\\x{1F600}\\012\\07\\0", "\\Qa*(\\E*",
    "\\Q(",
    "\\.\\-\\_\\/\\\"", "^*", "(|a)*", "()", "a*(?i)*", "\\a\\f\\n\\r\\t\\v", "☺*é+", "(?:)",
  ])
  func theseAreRegularExpressionsOfRE2(pattern: String) {
    #expect(fault("a{b=~`\(pattern)`}") == nil)
  }

  @Test(arguments: [
    "(", ")", "a)", "(a", "[", "[]", "[a", "[^]", "[z-a]", "[a-\\d]", "[[:x:]]", "*", "+a", "?", "(*)", "a|*", "a**",
    "a+?*", "a{2}{3}",
    "a{3,2}", "a{1001}", "a{2,1001}", "(a{30}){34}", "(?", "(?x)", "(?i", "(?-)", "(?i-)", "(?P<", "(?P<>a)",
    "(?P<a-b>c)",
    "(?P=x)", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", "(?#a)", "\\", "a\\", "\\1", "(a)\\1", "\\8", "\\c", "\\C",
    "\\Z",
    "\\é", "\\x", "\\x4", "\\x{", "\\x{}", "\\x{110000}", "\\p", "\\pX", "\\p{", "\\p{}", "[\\1]", "[\\",
  ])
  func theseAreNone(pattern: String) {
    #expect(fault("a{b=~`\(pattern)`}")?.message.contains("regular expression") == true)
  }

  @Test(arguments: [
    ".*", "a*", "a?", "a{0}", "a{0,2}", "|a", "a|", "()", "(a*|b)", "^$", "\\A\\z", "(?i)", "a*b?", "(a|b*)c*", "\\B",
    "(?:)+", "\\Q\\E",
    "(a?){3}", "",
  ])
  func aSelectorOfNothingButWhatMatchesTheEmptyTextIsRefused(pattern: String) {
    #expect(fault("{b=~`\(pattern)`}")?.message.contains("all series") == true)
    #expect(fault("{b!~`\(pattern)`}") == nil)
  }

  @Test(arguments: [
    ".+", "a", ".", "a|b", "a+", "a{1,2}", "(a|b)c*", "[^a]", "\\b", "\\s", "\\Qa\\E", "a*b", "(a)", "{",
  ])
  func oneThatDoesNotMatchTheEmptyTextIsEnough(pattern: String) {
    #expect(fault("{b=~`\(pattern)`}") == nil)
    #expect(fault("{b!~`\(pattern)`}")?.message.contains("all series") == true)
  }
}
