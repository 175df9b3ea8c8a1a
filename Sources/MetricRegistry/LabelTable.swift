import MetricModel

/// The live values of one label over a whole registry, and what its declaration makes of a source's text.
///
/// Guarded by the registry's lock. Never drops series itself: it says which value is the oldest.
struct LabelTable {
  /// What a source's text means.
  enum Resolution {
    /// A value that some series already carries, which keeps it.
    case live(Unmanaged<LabelValue>)
    /// An allowed value that no series carries yet. Where the table `isFull`, the oldest must make room for it.
    case new
    case refused(Rejection.Reason)
  }

  enum Meaning {
    case value(String)
    case refused(Rejection.Reason)
  }

  private struct Entry {
    var value: LabelValue?
    /// How many series carry the value.
    var references = 0
    /// The series, where values are evicted; dropped ones stay until they are the greater part.
    var series: [Series] = []
  }

  /// A value that the declaration writes down, and its slot while it is live.
  private struct DeclaredValue {
    var text: String
    var slot: Int?
  }

  private let descriptor: LabelDescriptor
  private let isList: Bool
  private let maxValues: Int
  private let evictsOldest: Bool
  /// What a source says ► position in `declaredValues`, for texts in the list and renamed ones.
  private var declaredIndex: [ByteText: Int] = [:]
  private var declaredValues: [DeclaredValue] = []
  /// A declared value's own text ► its position.
  private let declaredByText: [ByteText: Int]
  private var otherwise: Int?
  /// The slots of live values, by their texts.
  private var liveSlots = NumberTable()
  private var entries: [Entry] = []
  private var freeSlots: [Int] = []
  private(set) var liveCount = 0
  private var ages = AgeQueue()

  init(_ descriptor: LabelDescriptor) {
    self.descriptor = descriptor
    maxValues = descriptor.maxValues ?? .max
    evictsOldest = descriptor.evictsOldest
    var byText: [ByteText: Int] = [:]
    var values: [DeclaredValue] = []
    func position(_ text: String) -> Int {
      let cleaned = ByteText(LabelText.cleaned(text))
      if let known = byText[cleaned] { return known }
      byText[cleaned] = values.count
      values.append(DeclaredValue(text: cleaned.text, slot: nil))
      return values.count - 1
    }
    if case .list(let texts) = descriptor.allowed {
      isList = true
      for text in texts { declaredIndex[ByteText(text)] = position(text) }
      otherwise = descriptor.otherwise.map { position($0) }
    } else {
      isList = false
    }
    for (said, meant) in descriptor.named { declaredIndex[ByteText(said)] = position(meant) }
    declaredValues = values
    declaredByText = byText
  }

  /// How many values there may be where the oldest makes room; nil: none does.
  var evictionLimit: Int? { evictsOldest ? maxValues : nil }

  var isFull: Bool { liveCount >= maxValues }

  /// How many more values there may be before the oldest makes room.
  var room: Int { maxValues - liveCount }

  /// Changes nothing, but is `mutating` so that it works in place: a table borrowed from an array is copied first,
  /// which costs twice as much as the look-up.
  mutating func resolve(_ text: String) -> Resolution {
    if text.utf8.isEmpty { return .refused(.labelMissing) }
    if !declaredIndex.isEmpty, let position = declaredIndex[ByteText(text)] { return declared(position) }
    if isList { return otherwise.map { declared($0) } ?? .refused(.labelValue) }
    if let slot = liveSlot(text) { return live(slot) }
    if text.utf8.count > Registry.labelValueBytesMax { return .refused(.labelTooLong) }
    guard let canonical = canonical(text) else { return .refused(.labelValue) }
    if canonical.utf8.isEmpty { return .refused(.labelMissing) }
    // Most texts are canonical already and were looked up above.
    if canonical != text, let slot = liveSlot(canonical) { return live(slot) }
    return isFull && !evictsOldest ? .refused(.labelMaxValues) : .new
  }

  /// The live value for a text that `resolve` accepts; made live when no series carries it yet.
  mutating func value(for text: String, age: LabelAge) -> LabelValue {
    if case .live(let value) = resolve(text) { return value.takeUnretainedValue() }
    return makeLive(newText(for: text), position: declaredIndex[ByteText(text)] ?? otherwise, age: age)
  }

  /// What the value is that a text stands for, or why it stands for none.
  mutating func meaning(of text: String) -> Meaning {
    switch resolve(text) {
    case .live(let value): .value(value._withUnsafeGuaranteedRef { $0.text })
    case .new: .value(newText(for: text))
    case .refused(let reason): .refused(reason)
    }
  }

