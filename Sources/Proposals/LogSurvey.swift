internal import Glibc

/// Finds the files below folders that may be logs. It lists folders and never opens a file, and never follows a link.
package struct LogSurvey: Sendable {
  /// A folder or file to look in.
  package struct Root: Sendable {
    /// Where it is.
    package var location: String
    /// How the catalog writes its path: relative to the catalog's folder, or absolute. Empty for that folder itself.
    package var shown: String

    package init(location: String, shown: String) {
      self.location = location
      self.shown = shown
    }
  }

  /// A file that may be a log.
  package struct File: Sendable, Hashable {
    /// Where it is.
    package var location: String
    /// The path as the catalog writes it, taken apart at its slashes. The first segment of an absolute path is empty.
    package var segments: [String]
    /// How many of the segments are those of the folder that was asked for.
    package var rootDepth: Int
    package var size: Int

    package var name: String { segments.last ?? "" }
    package var path: String { segments.joined(separator: "/") }
  }

  package private(set) var files: [File] = []
  /// Files that are no logs by their names, such as sources and pictures.
  package private(set) var passedBy = 0
  /// What could not be looked at, or what limit was hit.
  package private(set) var troubles: [String] = []

  private var entries = 0
  private var seen: Set<String> = []

  package init(_ roots: [Root]) {
    for root in roots { look(in: root) }
    files.sort { $0.segments.lexicographicallyPrecedes($1.segments) }
  }

  private mutating func look(in root: Root) {
    var status = stat()
    guard stat(root.location, &status) == 0 else { return troubles.append("\(root.location): there is no such file") }
    let segments =
      root.shown.isEmpty ? [] : root.shown.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if status.st_mode & S_IFMT == S_IFDIR {
      list(root.location, segments, depth: 0, rootDepth: segments.count)
    } else if status.st_mode & S_IFMT == S_IFREG {
      add(root.location, segments, rootDepth: max(0, segments.count - 1), size: Int(status.st_size))
    }
  }

  private mutating func list(_ folder: String, _ segments: [String], depth: Int, rootDepth: Int) {
    guard let names = Self.names(in: folder) else {
      return troubles.append("\(folder): it cannot be listed")
    }
    var folders: [String] = []
    for name in names {
      entries += 1
      guard entries <= Self.entriesMax else {
        if entries == Self.entriesMax + 1 {
          troubles.append("\(folder): looked at \(Self.entriesMax) files and folders, and left the rest alone")
        }
        return
      }
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      var status = stat()
      guard !name.hasPrefix("."), lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR where !NonLogNames.areNoLogs(inFolder: name): folders.append(name)
      case S_IFREG: add(path, segments + [name], rootDepth: rootDepth, size: Int(status.st_size))
      default: break
      }
    }
    for name in folders {
      guard depth < Self.depthMax else {
        return troubles.append("\(folder): its folders lie too deep")
      }
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      list(path, segments + [name], depth: depth + 1, rootDepth: rootDepth)
    }
  }

  private mutating func add(_ location: String, _ segments: [String], rootDepth: Int, size: Int) {
    let file = File(location: location, segments: segments, rootDepth: rootDepth, size: size)
    guard seen.insert(file.path).inserted else { return }
    if size == 0 || NonLogNames.isNoLog(file.name) {
      passedBy += 1
    } else {
      files.append(file)
    }
  }

  private static func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  package static let entriesMax = 100_000
  package static let depthMax = 16
}

/// What a file's name says of it.
enum NonLogNames {
  /// Folders of programs and their libraries.
  static func areNoLogs(inFolder name: String) -> Bool {
    ["node_modules", "site-packages", "dist-packages", "__pycache__", "venv", "__MACOSX"].contains(name)
  }

  static func isNoLog(_ name: String) -> Bool {
    let lower = name.lowercased()
    if settingsOfModels.contains(lower) || lower.hasPrefix("readme") || lower.hasPrefix("license") { return true }
    if lower.hasSuffix(".schema.json") { return true }
    guard let dot = lower.lastIndex(of: ".") else { return ["makefile", "dockerfile"].contains(lower) }
    return others.contains(String(lower[lower.index(after: dot)...]))
  }

  /// The endings of sources, documents, pictures, weights and data.
  private static let others: Set = [
    "py", "pyc", "pyi", "pyx", "ipynb", "c", "h", "cc", "cpp", "hpp", "cu", "cuh", "rs", "go", "swift", "java", "js",
    "ts",
    "jsx", "tsx", "css", "html", "htm", "xml", "svg", "sh", "bash", "bat", "ps1", "md", "rst", "tex", "pdf", "ini",
    "cfg",
    "conf", "toml", "lock", "env", "gitignore", "png", "jpg", "jpeg", "gif", "bmp", "webp", "ico", "mp3", "mp4", "wav",
    "flac", "avi", "npy", "npz", "pt", "pth", "pkl", "pickle", "joblib", "safetensors", "ckpt", "onnx", "h5", "hdf5",
    "keras", "pb", "tflite", "gguf", "bin", "so", "o", "a", "whl", "jar", "egg", "parquet", "arrow", "feather", "mat",
    "ttf",
    "woff", "woff2", "service", "socket", "timer", "modulemap", "proto", "map", "diff", "patch", "mtail", "tmpl",
    "ds_store", "metrics", "prom", "sqlite", "db", "pid",
  ]

  /// What is saved with models.
  private static let settingsOfModels: Set = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "preprocessor_config.json",
    "model.safetensors.index.json",
    "pytorch_model.bin.index.json", "adapter_config.json", "package.json", "package-lock.json", "tsconfig.json",
    "requirements.txt", "metrics.yaml", "metrics.yml", "prometheus.yml",
  ]
}
