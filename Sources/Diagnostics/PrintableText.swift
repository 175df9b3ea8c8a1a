/// Makes text from a file or a user safe to show on a terminal.
public enum PrintableText {
  /// The text with each control character, each mark that changes the writing direction, and each byte order mark
  /// replaced by an escape such as `\n` or `\u{1b}`. Everything else stays as it is.
  public static func escape(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where isUnprintable(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Bytes of a source line cut into what a terminal shows for each scalar.
  static func cells(_ bytes: ArraySlice<UInt8>) -> Cells {
    var cells: [Cells.Cell] = []
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if scalar == "\t" {
        cells.append(Cells.Cell(scalar: " ", columns: 1))
      } else if isUnprintable(scalar) {
        cells.append(Cells.Cell(scalar: "\u{FFFD}", columns: 1))
      } else {
        cells.append(Cells.Cell(scalar: scalar, columns: columns(of: scalar)))
      }
    }
    return Cells(cells: cells)
  }

  /// All of them are in the basic multilingual plane: four hexadecimal digits write them.
  package static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: true
    // Direction marks, embeddings, overrides and isolates; line and paragraph separator; byte order mark.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// Close to what terminals do: East Asian wide forms and emoji take two columns, combining marks none.
  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x200B...0x200D, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F: 2
    case 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF: 2
    case 0x20000...0x3FFFD: 2
    default: 1
    }
  }
}

/// A stretch of a source line with the terminal columns that it takes.
struct Cells {
  struct Cell {
    var scalar: Unicode.Scalar
    var columns: Int
  }

  var cells: [Cell]

  var columns: Int { cells.reduce(0) { $0 + $1.columns } }
  var text: String { Self.text(cells[...]) }

  func prefix(columns: Int) -> String { Self.text(cells[..<end(columns: columns)]) }

  func suffix(columns: Int) -> String { Self.text(cells[start(columns: columns)...]) }

  func suffixColumns(_ columns: Int) -> Int { cells[start(columns: columns)...].reduce(0) { $0 + $1.columns } }

  private func end(columns: Int) -> Int {
    var used = 0
    for (index, cell) in cells.enumerated() {
      used += cell.columns
      if used > columns { return index }
    }
    return cells.count
  }

  private func start(columns: Int) -> Int {
    var used = 0
    for index in cells.indices.reversed() {
      used += cells[index].columns
      if used > columns { return index + 1 }
    }
    return 0
  }

  private static func text(_ cells: ArraySlice<Cell>) -> String {
    var text = ""
    for cell in cells { text.unicodeScalars.append(cell.scalar) }
    return text
  }
}
