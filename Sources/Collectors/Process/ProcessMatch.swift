package import PatternSyntax

/// What the catalog looks for among the processes: one entry of `match:`. All that it names has to be there and match.
/// Pure: it is handed the texts, and reads nothing.
package struct ProcessMatch: Sendable, Hashable {
  package struct Variable: Sendable, Hashable {
    package var name: String
    package var value: FieldPattern

    package init(_ name: String, _ value: FieldPattern) {
      self.name = name
      self.value = value
    }
  }

  package struct Label: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The whole of the name that the kernel shows, which it cuts after 15 bytes.
  package var name: FieldPattern?
  /// Looks for its place in the arguments joined by blanks, as a pattern does in a console line.
  package var commandLine: LinePattern?
  /// Whose it may be, by name or number; empty: anybody's. Who asks the system for users looks at it, and not `match`.
  package var users: [String]
  /// The whole of each variable's value.
  package var environment: [Variable]
  /// Constant labels of the processes that match.
  package var labels: [Label]

  /// A longer text is no capture: where a name, a run or a rank is meant, it is something else.
  package static let captureBytesMax = 256
  /// A command line's bytes that are looked at.
  package static let commandLineBytesMax = 64 << 10

  /// An entry that names nothing matches every process that has a command line.
  package init(
    name: FieldPattern? = nil,
    commandLine: LinePattern? = nil,
    users: [String] = [],
    environment: [Variable] = [],
    labels: [Label] = []
  ) {
    self.name = name
    self.commandLine = commandLine
    self.users = users
    self.environment = environment
    self.labels = labels
  }

  /// The labels that its processes have besides the descriptor's, in the order of `match`'s result: captures of the
  /// name, the command line and the variables as they stand, then the constants. A name that comes again counts once,
  /// where it comes first.
  package var labelNames: [String] {
    var seen: Set<String> = []
    return allNames.filter { seen.insert($0).inserted }
  }

  private var allNames: [String] {
    (name?.pattern.captureNames ?? []) + (commandLine?.captureNames ?? [])
      + environment.flatMap(\.value.pattern.captureNames) + labels.map(\.name)
  }
}

extension ProcessMatch {
  /// What the kernel says of a process, as far as entries look at it. The pointers are read during the call alone.
  package struct Subject {
    package var name: UnsafeBufferPointer<UInt8>
    /// The arguments with blanks between them.
    package var commandLine: UnsafeBufferPointer<UInt8>

    package init(name: UnsafeBufferPointer<UInt8>, commandLine: UnsafeBufferPointer<UInt8>) {
      self.name = name
      self.commandLine = commandLine
    }
  }

  package enum Answer: Sendable, Hashable {
    /// One value for each of `labelNames`.
    case matched([String])
    case failed
    /// What is known matches; the environment is needed, and could not be read.
    case unknown
  }

  /// - Parameter environment: hands the variables, each ended by a zero byte, to its argument; false: they cannot be
  ///   read. It is called only where everything else matches.
  package func match(
    _ subject: Subject,
    environment read: ((UnsafeBufferPointer<UInt8>) -> Void) -> Bool
  ) -> Answer {
    var values: [String] = []
    if let name {
      guard let ranges = name.match(subject.name), Self.take(ranges, of: subject.name, into: &values) else {
        return .failed
      }
    }
    if let commandLine {
      var match = LinePattern.Match()
      let text = UnsafeBufferPointer(rebasing: subject.commandLine.prefix(Self.commandLineBytesMax))
      let accepts = { (_: Int, capture: UnsafeRawBufferPointer) in
        !capture.isEmpty && capture.count <= Self.captureBytesMax
      }
      guard commandLine.match(UnsafeRawBufferPointer(text), into: &match, accepts: accepts),
        Self.take(match.captures, of: text, into: &values)
      else { return .failed }
    }
    if !environment.isEmpty {
      var found: [String]?
      guard read({ found = captures(ofVariables: $0) }) else { return .unknown }
      guard let found else { return .failed }
      values += found
    }
    values += labels.map(\.value)
    var seen: Set<String> = []
    return .matched(zip(allNames, values).compactMap { seen.insert($0).inserted ? $1 : nil })
  }

  /// Of a variable that is there twice the first counts, as in getenv(3).
  private func captures(ofVariables bytes: UnsafeBufferPointer<UInt8>) -> [String]? {
    var values: [String] = []
    for variable in environment {
      guard let value = Self.value(of: variable.name, in: bytes), let ranges = variable.value.match(value),
        Self.take(ranges, of: value, into: &values)
      else { return nil }
    }
    return values
  }

  private static func value(
    of name: String,
    in bytes: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    let wanted = name.utf8
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0) ?? bytes.count
      let entry = bytes[start..<end]
      if entry.count > wanted.count, entry.starts(with: wanted), bytes[start + wanted.count] == UInt8(ascii: "=") {
        return UnsafeBufferPointer(rebasing: bytes[(start + wanted.count + 1)..<end])
      }
      start = end + 1
    }
    return nil
  }

  private static func take(
    _ ranges: [Range<Int>],
    of text: UnsafeBufferPointer<UInt8>,
    into values: inout [String]
  ) -> Bool {
    guard ranges.allSatisfy({ $0.count <= captureBytesMax }) else { return false }
    values += ranges.map { String(decoding: text[$0], as: UTF8.self) }
    return true
  }
}
