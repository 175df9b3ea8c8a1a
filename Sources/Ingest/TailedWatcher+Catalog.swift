internal import LogFormats
package import MetricCatalog
package import Tailing

extension TailedWatcher {
  /// What a watcher of the catalog follows: nothing where this version has no parser for its logs.
  ///
  /// - Parameter root: the absolute path of the catalog's folder.
  package init(_ watcher: Watcher, root: String) {
    self.init(
      name: watcher.name,
      root: root,
      files: LogFormats.isRead(watcher.format) ? watcher.files : [],
      exclude: watcher.exclude,
      ignoreOlder: watcher.ignoreOlder,
      tellsCopies: !watcher.readsEvents,
      followsLinks: watcher.links == .follow
    )
  }
}