  private func newText(for text: String) -> String {
    (declaredIndex[ByteText(text)] ?? otherwise).map { declaredValues[$0].text } ?? canonical(text) ?? text
  }

  private mutating func makeLive(_ canonical: String, position: Int?, age: LabelAge) -> LabelValue {
    let slot = freeSlots.popLast() ?? entries.count
    if slot == entries.count { entries.append(Entry()) }
    let value = LabelValue(text: canonical, slot: slot, age: age)
    entries[slot] = Entry(value: value)
    if let position { declaredValues[position].slot = slot }
    liveSlots.insert(slot) { [entries] in Self.hash(of: entries[$0]) }
    liveCount += 1
    if evictsOldest {
      ages.insert(value, age: age)
      if ages.count > 2 * liveCount + 16 { ages.removeAll { entries[$0.slot].value !== $0 } }
    }
    return value
  }

  /// The value with exactly this text, as some series carried it once; nil: it is not allowed, or has no place.
  mutating func restoredValue(_ text: String, age: LabelAge) -> LabelValue? {
    if let slot = liveSlot(text) { return entries[slot].value }
    let position = declaredByText[ByteText(text)]
    let isAllowed = position != nil || (!isList && canonical(text) == text)
    guard isAllowed, !isFull, !text.utf8.isEmpty, text.utf8.count <= Registry.labelValueBytesMax else { return nil }
    return makeLive(text, position: position, age: age)
  }

  /// The value that some series carries now.
  func liveValue(_ text: String) -> LabelValue? {
    liveSlot(text).flatMap { entries[$0].value }
  }

  /// Ends a value that was made for a series that did not come to be.
  mutating func releaseIfUnused(_ value: LabelValue) {
    guard entries[value.slot].value === value, entries[value.slot].references == 0 else { return }
    end(value)
  }

  /// All live values with their places.
  func forEachLive(_ body: (_ slot: Int, _ value: LabelValue) -> Void) {
    for (slot, entry) in entries.enumerated() { if let value = entry.value { body(slot, value) } }
  }

  mutating func add(_ series: Series, to value: LabelValue) {
    entries[value.slot].references += 1
    guard evictsOldest else { return }
    if entries[value.slot].series.count > 2 * entries[value.slot].references + 8 {
      entries[value.slot].series.removeAll { $0.isDropped }
    }
    entries[value.slot].series.append(series)
  }

  /// One series less; a value that none carries ends and frees its place.
  mutating func release(_ value: LabelValue) {
    entries[value.slot].references -= 1
    if entries[value.slot].references == 0 { end(value) }
  }

  private mutating func end(_ value: LabelValue) {
    liveSlots.remove(value.slot) { [entries] in Self.hash(of: entries[$0]) }
    entries[value.slot] = Entry()
    freeSlots.append(value.slot)
    for position in declaredValues.indices where declaredValues[position].slot == value.slot {
      declaredValues[position].slot = nil
    }
    liveCount -= 1
  }

  /// The live value whose newest sample is the oldest.
  mutating func oldest() -> LabelValue? {
    ages.oldest { entries[$0.slot].value === $0 }
  }

  /// The series that carry a value of a label that evicts.
  func series(of value: LabelValue) -> [Series] {
    entries[value.slot].series.filter { !$0.isDropped }
  }

  private func liveSlot(_ text: String) -> Int? {
    let sought = ByteText(text)
    return liveSlots.find(sought.hashValue) { slot in
      guard let text = entries[slot].value?.text, ByteText(text) == sought else { return nil }
      return slot
    }
  }

  private static func hash(of entry: Entry) -> Int { entry.value.map { ByteText($0.text).hashValue } ?? 0 }

  private func declared(_ position: Int) -> Resolution {
    if let slot = declaredValues[position].slot { return live(slot) }
    let text = declaredValues[position].text
    if text.utf8.isEmpty { return .refused(.labelMissing) }
    if let slot = liveSlot(text) { return live(slot) }
    return isFull && !evictsOldest ? .refused(.labelMaxValues) : .new
  }

  private func live(_ slot: Int) -> Resolution {
    guard let value = entries[slot].value else { return .new }
    return .live(.passUnretained(value))
  }

  private func canonical(_ text: String) -> String? {
    switch descriptor.allowed {
    case .any: LabelText.cleaned(text)
    case .list, .range: descriptor.value(for: text)
    }
  }
}
