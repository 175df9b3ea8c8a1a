internal import Budgets

/// What a separated-values log says of its columns, and which rows are headers. It never reads values.
struct CSVHeader {
  struct Column: Equatable {
    var field: FieldRule
    /// A later column has the same name and takes its place.
    var isHidden: Bool
  }

  /// A column whose cells have lists in them, or an element of those.
  private struct ListField {
    var name: String
    var field = FieldRule(nameHash: 0)
    var elements: [ListField] = []
  }

  private(set) var columns: [Column] = []
  /// By column, once one of its cells had a list.
  private var lists: [Int: ListField] = [:]
  private(set) var names: [String] = []
  private var known: Set<String> = []
  private(set) var usedCount = 0
  /// Those that somebody wants for more than to show them.
  private(set) var wantedCount = 0
  /// What rows are read with of which the numbers do not matter; nil: those of all rows do.
  private(set) var outdated: CSVOutdatedRow?
  /// How often columns were taken.
  private(set) var installCount = 0
  private var share: CopiedShare

  init(budget: MemoryBudget) {
    share = CopiedShare(of: budget)
  }

  /// What a column costs here beside its name, which is kept about three times.
  private static let bytesPerColumn = 150

  /// What columns of these names cost.
  static func bytes(of names: [String]) -> Int {
    names.reduce(0) { $0 + bytesPerColumn + 3 * $1.utf8.count }
  }

  /// Takes new columns. False: the budget has no room for them, and the columns are what they were.
  ///
  /// - Parameter isCertain: they are taken in any case, because they were taken before, or stand in the catalog.
  mutating func install(_ names: [String], fields: inout FieldTable, isCertain: Bool = false) -> Bool {
    var newShare = share
    newShare.removeAll()
    guard newShare.grow(by: Self.bytes(of: names)) || isCertain else {
      fields.tell(.header)
      return false
    }
    share = newShare
    self.names = names
    known = Set(names)
    var last: [String: Int] = [:]
    for (index, name) in names.enumerated() { last[name] = index }
    columns = names.enumerated().map { index, name in
      var column = Column(field: FieldRule(nameHash: FieldDigest.hash(name, seed: 0)), isHidden: last[name] != index)
      if !column.isHidden, !name.isEmpty, case .slot(let slot) = fields.place(of: name) {
        column.field.slot = Int32(slot)
        column.field.use = fields.uses[slot]
      }
      return column
    }
    outdated = CSVOutdatedRow(columns)
    lists = [:]
    usedCount = columns.count { !$0.field.use.isEmpty }
    wantedCount = columns.count { !$0.field.use.isEmpty && !$0.field.use.contains(.onlyShown) }
    installCount += 1
    return true
  }

  /// Keeps the columns in one piece with another header, if they are the same.
  mutating func share(with other: CSVHeader) -> Bool {
    guard names == other.names, columns == other.columns else { return false }
    self = other
    return true
  }

  /// Appends the record of a row that has as many cells as there are columns.
  mutating func append(_ row: CSVRow, to batch: inout RecordBatch, fields: inout FieldTable) {
    var digest: UInt64 = 0
    for index in columns.indices where !columns[index].isHidden {
      row.withCell(index) { start, end in
        let text = ListText(from: start, to: end, decimalCommas: fields.decimalCommas)
        let list = text.flatMap { $0.end == end ? $0 : nil }
        if var value = columns[index].field.value(from: start, to: end, digest: &digest, text: &batch) {
          value.isContainer = list != nil
          batch.append(value)
        }
        if let list { append(list, ofColumn: index, to: &batch, fields: &fields) }
      }
    }
    batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
  }

  /// Appends the elements of a cell's list, which are fields with dotted names. The cell itself is in the digest.
  private mutating func append(
    _ list: ListText,
    ofColumn column: Int,
    to batch: inout RecordBatch,
    fields: inout FieldTable
  ) {
    var root = lists[column] ?? ListField(name: names[column])
    for element in list.elements {
      let field = Self.field(of: element.path[...], in: &root, fields: &fields)
      var digest: UInt64 = 0
      if let value = field.value(from: element.start, to: element.end, digest: &digest, text: &batch) {
        batch.append(value)
      }
    }
    lists[column] = root
  }

  private static func field(
    of path: ArraySlice<Int>,
    in list: inout ListField,
    fields: inout FieldTable
  ) -> FieldRule {
    guard let index = path.first else { return list.field }
    while list.elements.count <= index {
      var element = ListField(name: "\(list.name).\(list.elements.count)")
      if case .slot(let slot) = fields.place(of: element.name) {
        element.field.slot = Int32(slot)
        element.field.use = fields.uses[slot]
      }
      list.elements.append(element)
    }
    return field(of: path.dropFirst(), in: &list.elements[index], fields: &fields)
  }

  /// Whether a row may be a log's first header: text, and not mostly numbers, as the first row of a log without header.
  static func isPlausible(_ row: CSVRow) -> Bool {
    guard !row.hasControlCharacters else { return false }
    let filled = row.cells.indices.filter { !row.isMissing($0) }
    guard !filled.isEmpty else { return false }
    return filled.count { row.isNumber($0) } * 2 < filled.count
  }

  /// Whether a row inside the log is a header: the same again, or a new one. All of its cells are names, and at least
  /// half are names that we know. Returns the names.
  func namesAgain(in row: CSVRow) -> [String]? {
    guard !names.isEmpty, !row.hasControlCharacters else { return nil }
    var knownCount = 0
    var found: [String] = []
    for index in row.cells.indices {
      // The first name may be empty, as pandas leaves it for an index.
      if row.cells[index].isEmpty, index == 0 { return namesIfIdentical(row) }
      if row.isMissing(index) || row.isNumber(index) { return nil }
      let name = row.name(index)
      if known.contains(name) { knownCount += 1 }
      found.append(name)
      // Text rows are told early from headers.
      if knownCount == 0, index >= row.cells.count / 2 { return nil }
    }
    return knownCount * 2 >= row.cells.count ? found : nil
  }

  private func namesIfIdentical(_ row: CSVRow) -> [String]? {
    guard row.cells.count == names.count else { return nil }
    return row.cells.indices.allSatisfy { row.name($0) == names[$0] } ? names : nil
  }
}
