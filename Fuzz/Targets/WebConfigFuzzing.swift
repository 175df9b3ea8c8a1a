import Foundation
import WebConfiguration

extension FuzzTarget {
  /// A file for `--web.config.file`.
  static let webConfig = FuzzTarget("web-config") { bytes in
    let file = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(getpid()).yml")
    guard (try? Data(bytes).write(to: file)) != nil else { return }
    let loading = WebConfigurationLoader.load(path: file.path)
    precondition(loading.settings != nil || !loading.diagnostics.isEmpty, "a refusal says why")
    try? FileManager.default.removeItem(at: file)
  }
}
