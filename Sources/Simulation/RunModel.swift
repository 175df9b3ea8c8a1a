/// What a correct exporter may show for one run: the rule of `docs/tailing.md` on plain arrays.
///
/// With O the rows the log had, N those it has now and P their longest common prefix, a look counts the rows of N after
/// P. What a reader does is settled by that but for when it looks: an event may come late, a read may fail, a turn may
/// end in the midst of a file. So the model keeps every state that the log can be in after what happened, and what the
/// exporter shows takes away those that it contradicts. Nothing left: the exporter is wrong. Where it must have looked,
/// after it settled, the states in which it has not are taken away, too.
struct RunModel {
  /// A log as a reader knows it.
  struct State: Hashable {
    /// The file it follows, if it has seen one.
    var file: ObjectIdentifier?
    /// Whether the file is done with.
    var hasEnded = false
    var history: [Int] = []
    /// Whether the end of another content than the one before is still to be read: gauges wait for it.
    var waits = false
    /// The last line without its end, as it was at the last look; it may be all that is known of it when the file goes.
    var tail: RowTable.Tail?
    /// How many rows it had at the last look.
    var seen = 0
    var shown = SimulatedExporter.Shown()

    /// Without the histories, which are long: most states share them.
    func hash(into hasher: inout Hasher) {
      hasher.combine(file)
      hasher.combine(hasEnded)
      hasher.combine(seen)
      hasher.combine(history.count)
      hasher.combine(history.last)
      hasher.combine(shown.rows)
    }
  }

  private(set) var states: Set<State> = [State()]
  private let rows: RowTable
  /// The files that a state follows, kept for what they still hold.
  private var files: [ObjectIdentifier: SimulatedFileSystem.Node] = [:]

  init(rows: RowTable) { self.rows = rows }

  /// What the directory of the run looks like to a reader.
  struct Sight {
    /// nil: no regular file of the name can be reached.
    var file: SimulatedFileSystem.Node?
    /// Whether it can be read by one that has not opened it before.
    var isReadable: Bool
    /// Whether nothing is there, rather than something that cannot be looked at.
    var isGone: Bool
    /// What the file was renamed to.
    var rotated: SimulatedFileSystem.Node?
  }

  /// Takes into account one turn: the reader may have looked at what is there, or have been kept from it.
  ///
  /// - Returns: whether what is shown is what a correct exporter may show.
  mutating func turn(_ sight: Sight, shown: SimulatedExporter.Shown) -> Bool {
    reach(sight, shown)
    states = states.filter { $0.shown == shown }
    forget()
    return !states.isEmpty
  }

  /// Takes into account what the reader may have done in a turn until now, before something changes in its midst.
  mutating func meanwhile(_ sight: Sight) { reach(sight, nil) }

  /// - Parameter shown: what will be shown, if that is known.
  private mutating func reach(_ sight: Sight, _ shown: SimulatedExporter.Shown?) {
    var reached: Set<State> = []
    for state in states {
      var next: Set<State> = [state]
      if let file = sight.file {
        let content = content(of: file)
        if state.file == ObjectIdentifier(file) {
          next.formUnion(looks(state, content, shown))
          // The name may come back to a file that was taken for gone, with its last line.
          if state.hasEnded { next.formUnion(looks(resumed(state, file), content, shown)) }
        } else {
          for old in ends(of: state, sight, shown) {
            next.insert(old)
            next.formUnion(looks(following(file, old), content, shown))
          }
        }
      } else {
        next.formUnion(ends(of: state, sight, shown))
      }
      reached.formUnion(next)
    }
    if let file = sight.file { files[ObjectIdentifier(file)] = file }
    states = reached
  }

  /// Takes into account that another reader goes on from what this one saved.
  mutating func restart() {
    states = Set(
      states.map { state in
        var state = state
        state.shown = state.shown.certain
        return state
      }
    )
  }

  /// Takes into account that the reader had all the time it needs.
  mutating func settle(_ sight: Sight, shown: SimulatedExporter.Shown) -> Bool {
    guard turn(sight, shown: shown) else { return false }
    guard let file = sight.file, sight.isReadable else { return true }
    let content = content(of: file)
    var settled: Set<State> = []
    for state in states where state.file == ObjectIdentifier(file) && !state.hasEnded {
      var state = look(state, content, upTo: content.rows.count)
      if !content.isTorn, let tail = content.tail, state.history == content.rows, !state.waits {
        state.shown.provisionalLoss = rows.loss(of: tail.row)
      }
      if state.shown == shown { settled.insert(state) }
    }
    states = settled
    return !states.isEmpty
  }

  // MARK: What a reader may do

