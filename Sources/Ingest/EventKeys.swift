internal import LogFormats
internal import MetricRegistry

/// A metric, and what lines say of each of its labels, in its order: before `named` and `otherwise`, so that several of a
/// process may end in one series.
struct SeriesName: Hashable {
  let metric: Int
  let labelValues: [String]
}

/// What a line says of metric and labels, looked up once: afterwards the same bytes lead to the same series without being
/// taken apart. Kept for speed alone.
struct EventKeys {
  /// What metric and labels of a line mean under the catalog.
  enum Meaning {
    case series(SeriesName)
    /// An info, of which some labels may stand elsewhere in the line.
    case info(Int, labels: [(name: String, text: String)])
    case refused(Rejection)
    /// An escape that JSON has not.
    case malformed
  }

  final class Key {
    let meaning: Meaning
    /// The series as it was accepted; nil: it was not asked for yet.
    var series: EventSeries?
    /// The same under this name; nil: no process contributed to it yet.
    var said: SaidName?
    fileprivate let metric: [UInt8]
    fileprivate let labels: [UInt8]

    fileprivate init(_ meaning: Meaning, metric: [UInt8] = [], labels: [UInt8] = []) {
      self.meaning = meaning
      self.metric = metric
      self.labels = labels
    }
  }

  /// Beyond, all are looked up anew: names that nobody declared may come without end.
  private static let bytesMax = 16 << 20
  private static let bytesPerKey = 200

  private var keys: [UInt64: Key] = [:]
  private var bytes = 0

  /// - Parameter meaning: of a key that is new.
  mutating func key(of line: borrowing EventLine, _ meaning: () -> Meaning) -> Key? {
    guard let metric = line.metric else { return nil }
    let labels = line.labels ?? EventLine.Piece(start: nil, count: 0)
    let digest = Self.digest(labels, after: Self.digest(metric, after: 0xcbf2_9ce4_8422_2325))
    if let key = keys[digest] {
      // Another key with this digest is looked up each time.
      return Self.areEqual(key.metric, metric) && Self.areEqual(key.labels, labels) ? key : Key(meaning())
    }
    if bytes > Self.bytesMax { (keys, bytes) = ([:], 0) }
    let key = Key(meaning(), metric: Array(metric), labels: Array(labels))
    bytes += metric.count + labels.count + Self.bytesPerKey
    keys[digest] = key
    return key
  }

  private static func digest(_ piece: EventLine.Piece, after start: UInt64) -> UInt64 {
    var digest = start ^ UInt64(piece.count)
    let bytes = UnsafeRawBufferPointer(piece)
    var at = 0
    while at + 8 <= bytes.count {
      digest = mix(digest ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    var rest: UInt64 = 0
    while at < bytes.count {
      rest = rest << 8 | UInt64(bytes[at])
      at += 1
    }
    return mix(digest ^ rest)
  }

  private static func mix(_ word: UInt64) -> UInt64 {
    let (high, low) = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return high ^ low
  }

  private static func areEqual(_ bytes: [UInt8], _ piece: EventLine.Piece) -> Bool {
    bytes.count == piece.count && bytes.elementsEqual(piece)
  }
}
