import Testing

@testable import Proposals

struct FieldWordsTests {
  @Test func wordsAreParted() {
    #expect(FieldWords.words("valLoss") == ["val", "loss"])
  }
}
