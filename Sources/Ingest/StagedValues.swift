/// Values that wait to be shown, the newest of each series, in the order in which the series were first met.
struct StagedValues {
  struct Entry {
    /// What it updates: by its place, or, where another process staged it, by what feeds it.
    var update: Place
    var labels: [String]
    var number: Double
    var text: String?
  }

  enum Place: Hashable {
    case index(Int)
    case source(Update.Source)
  }

  struct SavedEntry {
    var source: Update.Source
    var labels: [String]
    var number: Double
    var text: String?
  }

  /// As many as a registry has series by default: beyond, the newest wait no longer and are left out.
  static let entriesMax = 100_000

  private struct Key: Hashable {
    var update: Int
    var labels: [String]
  }

  private var entries: [Entry] = []
  /// By update, where its labels do not change; -1: none.
  private var fixedPlaces: [Int] = []
  private var places: [Key: Int] = [:]

  init(_ saved: [SavedEntry] = []) {
    entries = saved.map { Entry(update: .source($0.source), labels: $0.labels, number: $0.number, text: $0.text) }
  }

  /// Stages a value of an update that has one series.
  mutating func stage(_ number: Double, text: String?, labels: [String], of update: Int) {
    while fixedPlaces.count <= update { fixedPlaces.append(-1) }
    let place = fixedPlaces[update]
    if place >= 0 {
      entries[place].number = number
      entries[place].text = text
      entries[place].labels = labels
    } else if entries.count < Self.entriesMax {
      fixedPlaces[update] = entries.count
      entries.append(Entry(update: .index(update), labels: labels, number: number, text: text))
    }
  }

  /// Stages a value of an update whose series depends on the record.
  mutating func stage(_ number: Double, text: String?, labels: [String], perSeriesOf update: Int) {
    let key = Key(update: update, labels: labels)
    if let place = places[key] {
      entries[place].number = number
      entries[place].text = text
    } else if entries.count < Self.entriesMax {
      places[key] = entries.count
      entries.append(Entry(update: .index(update), labels: labels, number: number, text: text))
    }
  }

  mutating func removeAll() {
    entries.removeAll()
    fixedPlaces.removeAll(keepingCapacity: true)
    places.removeAll()
  }

  mutating func takeAll() -> [Entry] {
    defer { removeAll() }
    return entries
  }

  func saved(source: (Int) -> Update.Source) -> [SavedEntry] {
    entries.map { entry in
      let origin =
        switch entry.update {
        case .index(let index): source(index)
        case .source(let source): source
        }
      return SavedEntry(source: origin, labels: entry.labels, number: entry.number, text: entry.text)
    }
  }
}
