/// Looks for the processes that run now, by what entries of `match` take of them. For one thread at a time.
package final class ProcessCensus {
  private let table: ProcessTable

  /// - Parameters:
  ///   - root: what stands in for `/`, such as a folder with captured files.
  ///   - matches: of several that match a process the first counts.
  package init(root: String = "", matches: [ProcessMatch]) {
    let files = KernelFiles(root: root)
    table = ProcessTable(files, matches: matches, own: files.root.isEmpty ? ProcessTable.ownProcess : nil)
  }

  /// The processes that match, those that were started first first; one that has ended and was not waited for is none.
  /// nil: `/proc` cannot be read.
  package func processes() -> [ProcessTable.Process]? {
    var batch = ReadingBatch()
    let found = table.scan(into: &batch).filter { !$0.stat.isZombie && $0.label != nil }
    return found.isEmpty && !batch.problems.isEmpty ? nil : found
  }
}
