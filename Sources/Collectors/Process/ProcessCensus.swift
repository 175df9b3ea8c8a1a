/// Counts the processes that run now, by what entries of `match` take of them. For one thread at a time.
package final class ProcessCensus {
  private let table: ProcessTable

  /// - Parameters:
  ///   - root: what stands in for `/`, such as a folder with captured files.
  ///   - matches: of several that match a process the first counts.
  package init(root: String = "", matches: [ProcessMatch]) {
    let files = KernelFiles(root: root)
    table = ProcessTable(files, matches: matches, own: files.root.isEmpty ? ProcessTable.ownProcess : nil)
  }

  /// How many processes there are of each label; one that has ended and was not waited for is none. nil: `/proc` cannot
  /// be read.
  package func count() -> [ProcessTable.Label: Int]? {
    var batch = ReadingBatch()
    var counts: [ProcessTable.Label: Int] = [:]
    for process in table.scan(into: &batch) where !process.stat.isZombie {
      if let label = process.label { counts[label, default: 0] += 1 }
    }
    return counts.isEmpty && !batch.problems.isEmpty ? nil : counts
  }
}
