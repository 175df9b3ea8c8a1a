package import Diagnostics
internal import YAMLSyntax

/// A file with queries: alert and recording rules, or a dashboard, alone or in an object of Kubernetes.
package struct QueryFile: Sendable {
  /// The most bytes of a file that is read. A large dashboard has half a megabyte.
  package static let bytesMax = 8 << 20

  package let source: SourceFile
  let isRead: Bool
  let queries: [FoundQuery]
  /// What is wrong with the file, as far as it is no query.
  let diagnostics: [Diagnostic]

  /// Reads a file, which may hold several documents.
  package init(_ source: SourceFile) {
    self.source = source
    isRead = true
    var reader = Reader()
    if source.bytes.count > Self.bytesMax {
      let message = "the file has \(source.bytes.count) bytes; at most \(Self.bytesMax) are read"
      reader.add(message, at: nil)
    } else {
      reader.read(source, base: 0, outer: nil)
      if reader.queries.isEmpty, reader.diagnostics.isEmpty {
        reader.addEmpty("there is no query in the file", at: nil)
      }
    }
    queries = reader.queries
    diagnostics = reader.diagnostics
  }

  /// A file that cannot be read.
  package init(unreadable path: String, _ problem: String) {
    source = SourceFile(path: path, bytes: [])
    isRead = false
    queries = []
    diagnostics = [Diagnostic(id: FileIDs.file.name, message: problem, range: nil)]
  }
}

extension QueryFile {
  /// Collects the queries of documents.
  struct Reader {
    /// The most files in each other: a dashboard in a list of ConfigMaps.
    private static let depthMax = 3

    var queries: [FoundQuery] = []
    var diagnostics: [Diagnostic] = []
    private var depth = 0

    mutating func add(_ message: String, at range: SourceRange?) {
      diagnostics.append(Diagnostic(id: FileIDs.file.name, message: message, range: range))
    }

    mutating func addEmpty(_ message: String, at range: SourceRange?) {
      let id = FileIDs.empty
      diagnostics.append(Diagnostic(id: id.name, severity: id.severity, message: message, range: range))
    }

    mutating func read(_ source: SourceFile, base: Int, outer: PlacedText?) {
      let first = source.bytes.first { ![0x20, 0x0A, 0x0D, 0x09, 0xEF, 0xBB, 0xBF].contains($0) }
      if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") && outer == nil {
        let document = QueryDocument(source, base: base, outer: outer)
        do throws(JSONNodes.Mistake) {
          find(in: try JSONNodes.read(source), document)
        } catch {
          add("this is no JSON: \(error.message)", at: document.place(of: error.range))
        }
        return
      }
      for part in Self.documents(source.bytes) {
        let bytes = part == source.bytes.indices ? source.bytes : Array(source.bytes[part])
        let piece = SourceFile(path: source.path, bytes: bytes)
        let document = QueryDocument(piece, base: base + part.lowerBound, outer: outer)
        let yaml = YAMLDocument.parse(piece)
        for var diagnostic in yaml.diagnostics {
          diagnostic.range = diagnostic.range.map(document.place)
          diagnostic.related = diagnostic.related.map {
            Diagnostic.Related(source: $0.source, range: document.place(of: $0.range), note: $0.note)
          }
          diagnostics.append(diagnostic)
        }
        if let root = yaml.root { find(in: root, document) }
      }
    }

    /// The documents between lines `---`.
    private static func documents(_ bytes: [UInt8]) -> [Range<Int>] {
      var parts: [Range<Int>] = []
      var start = 0
      var line = 0
      while line < bytes.count {
        let end = bytes[line...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
        if isMark(bytes[line..<end]) {
          parts.append(start..<line)
          start = end
        }
        line = end
      }
      parts.append(start..<bytes.count)
      return parts.filter { part in
        bytes[part].split(separator: 0x0A).contains { line in
          line.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }.map { $0 != UInt8(ascii: "#") } ?? false
        }
      }
    }

    /// Whether a line is `---`, perhaps with a comment.
    private static func isMark(_ line: ArraySlice<UInt8>) -> Bool {
      guard line.starts(with: "---".utf8) else { return false }
      let rest = line.dropFirst(3)
      let blanks = rest.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.count
      return blanks == rest.count || blanks > 0 && rest.dropFirst(blanks).first == UInt8(ascii: "#")
    }

    /// Whether an entry of a `ConfigMap` may be a file with queries: scripts and other programs' settings lie there too.
    private static func mayHaveQueries(_ name: String) -> Bool {
      guard let dot = name.lastIndex(of: ".") else { return true }
      return ["json", "rules", "yaml", "yml"].contains(name[name.index(after: dot)...])
    }

    /// Reads a text that is a file of its own.
    private mutating func readFile(in scalar: YAMLScalar?, _ document: QueryDocument) {
      guard let scalar, depth < Self.depthMax else { return }
      depth += 1
      defer { depth -= 1 }
      let text = PlacedText(scalar, in: document)
      read(SourceFile(path: document.source.path, bytes: Array(scalar.text.utf8)), base: 0, outer: text)
    }

    private mutating func find(in root: YAMLNode, _ document: QueryDocument) {
      let kind = root["kind"]?.scalar?.text
      if kind == "List", let items = root["items"] {
        for item in items.elements { find(in: item, document) }
      } else if kind == "ConfigMap" {
        for entry in root["data"]?.entries ?? [] where Self.mayHaveQueries(entry.key.text) {
          readFile(in: entry.value.scalar, document)
        }
      } else if kind == "GrafanaDashboard" || kind == "GrafanaLibraryPanel", let spec = root["spec"],
        spec["panels"] == nil
      {
        readFile(in: spec["json"]?.scalar, document)
        if let key = spec.entries.first(where: { $0.key.text == "gzipJson" })?.key {
          addEmpty("`gzipJson` is packed, and its queries are not read", at: document.place(of: key.range))
        }
      } else {
        var rules = RuleSearch(document)
        var dashboards = DashboardSearch(document)
        if !rules.search(root) { dashboards.search(root) }
        queries += rules.queries + dashboards.queries
      }
    }
  }
}

extension YAMLNode {
  /// The value of a key; nil: there is none, or this is no mapping.
  subscript(key: String) -> YAMLNode? { entries.first { $0.key.text == key }?.value }

  /// Of a mapping.
  var entries: [YAMLMapping.Entry] { if case .mapping(let mapping) = content { mapping.entries } else { [] } }

  /// Of a sequence.
  var elements: [YAMLNode] { if case .sequence(let nodes) = content { nodes } else { [] } }

  /// The text of a key that has one.
  func text(_ key: String) -> String? { self[key]?.scalar?.text }
}
