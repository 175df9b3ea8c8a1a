/// What a field of logs is, as far as its values tell it.
package struct FieldProfile: Sendable {
  /// What the texts of its numbers are.
  package enum Form: Sendable, Hashable {
    case plain, seconds, bytes, percent, count
    /// So many of something each second, such as `3.1it/s`: of what.
    case per(String)
    /// A number with a comma before its decimals.
    case decimalComma
    /// `3/100`: the third of a hundred.
    case fraction
  }

  package var name: String
  /// Records that have it.
  package var count = 0
  /// Those in which it is a number, in whatever form.
  package var numbers = 0
  /// By the forms of the texts that are no plain numbers.
  package var forms: [Form: Int] = [:]
  /// Values that are texts and no numbers; some of them, each once.
  package var texts: [String] = []
  package var textCount = 0
  package var containers = 0
  /// The first value of each log, as it is written.
  package var starts: Set<String> = []
  /// Words for true and false.
  package var words = 0
  package var first: Double?
  package var last: Double?
  package var least = Double.infinity
  package var most = -Double.infinity
  package var integers = 0
  package var rises = 0
  package var falls = 0
  /// The numbers with the places of their records, as a hash: two fields with the same say the same.
  package var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  package init(name: String) { self.name = name }

  package var isNumeric: Bool { numbers > 0 && numbers >= (textCount + numbers) * 9 / 10 && words < numbers }
  package var isConstant: Bool { rises == 0 && falls == 0 }
  package var isInteger: Bool { integers == numbers }
  /// Whether it grows from record to record, but for new beginnings.
  package var grows: Bool { rises > 0 && falls * 5 <= rises }

  /// The form that most of its texts have.
  package var form: Form {
    let most = forms.max { $0.value < $1.value }
    return most.map { $0.key } ?? .plain
  }

  mutating func add(_ number: Double, record: Int) {
    numbers += 1
    if let last {
      if number > last { rises += 1 }
      if number < last { falls += 1 }
    }
    if number.isFinite {
      if first == nil { first = number }
      last = number
      least = min(least, number)
      most = max(most, number)
      if number == number.rounded() { integers += 1 }
    } else {
      integers += 1
    }
    digest =
      (digest ^ number.bitPattern ^ UInt64(truncatingIfNeeded: record) &* 0x9E37_79B9_7F4A_7C15) &* 0x100_0000_01B3
  }

  mutating func add(text: String) {
    textCount += 1
    if texts.count < Self.textsMax, !texts.contains(text) { texts.append(text) }
  }

  /// Takes what the same field is in another log.
  package mutating func merge(_ other: FieldProfile) {
    count += other.count
    numbers += other.numbers
    for (form, count) in other.forms { forms[form, default: 0] += count }
    for text in other.texts where texts.count < Self.textsMax && !texts.contains(text) { texts.append(text) }
    textCount += other.textCount
    containers += other.containers
    starts.formUnion(other.starts)
    words += other.words
    if isConstant, other.isConstant, let last, let next = other.first, next > last { rises += 1 }
    first = first ?? other.first
    last = other.last ?? last
    least = min(least, other.least)
    most = max(most, other.most)
    integers += other.integers
    rises += other.rises
    falls += other.falls
    digest = digest &* 31 &+ other.digest
  }

  static let textsMax = 24
}
