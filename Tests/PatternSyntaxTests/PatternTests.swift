import PatternSyntax
import Testing

@Suite struct PatternTests {
  @Test func partsOfAPattern() throws {
    let pattern = try Pattern(parsing: "train/{component}_loss{{x}}{_}")
    #expect(
      pattern.parts == [.literal("train/"), .capture("component"), .literal("_loss{x}"), .capture("_")]
    )
    #expect(pattern.captureNames == ["component"])
    #expect(try Pattern(parsing: "{.step} {run**}").parts == [.field("step"), .literal(" "), .deepCapture("run")])
  }

  @Test(arguments: [
    ("a{b", Pattern.Mistake(kind: .unclosedCapture, range: 1..<3)),
    ("a}b", Pattern.Mistake(kind: .strayBrace, range: 1..<2)),
    ("é{}", Pattern.Mistake(kind: .badCaptureName(""), range: 2..<4)),
    ("{1a}", Pattern.Mistake(kind: .badCaptureName("1a"), range: 0..<4)),
    ("{a}-{a}", Pattern.Mistake(kind: .duplicateCapture("a"), range: 4..<7)),
    ("{a}{b}", Pattern.Mistake(kind: .adjacentCaptures("a", "b"), range: 3..<6)),
  ])
  func mistakes(source: String, mistake: Pattern.Mistake) {
    #expect(throws: mistake) { try Pattern(parsing: source) }
  }

  @Test(arguments: [
    ("train/{component}_loss", "train/box_loss", ["box"]),
    ("{key}", "metrics/mAP50(B)", ["metrics/mAP50(B)"]),
    ("{a}_{b}", "x_y_z", ["x", "y_z"]),
    ("{a}_loss", "a_loss_loss", ["a_loss"]),
    ("lr/{_}", "lr/pg0", []),
  ])
  func fieldNamesThatMatch(source: String, name: String, captures: [String]) throws {
    #expect(FieldPattern(try Pattern(parsing: source)).match(name) == captures)
  }

  @Test(arguments: [("train/{component}_loss", "train/_loss"), ("{a}_loss", "loss"), ("loss", "loss2"), ("{a}", "")])
  func fieldNamesThatDoNot(source: String, name: String) throws {
    #expect(FieldPattern(try Pattern(parsing: source)).match(name) == nil)
  }
}
