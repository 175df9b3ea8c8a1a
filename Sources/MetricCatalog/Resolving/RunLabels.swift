internal import PatternSyntax

/// Which labels tell a watcher's runs apart, and what settles them. Used by the rules and to resolve, so that both agree.
///
/// A run is known by its log alone, before any record is read: what settles a label is the watcher's `labels:`, else the
/// capture of that name in the path.
struct RunLabels {
  enum Origin {
    /// Texts and captures of the path.
    case path(LabelText)
    /// A text that depends on the field or the record.
    case record
    case nothing
    /// A mistake that has its own diagnostic stands in the way.
    case unknown
  }

  /// In the order of the catalog's labels; nil: not known, because of a mistake that has its own diagnostic.
  private(set) var names: [String]?
  /// The captures that every path has; nil: not known.
  private let pathCaptures: Set<String>?
  /// Those that a text may name; nil: not known.
  private let labelCaptures: Set<String>?
  /// The texts of the watcher's `labels:`.
  private let texts: [String: PatternText]
  private let knowsTexts: Bool

  init(of watcher: WatcherDeclaration, _ catalog: CatalogDeclaration) {
    pathCaptures = watcher.pathCaptures
    labelCaptures = watcher.labelCaptures
    texts = Dictionary((watcher.labels.value ?? []).map { ($0.name.value, $0.text) }) { first, _ in first }
    knowsTexts = !watcher.labels.isBroken
    guard let run = watcher.ownRun, !run.by.isBroken, catalog.knowsLabels else { return }
    let places = catalog.labelPlaces
    let wanted = run.by.value.map { Set($0.map(\.value)) } ?? byDefault?.filter { places[$0] != nil }
    names = wanted?.sorted { (places[$0] ?? Int.max, $0) < (places[$1] ?? Int.max, $1) }
  }

  /// The labels whose text has something of the path in it; nil: not known. A text that is the same for all logs tells no
  /// runs apart.
  private var byDefault: Set<String>? {
    guard let pathCaptures, knowsTexts else { return nil }
    return pathCaptures.union(texts.keys).filter { name in
      guard case .path(let text) = origin(of: name) else { return false }
      return !text.pathCaptures.isEmpty
    }
  }

  func origin(of name: String) -> Origin {
    guard knowsTexts, let pathCaptures else { return .unknown }
    guard let text = texts[name] else {
      return pathCaptures.contains(name) ? .path(LabelText(parts: [.pathCapture(name)])) : .nothing
    }
    guard let pattern = text.pattern else { return .unknown }
    var parts: [LabelText.Part] = []
    for part in pattern.parts {
      switch part {
      case .literal(let text): parts.append(.literal(text))
      case .capture(let name), .deepCapture(let name):
        guard pathCaptures.contains(name) else {
          return labelCaptures?.contains(name) ?? false ? .record : .unknown
        }
        parts.append(.pathCapture(name))
      case .field: return .record
      }
    }
    return .path(LabelText(parts: parts))
  }

  /// Each with its text; those that have none are left out.
  var resolved: [(name: String, text: LabelText)] {
    (names ?? []).compactMap { name in
      guard case .path(let text) = origin(of: name) else { return nil }
      return (name, text)
    }
  }
}

extension LabelText {
  /// The names of the path's captures in it.
  var pathCaptures: [String] {
    parts.compactMap { part in
      if case .pathCapture(let name) = part { name } else { nil }
    }
  }
}
