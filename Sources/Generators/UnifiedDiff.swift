internal import Diagnostics

/// What is to be changed in a text to have another, as `diff -u` shows it.
package enum UnifiedDiff {
  /// Lines around a change.
  private static let context = 3
  /// What changes between the first and the last difference is compared line by line up to so many lines; else all of it
  /// counts as changed. The time grows with the product of both sides.
  private static let comparedMax = 1_000
  /// Nobody reads further ones.
  static let linesMax = 100

  private struct Edit {
    enum Kind: Character {
      case same = " "
      case removed = "-"
      case added = "+"
    }

    var kind: Kind
    var line: Substring
  }

  /// The text of the difference, each line with its end; empty where there is none.
  ///
  /// - Parameter name: the file's, as the first lines show it.
  package static func text(from old: String, to new: String, name: String) -> String {
    let edits = edits(from: lines(of: old), to: lines(of: new))
    let hunks = hunks(edits)
    guard !hunks.isEmpty else { return "" }
    var shown = ["--- \(name)", "+++ \(name)"]
    for hunk in hunks { shown += text(hunk, of: edits) }
    if shown.count > linesMax {
      let more = shown.count - linesMax
      shown = shown.prefix(linesMax) + ["… \(more) more lines"]
    }
    return shown.map { $0 + "\n" }.joined()
  }

  private static func lines(of text: String) -> [Substring] {
    // By scalars, since a carriage return and a line feed are one character.
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      // What stands in a file may be meant for the terminal.
      Substring(PrintableText.escape(String(line)))
    }
    if let last = lines.popLast(), !last.isEmpty { lines.append("\(last)\n\\ No newline at end of file") }
    return lines
  }

  private static func edits(from old: [Substring], to new: [Substring]) -> [Edit] {
    let head = zip(old, new).prefix { $0 == $1 }.count
    let tail = min(
      zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count,
      min(old.count, new.count) - head
    )
    let before = Array(old[head..<(old.count - tail)])
    let after = Array(new[head..<(new.count - tail)])
    return old.prefix(head).map { Edit(kind: .same, line: $0) }
      + middle(from: before, to: after)
      + old.suffix(tail).map { Edit(kind: .same, line: $0) }
  }

  private static func middle(from old: [Substring], to new: [Substring]) -> [Edit] {
    var removed = Set(old.indices)
    var added = Set(new.indices)
    if max(old.count, new.count) <= comparedMax {
      let difference = new.difference(from: old)
      removed = Set(difference.removals.map(place))
      added = Set(difference.insertions.map(place))
    }
    var edits: [Edit] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, removed.contains(left) {
        edits.append(Edit(kind: .removed, line: old[left]))
        left += 1
      } else if right < new.count, added.contains(right) {
        edits.append(Edit(kind: .added, line: new[right]))
        right += 1
      } else {
        edits.append(Edit(kind: .same, line: old[left]))
        left += 1
        right += 1
      }
    }
    return edits
  }

  private static func place(_ change: CollectionDifference<Substring>.Change) -> Int {
    switch change {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }

  /// Changes whose surroundings touch are one.
  private static func hunks(_ edits: [Edit]) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for index in edits.indices where edits[index].kind != .same {
      let range = max(index - context, 0)..<min(index + context + 1, edits.count)
      if let last = hunks.last, last.upperBound >= range.lowerBound {
        hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
      } else {
        hunks.append(range)
      }
    }
    return hunks
  }

  private static func text(_ hunk: Range<Int>, of edits: [Edit]) -> [String] {
    func span(without kind: Edit.Kind) -> String {
      let start = edits[..<hunk.lowerBound].count { $0.kind != kind }
      let count = edits[hunk].count { $0.kind != kind }
      return "\(count == 0 ? start : start + 1),\(count)"
    }
    return ["@@ -\(span(without: .added)) +\(span(without: .removed)) @@"]
      + edits[hunk].map { "\($0.kind.rawValue)\($0.line)" }
  }
}
