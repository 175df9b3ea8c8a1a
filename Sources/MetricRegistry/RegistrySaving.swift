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
    guard series.saved.place > 0 else { return }
    endedPlaces.append(series.saved.place)
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
    guard changes.isWhole || series.saved.place == 0 || series.saved.digest != digest else { return }
    if series.saved.place == 0 {
      // In the order of their first appearance.
      lastPlace += 1
      series.saved.place = lastPlace
    }
    series.saved.digest = digest
    changes.set(.series, series.saved.place, encoder)
  }

  /// The value of a label is used with a series that carries it, whose page is then marked.
  private func encodeValues(of series: Series, into changes: inout StateChanges) {
    for position in 0..<series.labelCount {
      series.values[position]._withUnsafeGuaranteedRef { value in
        guard value.savedAge.withLock({ $0 }) != value.age else { return }
        encode(value, ofTable: series.metric.labelTables[position], into: &changes)
      }
    }
  }

  func encode(_ value: LabelValue, ofTable table: Int, into changes: inout StateChanges) {
    let saved = SavedLabelValue(value)
    value.savedAge.withLock { $0 = saved.age }
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
