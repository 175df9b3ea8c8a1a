/// One step of a simulation: a line of a script, such as `append 2 5`. What cannot be done as things are does nothing, so
/// a script stays one when lines are taken out of it.
package struct Action: Hashable, CustomStringConvertible {
  package enum Verb: String, CaseIterable {
    // A writer's, on run A.

    /// B whole rows.
    case append
    /// B rows of 300 bytes.
    case bulk
    /// B percent of a row.
    case part
    /// What `part` left out.
    case rest
    /// Down to the first B rows.
    case truncate
    /// The rows that `truncate` took.
    case again
    /// The last bytes of the last row go.
    case chop
    /// Down to nothing, then as many bytes as there were and B rows.
    case rerun
    /// Truncated, then the first B rows and two others.
    case resume
    /// Truncated, then all rows with one more column.
    case widen
    /// Truncated, then all rows with blanks around their cells.
    case pad
    /// Truncated, then the same bytes.
    case same
    /// Other digits in row B, in place.
    case poke
    /// Another file with the first B rows and one more takes the name.
    case replace
    /// The same bytes in another file.
    case copy
    /// Renamed to a name that no pattern matches.
    case rotate
    /// A row for the file that was renamed.
    case late
    /// Copied to a name that no pattern matches, and truncated.
    case copytruncate
    case remove
    case touch
    /// The directory goes; and comes back.
    case away, back
    /// The directory above all runs goes; and comes back.
    case baseaway, baseback
    case lock, unlock
    case lockdirectory, unlockdirectory
    /// A row through another name of the file, which no pattern matches.
    case alias
    /// The name is a link to file B from now on.
    case link

    /// The next action, if it is one of those above, comes just before call A of the exporter in its next turn.
    case later

    // The machine's.

    /// A events are lost, come twice, or come B milliseconds late.
    case lose, double, delay
    case overflow
    /// The next watches are refused.
    case nowatches
    /// B calls fail with the error A, or (`short`) return less.
    case failstatus, faillist, failopen, failread
    case short
    /// Each call takes A microseconds.
    case slow
    /// The wall clock is set A seconds on.
    case jump
    case wait

    // The exporter's.

    case turn
    /// Faults end, and time passes until there is nothing to do.
    case settle
    /// Another exporter, which knows nothing.
    case restart
    /// The state is saved.
    case save
    /// Killed; another exporter goes on from what was saved last.
    case kill
  }

  package var verb: Verb
  package var a: Int
  package var b: Int

  package init(_ verb: Verb, _ a: Int = 0, _ b: Int = 0) {
    self.verb = verb
    self.a = a
    self.b = b
  }

  package var description: String {
    b != 0 ? "\(verb) \(a) \(b)" : a != 0 ? "\(verb) \(a)" : "\(verb)"
  }

  /// Whether it is something that is done to files.
  var isOnFiles: Bool {
    switch verb {
    case .later, .lose, .double, .delay, .overflow, .nowatches, .failstatus, .faillist, .failopen, .failread, .short,
      .slow,
      .jump, .wait, .turn, .settle, .restart, .save, .kill:
      false
    default: true
    }
  }

  /// nil: no line of a script.
  package init?(line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard let first = words.first, let verb = Verb(rawValue: String(first)), words.count <= 3 else { return nil }
    let numbers = words.dropFirst().map { Int($0) }
    guard numbers.allSatisfy({ $0 != nil }) else { return nil }
    self.init(verb, (numbers.first ?? 0) ?? 0, (numbers.dropFirst().first ?? 0) ?? 0)
  }

  /// Reads a script: one action a line; empty lines and lines that begin with `#` are skipped.
  ///
  /// - Returns: nil where a line is none.
  package static func script(_ text: String) -> [Action]? {
    var actions: [Action] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") && line.contains(where: { $0 != " " }) {
      guard let action = Action(line: line) else { return nil }
      actions.append(action)
    }
    return actions
  }
}
