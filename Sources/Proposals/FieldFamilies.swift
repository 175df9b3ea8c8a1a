internal import PatternSyntax

/// Fields whose names differ in one part, which a label tells apart: `train/box_loss` and `train/cls_loss`.
struct FieldFamily {
  /// What stands before and behind the part.
  var prefix: String
  var suffix: String
  var label: String
  /// The members with their parts, in the order of the log.
  var members: [(field: String, part: String)]
  /// The words of the metric, without its phase.
  var words: [String]

  var pattern: String { Pattern.escaped(prefix) + "{\(label)}" + Pattern.escaped(suffix) }

  private struct Key: Hashable {
    var prefix: String
    var suffix: String
    var label: String
  }

  /// Finds the families among fields.
  ///
  /// - Parameter isCrowded: whether there are so many fields that whole groups of them become one metric each.
  static func find(among fields: [(profile: FieldProfile, meaning: FieldMeaning)], isCrowded: Bool) -> [FieldFamily] {
    var families: [FieldFamily] = []
    var claimed: Set<String> = []
    let names = Set(fields.map(\.profile.name))
    let splits: [(String) -> Key?] = [
      { interval($0, in: names) }, { component($0)?.key }, { numbered($0)?.key },
    ]
    for (kind, split) in (splits + (isCrowded ? [{ grouped($0) }] : [])).enumerated() {
      var found: [Key: [(field: String, part: String)]] = [:]
      var order: [Key] = []
      for (profile, _) in fields where !claimed.contains(profile.name) {
        guard let key = split(profile.name) else { continue }
        if found[key] == nil { order.append(key) }
        let part = String(profile.name.dropFirst(key.prefix.count).dropLast(key.suffix.count))
        found[key, default: []].append((profile.name, part))
      }
      for key in order {
        guard let members = found[key] else { continue }
        // An element of a list is one of several, though there may be one now.
        let isList = kind == 2 && (key.prefix.hasSuffix(".") || key.label == "dataset")
        guard members.count >= (kind == 3 ? 5 : isList ? 1 : 2) else { continue }
        claimed.formUnion(members.map(\.field))
        families.append(
          FieldFamily(
            prefix: key.prefix,
            suffix: key.suffix,
            label: key.label,
            members: members,
            words: words(key, fields, members)
          )
        )
      }
    }
    return families
  }

  private static func words(
    _ key: Key,
    _ fields: [(profile: FieldProfile, meaning: FieldMeaning)],
    _ members: [(field: String, part: String)]
  ) -> [String] {
    var profile = FieldProfile(name: "")
    profile.numbers = 0
    if key.label == "component" {
      profile.name = key.prefix + key.suffix
      let words = FieldMeaning(profile).words.filter { FieldMeaning.phases[$0] == nil && $0 != "loss" && $0 != "value" }
      return words + ["loss"]
    }
    profile.name = key.prefix + key.suffix
    var words = FieldMeaning(profile).words.filter { FieldMeaning.phases[$0] == nil }
    if ["group", "gpu", "rank", "layer", "worker", "expert", "env", "class"].contains(key.label) {
      words.removeAll { $0 == key.label || $0 == "pg" || $0 == "param" }
    }
    words.removeAll { $0.allSatisfy(\.isNumber) }
    if key.label == "score" { words.append("score") }
    return words.isEmpty ? ["value"] : words
  }

  // MARK: - Ways to part a name

  /// `x_step` and `x_epoch`, as Lightning writes both.
  private static func interval(_ name: String, in names: Set<String>) -> Key? {
    for (ending, other) in [("_step", "_epoch"), ("_epoch", "_step")] where name.hasSuffix(ending) {
      let stem = String(name.dropLast(ending.count))
      if !stem.isEmpty, names.contains(stem + other) { return Key(prefix: stem + "_", suffix: "", label: "interval") }
    }
    return nil
  }

  /// A part of the loss.
  private static func component(_ name: String) -> (key: Key, part: String)? {
    let lower = name.lowercased()
    for ending in ["_loss", "-loss", " loss", "/loss", ".loss"] where lower.hasSuffix(ending) {
      let stem = name.dropLast(ending.count)
      var start = stem.lastIndex { $0 == "/" || $0 == "." }.map { stem.index(after: $0) } ?? stem.startIndex
      if let end = stem[start...].firstIndex(where: { $0 == "_" || $0 == "-" || $0 == " " }),
        FieldMeaning.phases[stem[start..<end].lowercased()] != nil
      {
        start = stem.index(after: end)
      }
      let part = String(stem[start...])
      // `loss/value_loss` is one of `loss/{component}`.
      if ["loss/", "losses/", "loss.", "losses."].contains(where: stem[..<start].lowercased().hasSuffix) { break }
      guard isComponent(part) else { return nil }
      return (Key(prefix: String(stem[..<start]), suffix: String(name.suffix(ending.count)), label: "component"), part)
    }
    for beginning in ["loss_", "loss-", "loss/", "loss.", "losses/", "losses."] {
      guard let start = lower.range(ofWordPart: beginning) else { continue }
      let prefix = String(name[..<start])
      let part = String(name[start...])
      guard isComponent(part), part != "value" else { continue }
      return (Key(prefix: prefix, suffix: "", label: "component"), part)
    }
    return nil
  }

