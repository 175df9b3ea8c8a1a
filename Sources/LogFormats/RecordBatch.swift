/// Records on their way from a parser to the mapping: their wanted fields, flat, by slot.
///
/// A batch owns all it holds, so the bytes it was parsed from may go. It is filled by one parser, emptied with
/// `removeAll` and filled again: in the steady state nothing is allocated.
package struct RecordBatch {
  /// One wanted field of one record. A missing value (empty, `NA`, `None`, null, …) is not there at all.
  package struct Value {
    /// The field's place in the parser's `FieldTable`.
    package var slot: UInt32
    /// Where its text stands in `text`; empty unless the field's use has `.text`, or it is a text that is no number.
    package var textStart: UInt32
    package var textLength: UInt32
    /// Whether `number` is one. False for text such as `running`, an array's or an object's own value.
    package var isNumber: Bool
    /// Whether it is an array or an object.
    package var isContainer: Bool
    /// The two below in one byte: a value has 24 bytes, of which a batch has thousands.
    private var array: UInt8 = 0
    /// How many bytes behind its text belong to it as a number, such as a unit that is a word of its own. Where there are
    /// some, the number is that of the text alone, or nan, and `isNumber` is false.
    package var restLength: UInt8 = 0
    package var number: Double

    package init(
      slot: UInt32,
      textStart: UInt32 = 0,
      textLength: UInt32 = 0,
      isNumber: Bool,
      isContainer: Bool = false,
      number: Double
    ) {
      self.slot = slot
      self.textStart = textStart
      self.textLength = textLength
      self.isNumber = isNumber
      self.isContainer = isContainer
      self.number = number
    }

    /// Whether it stands in an array, and is a number there.
    package var isInArray: Bool {
      get { array & 1 != 0 }
      set { array = array & ~1 | (newValue ? 1 : 0) }
    }

    /// Whether its record was there before without it.
    package var isLate: Bool {
      get { array & 2 != 0 }
      set { array = array & ~2 | (newValue ? 2 : 0) }
    }
  }

  package struct Record {
    /// Where the record's values end in `values`; they begin where those of the record before end.
    package var valuesEnd: Int
    /// A digest of all the record's fields, wanted or not: the wrapping sum over its fields of a hash of name and
    /// trimmed text. So it does not change when empty columns are added or the order of columns changes.
    package var digest: UInt64

    package init(valuesEnd: Int, digest: UInt64) {
      self.valuesEnd = valuesEnd
      self.digest = digest
    }
  }

  package var values: [Value] = []
  package var records: [Record] = []
  /// UTF-8, trimmed, unescaped, invalid sequences replaced.
  package var text: [UInt8] = []
  /// Lines that were no record: could not be parsed, or were too long.
  package var malformed = 0
  /// Lines that matched no line pattern.
  package var unmatched = 0
  /// The first of each, for people.
  package var firstMalformed: BadLine?
  package var firstUnmatched: BadLine?
  /// The log began in these bytes, and is no text.
  package var foreign: ForeignContent?
  /// Whether commas in its numbers may part thousands, as far as the log's form says it: not where `;` parts columns,
  /// which is done for the sake of decimal commas.
  package var partsThousands = true

  /// How many slots hold fields of which the last record alone matters, where their use has `.latest`; nil: nobody has said.
  ///
  /// Of a record whose wanted fields are all among these, and finite numbers, a parser may leave out the values if the next
  /// record has the same fields: it is outdated within its batch.
  package var settledSlots: Int?
  /// Whether some of the outdated records keep their values, those of a long batch further apart.
  package var keepsSomeValues = false

  /// With so many records a parser of frames hands over.
  package var recordLimit = Self.recordsMax

  /// Whether some value is late.
  package var hasLateValues = false
  /// Whether some number is NaN or infinite. Short numbers never are.
  package var hasNonFinite = false

  package init() {}

  package mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    malformed = 0
    unmatched = 0
    hasLateValues = false
    hasNonFinite = false
    (firstMalformed, firstUnmatched) = (nil, nil)
    foreign = nil
    partsThousands = true
    settledSlots = nil
    keepsSomeValues = false
  }

  /// Up to how many records the next ones may be outdated. The last of them is read whole, so one alone would be of no use.
  var outdatedEnd: Int? {
    // From 16 records on each second one keeps its values, from 32 on each fourth, and so on.
    let power = Int.bitWidth - 1 - (records.count | 8).leadingZeroBitCount
    let spacing = keepsSomeValues ? 1 << (power - 3) : Self.recordsMax
    let end = (records.count / spacing + 1) * spacing
    return end > records.count + 1 ? end : nil
  }

  @inline(__always)
  mutating func append(_ value: Value) {
    if !value.number.isFinite { hasNonFinite = true }
    values.append(value)
  }

  /// Room that is kept from batch to batch. More is needed by whole documents and by lines of megabytes, which are rare.
  private static let keptBytesMax = 4 << 20

  /// Gives back the room of a large batch, with what it holds.
  package mutating func shrink() {
    let bytes = values.capacity * MemoryLayout<Value>.stride + text.capacity
    if bytes + records.capacity * MemoryLayout<Record>.stride > Self.keptBytesMax { self = RecordBatch() }
  }
}

/// What the mapping wants of a field.
package struct FieldUse: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Its value as a number.
  package static let number = FieldUse(rawValue: 1)
  /// Its text, for a label, a state or a condition.
  package static let text = FieldUse(rawValue: 2)
  /// Where its text is no number but a duration, such as `1:02:03`, its number is the seconds.
  package static let duration = FieldUse(rawValue: 4)
  /// Where a text is open, further words may belong to it as a number.
  package static let words = FieldUse(rawValue: 8)

  /// Its numbers are shown as they are, and nothing else is wanted of it: the last one of a batch is all that matters.
  package static let latest = FieldUse(rawValue: 16)

  /// Nobody wants it but whoever looks at the whole record.
  package static let onlyShown = FieldUse(rawValue: 64)
}
