/// Groups processes: one that matches has its descendants with it, unless one of them matches with other labels, which
/// then begins a tree of its own. So the workers of a training belong to it, whether they look like it or not, and the
/// ranks that one launcher started are apart. Pure, and bounded by its input, whatever the parents are said to be.
package struct ProcessTrees: Sendable {
  package struct Tree: Sendable, Hashable {
    /// Places in the list that was grouped; the root is the first.
    package var members: [Int]
    package var label: ProcessTable.Label

    package var root: Int { members[0] }
  }

  package private(set) var trees: [Tree] = []
  /// For each process the place of its tree; nil: none.
  package private(set) var treeOf: [Int?]

  /// - Parameter processes: with different ids. A zombie has ended, so that it is no root.
  package init(_ processes: [ProcessTable.Process]) {
    treeOf = Array(repeating: nil, count: processes.count)
    guard processes.contains(where: { $0.label != nil }) else { return }
    var places: [UInt64: Int] = Dictionary(minimumCapacity: processes.count)
    for (place, process) in processes.enumerated() { places[process.identity.id] = place }
    var isSettled = Array(repeating: false, count: processes.count)
    for place in processes.indices {
      // From the process up to the first settled one, which a circle meets in itself, and down again.
      var path: [Int] = []
      var next: Int? = place
      while let at = next, !isSettled[at] {
        isSettled[at] = true
        path.append(at)
        next = places[processes[at].stat.parent]
      }
      var tree = next.flatMap { treeOf[$0] }
      for at in path.reversed() {
        if let label = processes[at].label, !processes[at].stat.isZombie, tree.map({ trees[$0].label != label }) ?? true
        {
          tree = trees.count
          trees.append(Tree(members: [at], label: label))
        } else if let tree {
          trees[tree].members.append(at)
        }
        treeOf[at] = tree
      }
    }
  }
}
