import ExporterKit

/// What the program is made of, and its versions.
enum BuiltWith {
  /// As `Package.swift` binds them; `PolicyTests` hold this list to it, and to what was resolved.
  static let packages: [(name: String, version: String)] = [
    ("swift-argument-parser", "1.8.2"),
    ("swift-async-algorithms", "1.1.4"),
    ("swift-atomics", "1.3.0"),
    ("swift-collections", "1.6.0"),
    ("swift-log", "1.16.2"),
    ("swift-nio", "2.101.2"),
    ("swift-nio-http2", "1.46.0"),
    ("swift-nio-ssl", "2.37.6"),
    ("swift-service-lifecycle", "2.13.0"),
  ]

  /// What `--version` says: the program's own version in the first line.
  static var text: String {
    let lines = [("Swift", swiftVersion)] + packages.map { ($0.name, $0.version) }
    return "training-exporter \(exporterVersion)\n" + lines.map { "  \($0.0) \($0.1)" }.joined(separator: "\n")
  }

  /// Of those that read what strangers send, for `training_exporter_build_info`.
  static let labels: [String: String] = Dictionary(
    uniqueKeysWithValues: packages.filter { ["swift-nio", "swift-nio-ssl"].contains($0.name) }
      .map { ($0.name.replacing("-", with: "_") + "_version", $0.version) }
  )
}
