internal import StateStore

/// What of a registry's series was saved, so that what rests is not saved again. Guarded by the registry's lock.
///
/// A page that an update has touched is encoded, and of its series those are saved whose bytes are others than before;
/// so a save costs what has changed, and the marks cost an update nothing.
struct RegistrySaving {
  /// How often all rejections were counted when they were last saved.
  var rejections: UInt64 = 0
  private var lastPlace: UInt64 = 0
  /// The places of saved series that have ended since.
  private var endedPlaces: [UInt64] = []
  private var haveInfosEnded = false

  mutating func ended(_ series: Series) {
    let place = series.savedPlace
    guard place > 0 else { return }
    endedPlaces.append(place)
    if series.metric.descriptor.type == .info { haveInfosEnded = true }
  }

  mutating func takeEnded() -> (places: [UInt64], haveInfosEnded: Bool) {
    defer { (endedPlaces, haveInfosEnded) = ([], false) }
    return (endedPlaces, haveInfosEnded)
  }

  /// Saves a series, and the values of its labels, as far as they have changed.
  mutating func encode(_ series: Series, feeder: Int, into changes: inout StateChanges) {
    if !changes.isWhole { encodeValues(of: series, into: &changes) }
    var encoder = StateEncoder()
    encoder.encode(compact: UInt64(series.metric.index))
    encoder.encode(compact: UInt64(feeder + 1))
    series.encode(into: &encoder)
    let digest = encoder.digest
    var saved = series.saved
    guard changes.isWhole || saved.place == 0 || saved.digest != digest else { return }
    if saved.place == 0 {
      // In the order of their first appearance.
      lastPlace += 1
      saved.place = lastPlace
    }
    saved.digest = digest
    series.saved = saved
    changes.set(.series, saved.place, encoder)
  }

  /// The value of a label is used with a series that carries it, whose page is then marked.
  private func encodeValues(of series: Series, into changes: inout StateChanges) {
    for position in 0..<series.labelCount {
      let value = series.value(ofLabel: position)
      guard value.use.savedAge != value.age else { continue }
      encode(value, ofTable: series.metric.labelTables[position], into: &changes)
    }
  }

  func encode(_ value: LabelValue, ofTable table: Int, into changes: inout StateChanges) {
    let saved = SavedLabelValue(value)
    value.use.savedAge = saved.age
    changes.set(.labelValue, UInt64(table) << 32 | UInt64(saved.slot)) { $0.encode(saved) }
  }
}

/// As what a series was saved last.
struct SavedSeries {
  /// Its place among all saved series; 0: it was not saved yet.
  var place: UInt64 = 0
  /// Of its bytes.
  var digest: UInt64 = 0
}

extension Series {
  /// As what it was saved last. Under the registry's lock.
  var saved: SavedSeries {
    get { block.saved.isEmpty ? SavedSeries() : block.saved[position] }
    nonmutating set {
      if block.saved.isEmpty { block.saved = Array(repeating: SavedSeries(), count: block.capacity) }
      block.saved[position] = newValue
    }
  }

  /// Its place among the saved series; 0: it was not saved. On the thread that saves.
  package var savedPlace: UInt64 { saved.place }
}

extension RegistryState {
  /// Encodes what series refer to: their metrics, and the values of labels.
  mutating func encodeDeclarations(of metrics: [Metric], into changes: inout StateChanges) {
    for metric in metrics {
      changes.set(.metric, UInt64(metric.index)) { encoder in
        encoder.encode(metric.descriptor.name)
        encoder.encode(metric.labelTables)
      }
    }
    for table in Set(metrics.flatMap(\.labelTables)).sorted() {
      labels[table].forEachLive { _, value in saving.encode(value, ofTable: table, into: &changes) }
    }
  }
}
