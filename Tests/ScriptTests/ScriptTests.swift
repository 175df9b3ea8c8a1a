import Foundation
import Testing

/// The scenes of `Tests/Scripts`. `UPDATE_GOLDEN=1 swift test --filter Scripts` writes what is seen into them, for you to
/// read as a diff.
@Suite struct Scripts {
  /// One scene of a file.
  struct Reference: CustomTestStringConvertible, Sendable {
    var script: String
    var place: Int
    var title: String

    var testDescription: String { "\(script)/\(title)" }
  }

  static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  static let scenes: [Reference] = Script.names.flatMap { name in
    ((try? Script(name: name))?.scenes ?? []).enumerated().map {
      Reference(script: name, place: $0.offset, title: $0.element.title)
    }
  }

  /// Without arguments the others would pass.
  @Test func allScenesAreFound() throws {
    #expect(Script.names.count > 20)
    for name in Script.names { #expect(try !Script(name: name).scenes.isEmpty, "\(name)") }
  }

  @Test(.enabled(if: !isUpdating), arguments: scenes) func aSceneIsAsItIsWritten(scene: Reference) throws {
    let script = try Script(name: scene.script)
    for (step, block) in try play(scene.place, of: script) where block != step.block {
      record(
        "\(script.lines[step.line])\n\(Difference.text(from: step.block, to: block))\n"
          + "If this is right, UPDATE_GOLDEN=1 swift test --filter Scripts writes it.",
        at: step.line,
        of: script
      )
    }
  }

  @Test(.enabled(if: isUpdating), arguments: Script.names) func whatIsSeenIsWritten(name: String) throws {
    let script = try Script(name: name)
    let outcomes = try script.scenes.indices.flatMap { place in
      // What all scenes begin with is carried out in each, and written once.
      try play(place, of: script).filter { place == 0 || $0.step.line >= script.scenes[place].steps[0].line }
    }
    let text = script.text(with: outcomes)
    let former = script.lines.joined(separator: "\n") + "\n"
    guard text != former else { return }
    try Data(text.utf8).write(to: script.file)
    record("written anew: read its diff", at: 0, of: script)
  }

  private func play(_ place: Int, of script: Script) throws -> [(step: Script.Step, block: [String])] {
    let player = try Player()
    do {
      try player.play(script.beginning + script.scenes[place].steps)
    } catch {
      record("\(script.lines[error.step.line]): \(error.text)", at: error.step.line, of: script)
    }
    return player.outcomes
  }

  private func record(_ text: String, at line: Int, of script: Script) {
    let location = SourceLocation(
      fileID: "Scripts/\(script.name).txt",
      filePath: script.file.path,
      line: line + 1,
      column: 1
    )
    Issue.record(Comment(rawValue: text), sourceLocation: location)
  }
}

/// What of some lines is other in others.
enum Difference {
  /// All lines in order, `-` before those that went and `+` before those that came.
  static func text(from old: [String], to new: [String]) -> String {
    let difference = new.difference(from: old)
    let removed = Set(
      difference.removals.map { change in
        if case .remove(let offset, _, _) = change { offset } else { -1 }
      }
    )
    let inserted = Set(
      difference.insertions.map { change in
        if case .insert(let offset, _, _) = change { offset } else { -1 }
      }
    )
    var lines: [String] = []
    var place = 0
    for (offset, line) in old.enumerated() {
      while inserted.contains(place) {
        lines.append("  + " + new[place])
        place += 1
      }
      lines.append((removed.contains(offset) ? "  - " : "    ") + line)
      if !removed.contains(offset) { place += 1 }
    }
    return (lines + new[place...].map { "  + " + $0 }).joined(separator: "\n")
  }
}
