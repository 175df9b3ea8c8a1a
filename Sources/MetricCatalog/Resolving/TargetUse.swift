internal import PatternSyntax

/// A target with the place where it stands: what can settle its labels there.
struct TargetUse {
  enum Parent {
    case field(PatternText)
    case eachRecord
    case reading(PatternText)

    /// What stands before the target.
    var name: String? {
      switch self {
      case .field(let text), .reading(let text): text.text.value
      case .eachRecord: nil
      }
    }
  }

  var target: TargetDeclaration
  var parent: Parent
  /// nil: a collector's.
  var watcher: WatcherDeclaration?
  /// nil: a watcher's.
  var collector: CollectorDeclaration?

  /// The captures of the field's name; nil: not known.
  var fieldCaptures: [String]? {
    switch parent {
    case .field(let pattern), .reading(let pattern): pattern.pattern?.captureNames
    case .eachRecord: []
    }
  }

  /// The `allow:` of the target and of what it stands in.
  var waivers: [Key<[Text]>] {
    [target.allow, watcher?.allow, collector?.allow].compactMap { $0 }
  }

  /// The name of a collector's reading; nil: it is a watcher's target.
  var reading: PatternText? {
    if case .reading(let pattern) = parent { pattern } else { nil }
  }

  var isEachRecord: Bool {
    if case .eachRecord = parent { true } else { false }
  }
}

extension CatalogDeclaration {
  /// Every target in the order of the file.
  func allTargetUses() -> [TargetUse] {
    watchers.flatMap(\.targetUses)
      + collectors.flatMap { collector in
        (collector.readings.value ?? []).flatMap { field in
          field.targets.map { TargetUse(target: $0, parent: .reading(field.pattern), collector: collector) }
        }
      }
  }
}

extension WatcherDeclaration {
  var targetUses: [TargetUse] {
    (eachRecord.value ?? []).map { TargetUse(target: $0, parent: .eachRecord, watcher: self) }
      + (fields.value ?? []).flatMap { field in
        field.targets.map { TargetUse(target: $0, parent: .field(field.pattern), watcher: self) }
      }
  }
}
