import Foundation
import Testing

/// Nothing in the product traps on what it reads, or writes to standard output on the side.
struct BannedCallTests {
  static let banned = [
    #"\btry!"#, #"(?<![\w.])fatalError\("#, #"(?<![\w.])print\("#, #"(?<![\w.])debugPrint\("#, #"\bas!"#,
  ]

  @Test func noSourceCallsWhatIsBanned() throws {
    let files = try SourceTree.swiftFiles(in: "Sources")
    #expect(files.count > 10)
    for file in files {
      for (line, text) in file.code {
        for call in Self.found(in: text) { Issue.record("\(file.path):\(line): \(call)") }
      }
    }
  }

  @Test(arguments: ["let a = try! b()", "  fatalError(\"x\")", "print(a)", "a as! B"])
  func aBannedCallIsFound(text: String) {
    #expect(Self.found(in: text).count == 1)
  }

  @Test(arguments: ["fingerprint(a)", "a.print(b)", "try a() as? B", "a != b"])
  func othersAreNot(text: String) {
    #expect(Self.found(in: text).isEmpty)
  }

  static func found(in text: String) -> [String] {
    banned.filter { text.range(of: $0, options: .regularExpression) != nil }
  }
}
