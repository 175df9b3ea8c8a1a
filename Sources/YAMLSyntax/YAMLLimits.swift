/// What a YAML file may cost. They are far above any catalog that people write, and keep a hostile one cheap.
package enum YAMLLimits {
  /// Bytes of a file. A catalog of a thousand metrics is 200 KB.
  package static let fileBytesMax = 1 << 20
  /// Nested mappings and sequences, aliases expanded. libyaml's cost grows with the square of the depth.
  package static let depthMax = 64
  /// Keys, texts, mappings and sequences, aliases expanded: 1 KB of aliases can stand for gigabytes.
  package static let nodesMax = 100_000
}
