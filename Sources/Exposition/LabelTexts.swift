import MetricRegistry
import Synchronization

/// The rendered labels of a page's series, `a="b",c="d"`, kept with the page from scrape to scrape: they are most of
/// an exposition's bytes and never change. Immutable; a page that has grown gets a new one.
final class LabelTexts: Sendable {
  let bytes: [UInt8]
  /// Where each series' text ends.
  let ends: [UInt32]

  private init(bytes: [UInt8], ends: [UInt32]) {
    self.bytes = bytes
    self.ends = ends
  }

  /// The texts of at least the first `count` series.
  static func of(_ page: SeriesPage, count: Int) -> LabelTexts {
    page.cache.withLock { cache in
      let known = cache as? LabelTexts
      if let known, known.ends.count >= count { return known }
      var bytes = known?.bytes ?? []
      var ends = known?.ends ?? []
      ends.reserveCapacity(count)
      let names = count > 0 ? page.series(at: 0).metric.descriptor.labels.map(\.name) : []
      for position in ends.count..<count {
        append(page.series(at: position), names, to: &bytes)
        ends.append(UInt32(truncatingIfNeeded: bytes.count))
      }
      let texts = LabelTexts(bytes: exact(bytes), ends: exact(ends))
      cache = texts
      return texts
    }
  }

  private static func append(_ series: Series, _ names: [String], to bytes: inout [UInt8]) {
    // A dropped series is never exposed again.
    if series.isDropped { return }
    for (position, name) in names.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      TextEscaping.appendLabel(name: name, value: series.labelValue(at: position), to: &bytes)
    }
  }

  /// Without the room that growing left.
  private static func exact<Element>(_ elements: [Element]) -> [Element] {
    guard elements.capacity > elements.count + elements.count / 8 else { return elements }
    return [Element](unsafeUninitializedCapacity: elements.count) { buffer, count in
      count = buffer.initialize(fromContentsOf: elements)
    }
  }
}
