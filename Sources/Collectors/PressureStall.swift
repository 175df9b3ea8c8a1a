/// What `/proc/pressure/*` and a control group's `*.pressure` say: how long threads were held up for want of a resource.
/// Pure: takes the file's bytes. Documentation/accounting/psi.rst.
package struct PressureStall: Sendable, Hashable {
  package struct Line: Sendable, Hashable {
    /// The file has microseconds.
    package var seconds: Double
    /// The file has percent.
    package var ratio: Double
  }

  package var some: Line?
  package var full: Line?

  package init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      guard let key = line.word() else { continue }
      if key.equals("some") {
        some = Self.parse(&line)
      } else if key.equals("full") {
        full = Self.parse(&line)
      }
    }
    if some == nil, full == nil { return nil }
  }

  private static func parse(_ line: inout ByteScanner) -> Line? {
    var seconds: Double?
    var ratio: Double?
    while let word = line.word() {
      guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let key = UnsafeBufferPointer(rebasing: word[..<equals])
      if key.equals("total") {
        seconds = ByteScanner.integer(word[(equals + 1)...]).map { Double($0) / 1e6 }
      } else if key.equals("avg10") {
        ratio = ByteScanner.decimal(word[(equals + 1)...]).map { $0 / 100 }
      }
    }
    guard let seconds, let ratio else { return nil }
    return Line(seconds: seconds, ratio: ratio)
  }
}