  private static func isComponent(_ part: String) -> Bool {
    let lower = part.lowercased()
    let none: Set = [
      "", "total", "mean", "avg", "average", "step", "epoch", "scale", "scaler", "weight", "std", "min", "max", "best",
      "sum", "final",
      "smooth", "running", "ema", "nll", "lm", "per", "overall", "ppl", "at",
    ]
    return !none.contains(lower) && FieldMeaning.phases[lower] == nil && lower.utf8.count <= 40
      && lower.utf8.allSatisfy { $0 &- 48 <= 9 || $0 &- 97 <= 25 || $0 == 95 || $0 == 45 }
      && lower.contains(where: \.isLetter)
  }

  /// Whether it is a value of an object in a list, such as `batches.12.loss`.
  static func isElementOfRecords(_ name: String) -> Bool {
    guard let key = numbered(name)?.key else { return false }
    return key.label == "index" && key.prefix.hasSuffix(".") && key.suffix.hasPrefix(".")
      && key.suffix.contains(where: \.isLetter)
  }

  /// `batches.{n}.loss` for `batches.12.loss`.
  static func withoutNumber(_ name: String) -> String {
    numbered(name).map { "\($0.key.prefix){n}\($0.key.suffix)" } ?? name
  }

  static func isNumbered(_ name: String) -> Bool { numbered(name) != nil }

  /// A number that tells groups, devices or elements of a list apart.
  private static func numbered(_ name: String) -> (key: Key, part: String)? {
    let characters = Array(name)
    var end = characters.count
    while end > 0 {
      guard let last = characters[..<end].lastIndex(where: \.isNumber) else { return nil }
      var start = last
      while start > 0, characters[start - 1].isNumber { start -= 1 }
      let (before, behind) = (String(characters[..<start]), String(characters[(last + 1)...]))
      if let label = label(before: before, behind: behind) {
        return (Key(prefix: before, suffix: behind, label: label), String(characters[start...last]))
      }
      end = start
    }
    return nil
  }

  private static func label(before: String, behind: String) -> String? {
    guard behind.isEmpty || "/._-: ".contains(behind.first ?? " ") else { return nil }
    let lower = before.lowercased()
    let known = [
      ("pg", "group"), ("group", "group"), ("lr", "group"), ("learning_rate", "group"), ("gpu", "gpu"),
      ("cuda:", "gpu"),
      ("device", "gpu"), ("rank", "rank"), ("layer", "layer"), ("expert", "expert"), ("worker", "worker"),
      ("env", "env"),
      ("class", "class"), ("momentum", "group"), ("fold", "fold"), ("validation", "dataset"), ("valid", "dataset"),
      ("eval", "dataset"), ("split", "split"), ("pseudo_dice", "class"),
    ]
    let bare =
      lower.hasSuffix("/") || lower.hasSuffix(".") || lower.hasSuffix("_") || lower.hasSuffix("-")
      ? String(lower.dropLast()) : lower
    for (word, label) in known
    where bare == word || bare.hasSuffix("/" + word) || bare.hasSuffix("_" + word) || bare.hasSuffix("." + word) {
      return label
    }
    return lower.hasSuffix(".") || lower.hasSuffix("/") && behind.isEmpty ? "index" : nil
  }

  /// What stands before the last name, where there are many such.
  private static func grouped(_ name: String) -> Key? {
    guard let cut = name.lastIndex(where: { $0 == "/" || $0 == "." }) else { return nil }
    let prefix = String(name[...cut])
    return prefix.count > 1 && prefix.count < name.count ? Key(prefix: prefix, suffix: "", label: "score") : nil
  }
}

extension String {
  /// Where a text ends that stands at the beginning, or behind a sign that parts words.
  fileprivate func range(ofWordPart part: String) -> String.Index? {
    var index = startIndex
    while index < endIndex {
      let isStart = index == startIndex || "/._- ".contains(self[self.index(before: index)])
      if isStart, self[index...].hasPrefix(part) { return self.index(index, offsetBy: part.count) }
      index = self.index(after: index)
    }
    return nil
  }
}
