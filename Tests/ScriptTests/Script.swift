import Foundation

/// A file of `Tests/Scripts`: what is common to its scenes, and the scenes. `Tests/Scripts/README.md` describes the form.
/// It only reads the text; nothing is carried out here.
struct Script {
  struct Step {
    /// The first word, and the rest of its line.
    var verb: String
    var argument: String
    /// The index of its line.
    var line: Int
    /// The indented lines below it, and what they say: a text, or what is seen, of which the first line may stand behind
    /// an arrow in the step's own line.
    var blockLines: Range<Int>
    var block: [String]

    /// The steps of `for 1...9 STEP`, in which `{n}` stands for the number; else the step itself.
    var repeated: [Step] {
      let words = argument.split(separator: " ", maxSplits: 2).map(String.init)
      let ends = words.first?.split(separator: ".").compactMap { Int($0) } ?? []
      guard verb == "for", words.count == 3, ends.count == 2 else { return [self] }
      let numbers = ends[0]...ends[1]
      let file = words[2].prefix { $0 != " " }
      if words[1] == "append", !file.contains("{n}") {
        // One write is quicker than thousands.
        let text = words[2].dropFirst(file.count + 1)
        let rows = numbers.map { text.replacing("{n}", with: "\($0)") }
        return [repeating("append", file + " " + rows.joined(separator: "\\n"))]
      }
      return numbers.map { repeating(words[1], words[2].replacing("{n}", with: "\($0)")) }
    }

    private func repeating(_ verb: String, _ argument: String) -> Step {
      Step(verb: verb, argument: argument, line: line, blockLines: blockLines, block: block)
    }
  }

  struct Scene {
    var title: String
    var steps: [Step] = []
  }

  /// Relative to `Tests/Scripts`, without `.txt`.
  let name: String
  private(set) var lines: [String]
  /// What each scene begins with.
  private(set) var beginning: [Step] = []
  private(set) var scenes: [Scene] = []

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Scripts")

  /// All there are, in order of their names.
  static let names: [String] = {
    let enumerator = FileManager.default.enumerator(atPath: folder.path)
    return (enumerator?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".txt") }
      .map { String($0.dropLast(".txt".count)) }.sorted()
  }()

  var file: URL { Self.folder.appending(path: name + ".txt") }

  init(name: String) throws {
    let text = try String(contentsOf: Self.folder.appending(path: name + ".txt"), encoding: .utf8)
    self.init(name: name, text: text)
  }

  init(name: String, text: String) {
    self.name = name
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    // The title, and what is below it up to a blank line, is for people.
    var isProse = true
    var place = 0
    while place < lines.count {
      let line = lines[place]
      place += 1
      if line.hasPrefix("== ") {
        scenes.append(Scene(title: String(line.dropFirst(3))))
      } else if line.isEmpty {
        isProse = false
      } else if !isProse, !line.hasPrefix("#"), !line.hasPrefix(" ") {
        let step = readStep(at: place - 1)
        place = step.blockLines.upperBound
        if scenes.isEmpty { beginning.append(step) } else { scenes[scenes.count - 1].steps.append(step) }
      }
    }
    if scenes.isEmpty {
      scenes = [Scene(title: lines.first ?? "", steps: beginning)]
      beginning = []
    }
  }

  private func readStep(at line: Int) -> Step {
    var end = line + 1
    // A blank line is of a block where the block goes on behind it.
    for place in end..<lines.count where lines[end..<place].allSatisfy(\.isEmpty) || end == place {
      if lines[place].hasPrefix("  ") { end = place + 1 } else if !lines[place].isEmpty { break }
    }
    let words = lines[line].split(separator: " ", maxSplits: 1)
    var step = Step(
      verb: String(words[0]),
      argument: words.count > 1 ? String(words[1]) : "",
      line: line,
      blockLines: line + 1..<end,
      block: lines[line + 1..<end].map { $0.hasPrefix("  ") ? String($0.dropFirst(2)) : $0 }
    )
    guard let verb = Player.Verb(rawValue: step.verb), verb.isSeen, verb != .command else { return step }
    let parts = " \(step.argument)".split(separator: " -> ", maxSplits: 1, omittingEmptySubsequences: false)
    step.argument = String(parts[0].drop { $0 == " " })
    step.block = (parts.dropFirst().map(String.init) + step.block).map { line in
      let text = line.drop { $0 == " " }
      return String(text.hasPrefix("-> ") ? text.dropFirst(3) : text)
    }
    return step
  }

  /// The same text with other lines below some steps, each given once.
  func text(with outcomes: [(step: Step, block: [String])]) -> String {
    var lines = lines
    for (step, block) in outcomes.sorted(by: { $0.step.line > $1.step.line }) {
      if step.verb == Player.Verb.command.rawValue {
        lines.replaceSubrange(step.blockLines, with: block.map { $0.isEmpty ? "" : "  " + $0 })
      } else {
        let start = step.verb + (step.argument.isEmpty ? "" : " " + step.argument)
        // Behind a long step there is no room.
        let isBelow = start.count > 30 && !block.isEmpty
        let indent = String(repeating: " ", count: isBelow ? 7 : start.count + 4)
        let first = block.first.map { (isBelow ? "    -> " : " -> ") + $0 } ?? ""
        let seen = (isBelow ? [start, first] : [start + first]) + block.dropFirst().map { indent + $0 }
        lines.replaceSubrange(step.line..<step.blockLines.upperBound, with: seen)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A step that cannot be carried out as it is written.
struct ScriptMistake: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