  /// Everything that one look at a file may come to: to its end, or to any row of it.
  private func looks(_ state: State, _ content: RowTable.Content, _ shown: SimulatedExporter.Shown?) -> Set<State> {
    var results: Set<State> = []
    for count in plausibleCounts(state, content, shown) {
      let looked = look(state, content, upTo: count)
      results.insert(looked)
      // More was written behind the rows meanwhile, or half a line, and is not read yet.
      if count == content.rows.count, content.tail != nil || shown == nil {
        results.insert(look(state, content, upTo: count, isWhole: false))
      }
      guard count == content.rows.count, !content.isTorn, let tail = content.tail, looked.history == content.rows,
        !looked.waits, let loss = rows.loss(of: tail.row)
      else { continue }
      var rested = looked
      rested.shown.provisionalLoss = loss
      results.insert(rested)
    }
    return results
  }

  /// Only as many rows of it as what is shown can mean.
  private func plausibleCounts(_ state: State, _ content: RowTable.Content, _ shown: SimulatedExporter.Shown?) -> [Int]
  {
    guard let shown else { return Array(0...content.rows.count) }
    let common = zip(state.history, content.rows).prefix { $0 == $1 }.count
    let read = common + Int(shown.rows - state.shown.rows)
    // Some of it and the last line of a file that ends counts one more.
    return [read - 1, read, content.rows.count].filter { $0 >= 0 && $0 <= content.rows.count }
  }

  /// Reads the first `count` rows.
  ///
  /// - Parameter isWhole: whether that is all; nil: where these are all rows.
  private func look(_ state: State, _ content: RowTable.Content, upTo count: Int, isWhole: Bool? = nil) -> State {
    var state = state
    // Whatever the last line was, it is read again.
    state.shown.provisionalLoss = nil
    let common = zip(state.history, content.rows.prefix(count)).prefix { $0 == $1 }.count
    let isWhole = isWhole ?? (count == content.rows.count)
    state.tail = isWhole ? content.tail : nil
    state.seen = count
    if common == count {
      if isWhole, state.waits, count == state.history.count {
        state.waits = false
        state.shown.loss = loss(content.rows)
      }
      return state
    }
    for index in common..<count { add(content.rows[index], content.seconds[index], to: &state) }
    let goesOn = common == state.history.count
    state.history = Array(content.rows[..<count])
    let isAnother = state.waits || !goesOn
    state.waits = !isWhole && isAnother
    // What another content does not say any more has ended.
    let loss = loss(content.rows.prefix(count))
    if !state.waits, loss != nil || isAnother { state.shown.loss = loss }
    return state
  }

  /// What may become of the file that the state follows when it has lost its name.
  private func ends(of state: State, _ sight: Sight, _ shown: SimulatedExporter.Shown?) -> Set<State> {
    guard let id = state.file, !state.hasEnded, let file = files[id] else { return [state] }
    let content = content(of: file)
    var results: Set<State> = [state]
    // Still read under its other name, or through a descriptor.
    var read = looks(state, content, shown)
    // A copy that got the number of the file that is gone, and begins as it did, is taken for it.
    if let copy = sight.rotated, copy !== file, copy.number == file.number {
      read.formUnion(looks(state, self.content(of: copy), shown))
    }
    results.formUnion(read)
    for state in read.union([state]) {
      var ended = state
      ended.hasEnded = true
      ended.shown.provisionalLoss = nil
      results.insert(ended)
      // The last line counts, even without its end.
      guard let tail = state.tail else { continue }
      ended.tail = nil
      let isKnown = state.seen < state.history.count && state.history[state.seen] == tail.row
      if !isKnown {
        add(tail.row, tail.seconds, to: &ended)
        let isAnother = state.waits || state.seen < state.history.count
        ended.history = state.history.prefix(state.seen) + [tail.row]
        ended.waits = false
        let loss = loss(ended.history)
        if loss != nil || isAnother { ended.shown.loss = loss }
      }
      results.insert(ended)
    }
    return results
  }

  private func following(_ file: SimulatedFileSystem.Node, _ state: State) -> State {
    var state = state
    state.file = ObjectIdentifier(file)
    state.hasEnded = false
    return state
  }

  private func resumed(_ state: State, _ file: SimulatedFileSystem.Node) -> State { following(file, state) }

  private func add(_ row: Int, _ seconds: Double, to state: inout State) {
    state.shown.rows += 1
    state.shown.seconds += seconds
    if let loss = rows.loss(of: row) {
      state.shown.losses += loss
      state.shown.observations += 1
    }
  }

  /// The last row that has a value has the last word.
  private func loss(_ read: some BidirectionalCollection<Int>) -> Double? {
    read.last { rows.loss(of: $0) != nil }.flatMap { rows.loss(of: $0) }
  }

  private func content(of file: SimulatedFileSystem.Node) -> RowTable.Content { rows.content(of: file) }

  private mutating func forget() {
    let followed = Set(states.compactMap(\.file))
    files = files.filter { followed.contains($0.key) }
  }
}
