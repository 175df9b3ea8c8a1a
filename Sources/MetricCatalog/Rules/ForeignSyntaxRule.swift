internal import Diagnostics

/// Patterns are written in the catalog's own syntax, not as regular expressions.
enum ForeignSyntaxRule: Rule {
  static let ids = [foreign]

  enum Place {
    case path, line, fieldName
  }

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      let paths = watcher.ownRun?.paths.flatMap { $0.key.value ?? [] } ?? []
      for path in (watcher.files.value ?? []) + (watcher.exclude.value ?? []) + paths {
        check(path, as: .path, [watcher.allow], report)
      }
      for text in watcher.formatKeys.flatMap(\.patterns) + (watcher.ownRun?.patterns ?? []) {
        check(text, as: .line, [watcher.allow], report)
      }
      for field in watcher.fields.value ?? [] {
        check(field.pattern, as: .fieldName, [watcher.allow] + field.targets.map(\.allow), report)
      }
    }
    for collector in catalog.collectors {
      for field in collector.readings.value ?? [] { check(field.pattern, as: .fieldName, [collector.allow], report) }
      for path in collector.paths { check(path, as: .path, [collector.allow], report) }
      for text in collector.matches?.flatMap(\.patterns) ?? [] { check(text, as: .line, [collector.allow], report) }
    }
  }

  private static func check(_ text: PatternText, as place: Place, _ waivers: [Key<[Text]>], _ report: Report) {
    guard text.pattern != nil, let (range, kind) = finding(in: text.text.value, as: place) else { return }
    let instead: String
    switch (place, kind) {
    case (.path, _): instead = "`*` stands for a part of a name, `**` for folders, and `{name}` takes what is there"
    case (_, .wildcard): instead = "write `{_}` for anything, or `{name}` to take it"
    case (_, .expression): instead = help
    }
    let what = kind == .wildcard ? "a wildcard" : "a regular expression"
    report.add(
      foreign,
      "this looks like \(what), and here these characters stand for themselves",
      at: text.text.range(of: range),
      help: instead,
      waivedBy: waivers
    )
  }

  static func looksForeign(_ text: String, as place: Place) -> Bool { finding(in: text, as: place) != nil }

  static let help = "patterns are not regular expressions: write `{name}` where a text is taken, and `{_}` for anything"

  private enum Kind {
    case expression, wildcard
  }

  /// What no text that is meant has in it: groups with quantifiers, classes, escapes.
  private static func finding(in text: String, as place: Place) -> (Range<Int>, Kind)? {
    let bytes = Array(text.utf8)
    func starts(_ wanted: String, at index: Int) -> Bool { bytes[index...].starts(with: wanted.utf8) }
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "("):
        for group in ["(?P<", "(?:", "(?i)", "(?<", "(.*", "(.+", "(\\", "([", "(?="] where starts(group, at: index) {
          // `([12.3 s])` is a text: a class has a quantifier.
          if group == "([", !isClass(bytes[(index + 1)...]) { continue }
          return (index..<end(of: bytes, from: index), .expression)
        }
      case UInt8(ascii: "["):
        guard let length = classLength(bytes[index...]) else { continue }
        let isQuantified = bytes[(index + length)...].first.map(isQuantifier) ?? false
        // In a path such a class is what shells have.
        if isQuantified || place == .path {
          return (index..<index + length, isQuantified ? .expression : .wildcard)
        }
      case UInt8(ascii: "\\"):
        let rest = bytes[(index + 1)...]
        guard let next = rest.first, "dDwWsS.".utf8.contains(next) else { continue }
        let behind = rest.dropFirst().first
        let isEscape =
          next == UInt8(ascii: ".") || behind.map { isQuantifier($0) || ")]|\\".utf8.contains($0) } ?? false
        if isEscape { return (index..<index + 2, .expression) }
      case UInt8(ascii: "."):
        // In paths `*` is a wildcard, and `metrics.*` and `/.*` are good ones.
        guard place != .path || index > 0 && bytes[index - 1] == UInt8(ascii: ")") else { continue }
        if starts(".*", at: index) || starts(".+", at: index) { return (index..<index + 2, .expression) }
      case UInt8(ascii: "^"):
        if index == 0, place != .fieldName, bytes.count > 1, bytes[1] != UInt8(ascii: "^"), bytes[1] != 0x20,
          bytes.last == UInt8(ascii: "$") || place == .path
        {
          return (0..<1, .expression)
        }
      case UInt8(ascii: "*"):
        if place == .fieldName, !isInsideCapture(bytes, index) { return (index..<index + 1, .wildcard) }
      default: continue
      }
    }
    return nil
  }

  /// `{name**}` has its own meaning, and its own mistake where it has none.
  private static func isInsideCapture(_ bytes: [UInt8], _ index: Int) -> Bool {
    bytes[..<index].lastIndex(of: UInt8(ascii: "{")).map { open in
      !bytes[open..<index].contains(UInt8(ascii: "}"))
    } ?? false
  }

  private static func isQuantifier(_ byte: UInt8) -> Bool { "+*?".utf8.contains(byte) }

  private static func isClass(_ bytes: ArraySlice<UInt8>) -> Bool {
    classLength(bytes).map { bytes.dropFirst($0).first.map(isQuantifier) ?? false } ?? false
  }

  /// The length of `[a-z0-9]` or `[^…]`: a class with a range or a negation in it.
  private static func classLength(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.first == UInt8(ascii: "["), let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let inside = bytes[(bytes.startIndex + 1)..<close]
    let hasRange = zip(inside, zip(inside.dropFirst(), inside.dropFirst(2))).contains { low, rest in
      rest.0 == UInt8(ascii: "-") && isAlphanumeric(low) && isAlphanumeric(rest.1) && low < rest.1
    }
    return hasRange && inside.count >= 3 || inside.first == UInt8(ascii: "^") ? close - bytes.startIndex + 1 : nil
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// The end of the group that begins there.
  private static func end(of bytes: [UInt8], from index: Int) -> Int {
    bytes[index...].firstIndex(of: UInt8(ascii: ")")).map { $0 + 1 } ?? index + 1
  }
}

extension ForeignSyntaxRule {
  private static let foreign = RuleID(
    "pattern/foreign-syntax",
    .warning,
    "a pattern that is written as a regular expression, or with a shell's wildcards where there are none",
    why: """
      Patterns are not regular expressions: `(.+)`, `[0-9]` and `\\d` stand for themselves. Such a pattern is valid \
      and matches nothing, so the metric stays empty and no error is counted.
      """,
    remedy: """
      Write `{name}` where a text is to be taken, and `{_}` where anything may stand. In paths, `*` and `**` work as \
      in a shell, and `[…]` and `?` do not. In names of fields there is no `*`. If the characters are meant as they \
      are, write `allow: [pattern/foreign-syntax]` at the watcher.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log:
          files: train.log
          format: text
          lines: ['loss: (?P<loss>[0-9.]+)', 'loss={loss}']
          fields: { loss: loss }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log:
          files: train.log
          format: text
          lines: ['loss: {loss}', 'loss={loss}']
          fields: { loss: loss }
      """
  )
}
