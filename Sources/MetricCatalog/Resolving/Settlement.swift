internal import PatternSyntax

/// Where a label's value comes from at a target: the target's own labels, else the field's capture, else the watcher's
/// `labels:`, else the path's capture, else a collector's reading. Used by the rules and to resolve, so that both agree.
enum Settlement {
  case settled(LabelText)
  /// A collector's reading settles it itself.
  case byReading
  case unsettled
  /// A mistake that has its own diagnostic stands in the way.
  case unknown

  static func settle(_ label: String, at use: TargetUse) -> Settlement {
    if let own = use.target.labels.first(where: { $0.name.value == label }) {
      return fill(own.text, at: use) ?? .unknown
    }
    guard let fieldCaptures = use.fieldCaptures, !use.target.isBroken else { return .unknown }
    if fieldCaptures.contains(label) { return .settled(LabelText(parts: [.fieldCapture(label)])) }
    if let collector = use.collector, let reading = use.reading {
      // A collector or reading that is not known has its own diagnostic.
      return switch collector.settles(label, for: reading) {
      case true?: .byReading
      case false?: .unsettled
      case nil: collector.descriptor == nil ? .byReading : .unknown
      }
    }
    guard let watcher = use.watcher else { return .byReading }
    if watcher.labels.isBroken { return .unknown }
    if let common = watcher.labels.value?.first(where: { $0.name.value == label }) {
      if let settlement = fill(common.text, at: use) { return settlement }
      // A capture of other fields' names does not help here; one that nothing takes has its own diagnostic.
      guard let known = watcher.labelCaptures, let names = common.text.pattern?.captureNames else { return .unknown }
      return names.allSatisfy(known.contains) ? .unsettled : .unknown
    }
    guard let pathCaptures = watcher.pathCaptures else { return .unknown }
    return pathCaptures.contains(label) ? .settled(LabelText(parts: [.pathCapture(label)])) : .unsettled
  }

  /// The text with its captures resolved, the field's before the path's; nil: it names one that is not there.
  static func fill(_ text: PatternText, at use: TargetUse) -> Settlement? {
    guard let pattern = text.pattern else { return .unknown }
    var parts: [LabelText.Part] = []
    for part in pattern.parts {
      switch part {
      case .literal(let text): parts.append(.literal(text))
      case .field(let name): parts.append(.field(name))
      case .capture(let name), .deepCapture(let name):
        guard let fieldCaptures = use.fieldCaptures else { return .unknown }
        if fieldCaptures.contains(name) {
          parts.append(.fieldCapture(name))
          continue
        }
        guard let watcher = use.watcher else { return nil }
        guard let pathCaptures = watcher.pathCaptures else { return .unknown }
        guard pathCaptures.contains(name) else { return nil }
        parts.append(.pathCapture(name))
      }
    }
    return .settled(LabelText(parts: parts))
  }
}
