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
    return TemplateAction.all(in: bytes).flatMap { action in
      action.pieces.indices.compactMap { index -> LabelUse? in
        guard case .word(let word) = action.pieces[index].piece else { return nil }
        let range = action.pieces[index].range
        if word.hasPrefix(variable + ".") {
          let name = name(from: range.lowerBound + variable.utf8.count + 1, bytes, range)
          return name.isEmpty ? nil : LabelUse(bytes, name)
        }
        guard word == variable, index + 1 < action.pieces.count,
          case .string(let content, _) = action.pieces[index + 1].piece, !content.isEmpty
        else { return nil }
        return LabelUse(bytes, content)
      }
    }
  }

  private static let variable = "$labels"

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
