package import MetricCatalog
package import Tailing

extension TailedWatcher {
  /// What a watcher of the catalog follows.
  ///
  /// - Parameter root: the absolute path of the catalog's folder.
  package init(_ watcher: Watcher, root: String) {
    self.init(
      name: watcher.name,
      root: root,
      files: watcher.files,
      exclude: watcher.exclude,
      ignoreOlder: watcher.ignoreOlder,
      tellsCopies: !watcher.readsEvents,
      followsLinks: watcher.links == .follow
    )
  }
}
