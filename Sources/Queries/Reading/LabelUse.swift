/// A label that a text asks for.
struct LabelUse: Equatable {
  var name: String
  /// Its bytes in the text.
  var range: Range<Int>

  /// Of the templates in alerts: `{{ $labels.run }}`, `{{ index $labels "run" }}`.
  ///
  /// <https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>
  static func inTemplate(_ text: String) -> [LabelUse] {
    let bytes = Array(text.utf8)
    var uses: [LabelUse] = []
    for inner in actions(bytes) {
      var at = inner.lowerBound
      let word = Array("$labels".utf8)
      while at < inner.upperBound {
        guard bytes[at..<inner.upperBound].starts(with: word) else {
          at += 1
          continue
        }
        at += word.count
        if at < inner.upperBound, bytes[at] == UInt8(ascii: ".") {
          let name = name(from: at + 1, bytes, inner)
          if !name.isEmpty { uses.append(LabelUse(bytes, name)) }
        } else {
          var quote = at
          while quote < inner.upperBound, bytes[quote] == 0x20 { quote += 1 }
          guard quote > at, quote < inner.upperBound, bytes[quote] == 0x22 || bytes[quote] == 0x60 else { continue }
          if let end = bytes[(quote + 1)..<inner.upperBound].firstIndex(of: bytes[quote]), end > quote + 1 {
            uses.append(LabelUse(bytes, quote + 1..<end))
          }
        }
      }
    }
    return uses
  }

  /// Of a legend: `{{run}}`.
  static func inLegend(_ text: String) -> [LabelUse] {
    let bytes = Array(text.utf8)
    return actions(bytes).compactMap { inner in
      var start = inner.lowerBound
      while start < inner.upperBound, bytes[start] == 0x20 { start += 1 }
      let name = name(from: start, bytes, inner)
      let isAlone = bytes[name.upperBound..<inner.upperBound].allSatisfy { $0 == 0x20 }
      return name.isEmpty || !isAlone ? nil : LabelUse(bytes, name)
    }
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    name = String(decoding: bytes[range], as: UTF8.self)
    self.range = range
  }

  /// What stands between `{{` and `}}`.
  private static func actions(_ bytes: [UInt8]) -> [Range<Int>] {
    var actions: [Range<Int>] = []
    var start: Int?
    var at = 0
    while at + 1 < bytes.count {
      if bytes[at] == 0x7B, bytes[at + 1] == 0x7B {
        start = at + 2
        at += 2
      } else if bytes[at] == 0x7D, bytes[at + 1] == 0x7D, let from = start {
        actions.append(from..<max(from, at))
        start = nil
        at += 2
      } else {
        at += 1
      }
    }
    return actions
  }

  private static func name(from start: Int, _ bytes: [UInt8], _ limit: Range<Int>) -> Range<Int> {
    var end = start
    while end < limit.upperBound, bytes[end].isOfLabel { end += 1 }
    return start..<end
  }
}

extension UInt8 {
  fileprivate var isOfLabel: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == 0x5F
  }
}
