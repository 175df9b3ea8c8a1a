package import PatternSyntax

/// Says whether a process runs that is looked for by its command line, as `command_line` of the collector `process` does.
package final class ProcessLookout {
  private let table: ProcessTable

  /// Marks what is not meant; no capture has such a name.
  private static let notMeant = "not meant"

  /// - Parameters:
  ///   - root: what stands in for `/`, such as a folder with captured files.
  ///   - except: no process is meant that has this in its command line, such as a shell that starts this program with the
  ///     pattern among the arguments.
  package init(root: String = "", commandLine pattern: Pattern, except: String) {
    let files = KernelFiles(root: root)
    let own = files.root.isEmpty ? ProcessTable.ownProcess : nil
    let exception = (try? Pattern(parsing: except)).map {
      ProcessMatch(commandLine: LinePattern($0), labels: [.init(Self.notMeant, "")])
    }
    let meant = ProcessMatch(commandLine: LinePattern(pattern))
    table = ProcessTable(files, matches: [exception, meant].compactMap { $0 }, own: own)
  }

  /// Whether one runs now; one that has ended and was not waited for does not. nil: `/proc` cannot be read.
  package func isRunning() -> Bool? {
    var batch = ReadingBatch()
    let isThere = table.scan(into: &batch).contains { process in
      !process.stat.isZombie && process.label.map { !$0.names.contains(Self.notMeant) } ?? false
    }
    return isThere ? true : batch.problems.isEmpty ? false : nil
  }
}
