import PatternSyntax
import Testing

@Suite struct PathPatternTests {
  @Test(arguments: [
    ("runs/{task}/{run}/results.csv", "runs/detect/exp-2/results.csv", ["detect", "exp-2"]),
    ("runs/exp{n}/r.csv", "runs/exp12/r.csv", ["12"]),
    ("{a}-{b}.csv", "x-y-z.csv", ["x", "y-z"]),
    ("{a}_{_}_{b}", "1_2_3", ["1", "3"]),
    ("*.csv", "a.csv", []),
    ("logs/*", "logs/a", []),
    ("**/results.csv", "results.csv", []),
    ("**/results.csv", "a/b/c/results.csv", []),
    ("runs/**/{run}/m.csv", "runs/a/b/c/m.csv", ["c"]),
    ("runs/**", "runs/a/b", []),
    ("runs/{path**}/m.csv", "runs/a/b/m.csv", ["a/b"]),
    ("runs/{path**}/m.csv", "runs/m.csv/m.csv", ["m.csv"]),
    ("{path**}.csv", "a/b.csv", ["a/b"]),
    (".hidden/{name}", ".hidden/x", ["x"]),
    ("**/.cache/{name}", "a/.cache/x", ["x"]),
    ("{a}/.x", "b/.x", ["b"]),
    ("./runs//{run}/./m.csv", "runs/1/m.csv", ["1"]),
    ("a{{b}}[c]?", "a{b}[c]?", []),
    ("/abs/{x}", "/abs/y", ["y"]),
    ("é{x}", "éü", ["ü"]),
  ])
  func matches(source: String, path: String, captures: [String]) throws {
    let pattern = PathPattern(try Pattern(parsing: source))
    #expect(pattern.match(path) == captures)
    #expect(walk(pattern, to: path))
  }

  @Test(arguments: [
    ("runs/{run}/results.csv", "runs/a/b/results.csv"),
    ("runs/{run}/results.csv", "runs//results.csv"),
    ("exp{n}.csv", "exp.csv"),
    ("*", "a/b"),
    ("*", ".hidden"),
    ("*.csv", ".csv"),
    ("{a}.csv", ".x.csv"),
    ("**/x", ".git/x"),
    ("**/x", "a/.git/x"),
    ("**.csv", "a/.csv"),
    ("{p**}/x", ".git/x"),
    ("{p**}/x", "a/.git/x"),
    ("{p**}/x", "x"),
    ("runs/**", "runs/.a"),
    ("a[b]", "ab"),
    ("a?", "ab"),
    ("a", "a/"),
    ("", "a"),
  ])
  func doesNotMatch(source: String, path: String) throws {
    let pattern = PathPattern(try Pattern(parsing: source))
    #expect(pattern.match(path) == nil)
    #expect(!walk(pattern, to: path))
  }

  @Test(arguments: [
    ("runs/{task}/r.csv", "/data", "/data/runs"),
    ("{task}/r.csv", "/data", "/data"),
    ("runs/a/r.csv", "/data/", "/data/runs/a"),
    ("/var/log/*.log", "/data", "/var/log"),
    ("/*.log", "/data", "/"),
    ("../x/{a}", "/data", "/data/../x"),
    ("a{b}/c", "", ""),
    ("*/a", "/odd*root", "/odd*root"),
  ])
  func theWalkBeginsAtTheLeadingDirectories(source: String, root: String, base: String) throws {
    #expect(PathPattern(try Pattern(parsing: source), root: root).base == base)
  }

  @Test func descendsOnlyWhereSomethingCanMatch() throws {
    let pattern = PathPattern(try Pattern(parsing: "runs/{task}/exp{n}/results.csv"), root: "/d")
    let task = try #require(pattern.descend(pattern.start, into: "detect".utf8))
    #expect(pattern.descend(pattern.start, into: ".git".utf8) == nil)
    #expect(pattern.descend(task, into: "other".utf8) == nil)
    let run = try #require(pattern.descend(task, into: "exp3".utf8))
    #expect(pattern.accepts(run, name: "results.csv".utf8))
    #expect(!pattern.accepts(run, name: "results.csv2".utf8))
    #expect(pattern.descend(run, into: "results.csv".utf8) == nil)
  }

  @Test(arguments: [
    ("runs/{run}/w/{name}.pt", "/d/runs/a*b/w", nil, "/d/runs/a*b/w/x.pt", ["x"]),
    ("runs/{run}/w/{name}.pt", "/d/runs/a*b/w", nil, "/d/runs/aXb/w/x.pt", nil),
    ("runs/{run}/DONE", "/d/runs/a*b", "/d/runs/a*b/DONE", "/d/runs/a*b/DONE", []),
    ("{run}", "/d", "/d/a*b", "/d/a*b", []),
    ("marks/{name}-{run}", "/d/marks", nil, "/d/marks/x-a*b", ["x"]),
    ("{deep**}/DONE", "/d/x/y", "/d/x/y/DONE", "/d/x/y/DONE", []),
    ("{_}/DONE", "/d", nil, "/d/x/DONE", []),
    ("DONE", "/d", "/d/DONE", "/d/DONE", []),
  ])
  func capturesThatAreFilled(source: String, base: String, path: String?, found: String, taken: [String]?) throws {
    let filling = ["run": "a*b", "deep": "x/y", "other": "z"]
    let pattern = PathPattern(try Pattern(parsing: source), root: "/d", filling: filling)
    #expect(pattern.base == base && pattern.path == path)
    #expect(pattern.match(found) == taken)
    #expect(walk(pattern, to: found) == (taken != nil))
  }

  @Test func namesAreBytes() throws {
    let pattern = PathPattern(try Pattern(parsing: "a/{x}.csv"))
    #expect(pattern.match(Array("a/".utf8) + [0xFF, 0x0A, 0x22] + Array(".csv".utf8)) == ["\u{FFFD}\n\""])
  }

  @Test(.timeLimit(.minutes(10))) func manyWildcardsStayCheap() throws {
    let stars = PathPattern(try Pattern(parsing: String(repeating: "*a", count: 60) + "b"))
    let captures = PathPattern(try Pattern(parsing: (0..<40).map { "{c\($0)**}a" }.joined() + "b"))
    let path = String(repeating: "a", count: 2000)
    #expect(stars.match(path) == nil)
    #expect(captures.match(path) == nil)
    #expect(!walk(stars, to: path))
  }

  /// Whether a walk from the pattern's base finds `path`.
  private func walk(_ pattern: PathPattern, to path: String) -> Bool {
    let prefix = pattern.base.isEmpty || pattern.base == "/" ? pattern.base : pattern.base + "/"
    guard path.hasPrefix(prefix) else { return false }
    var position = pattern.start
    var names = path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    let last = names.removeLast()
    for name in names {
      guard let next = pattern.descend(position, into: name.utf8) else { return false }
      position = next
    }
    return pattern.accepts(position, name: last.utf8)
  }
}
