public import Diagnostics
package import LogFormats
public import MetricModel
internal import YAMLSyntax

/// Makes a catalog from YAML. It reports every mistake of a file at once; only a file that is not YAML gives a single
/// diagnostic.
///
/// YAML nodes become declarations, rules check these, and only if no rule has found an error they become a `Catalog`.
public enum CatalogLoader {
  /// Loads a catalog from a file. It never throws: a file that cannot be read is a diagnostic. The call blocks while
  /// the file is read.
  ///
  /// - Parameters:
  ///   - path: the file, relative to the working directory or absolute. It is taken as it is, without `~` and
  ///     variables.
  ///   - collectors: the collectors that there are, with what they offer. With nil, what the catalog says about
  ///     collectors is checked in its form alone. For a catalog that an exporter gets, use `loadCatalog(path:)` of
  ///     `ExporterKit`, which knows them.
  /// - Returns: the catalog, or nil in its place if there are errors, and all diagnostics.
  public static func load(path: String, collectors: [CollectorDescriptor]? = nil) -> CatalogLoading {
    load(path: path, collectors: collectors) { limit throws(RegularFile.Problem) in
      try RegularFile.read(path: path, bytesMax: limit).bytes
    }
  }

  /// The same for what is read in another way.
  ///
  /// - Parameter read: gets how many bytes there may be.
  package static func load(
    path: String,
    collectors: [CollectorDescriptor]?,
    read: (Int) throws(RegularFile.Problem) -> [UInt8]
  ) -> CatalogLoading {
    do throws(RegularFile.Problem) {
      return load(bytes: try read(YAMLLimits.fileBytesMax), path: path, collectors: collectors)
    } catch {
      let source = SourceFile(path: path, bytes: [])
      return CatalogLoading(catalog: nil, diagnostics: [CatalogFile.diagnostic(for: error)], source: source)
    }
  }

  /// Loads a catalog from memory.
  ///
  /// - Parameters:
  ///   - bytes: the YAML in UTF-8, at most 1 MiB.
  ///   - path: the name that messages show. Relative paths in the catalog are relative to its folder. Nothing is read
  ///     from there.
  ///   - collectors: the collectors that there are; nil if that is not known.
  /// - Returns: the catalog, or nil in its place if there are errors, and all diagnostics.
  public static func load(
    bytes: [UInt8],
    path: String,
    collectors: [CollectorDescriptor]? = nil
  ) -> CatalogLoading {
    load(bytes: bytes, path: path, collectors: collectors, formats: LogFormats.all)
  }

  /// The same with other formats than those that there are.
  package static func load(
    bytes: [UInt8],
    path: String,
    collectors: [CollectorDescriptor]? = nil,
    formats: [FormatDescriptor]
  ) -> CatalogLoading {
    let source = SourceFile(path: path, bytes: bytes)
    let document = YAMLDocument.parse(source)
    let report = Report(source)
    document.diagnostics.forEach(report.add)
    guard let root = document.root else {
      if document.diagnostics.isEmpty {
        report.add(FileID.empty, "the file is empty", at: nil, help: "a catalog begins with `version: 1`")
      }
      return CatalogLoading(catalog: nil, diagnostics: report.diagnostics, source: source)
    }
    let start = SourceRange(root.range.start, root.range.start)
    let declaration = CatalogDeclaration(
      Value(root, name: "the catalog", key: start, report: report),
      offered: collectors,
      formats: formats
    )
    for rule in Rules.all where !rule.concludesFromAbsence { rule.check(declaration, report) }
    for rule in Rules.all where rule.concludesFromAbsence && !report.hasErrors { rule.check(declaration, report) }
    var catalog = report.hasErrors ? nil : Resolver(declaration).catalog(path: path)
    catalog?.text = bytes
    var loading = CatalogLoading(catalog: catalog, diagnostics: report.finished, source: source)
    if catalog != nil { loading.declaration = declaration }
    return loading
  }

  /// How many bytes a catalog may have.
  package static let bytesMax = YAMLLimits.fileBytesMax

  /// The ids of all diagnostics that loading a catalog can give, in the order of docs/rules.md.
  public static let ruleIDs: [RuleID] = FileID.all + YAMLID.all + DecodingID.all + Rules.all.flatMap { $0.ids }
}

/// The result of loading a catalog.
public struct CatalogLoading: Sendable {
  /// The catalog; nil if there is an error among the diagnostics.
  public var catalog: Catalog?
  /// What is wrong, in the order of the file: errors, and warnings that do not keep the catalog from being used. There
  /// are at most 1,000 of each, and a last one that says how many are left out.
  public var diagnostics: [Diagnostic]
  /// The file that the diagnostics' ranges refer to, for `ConsoleRenderer`. It has no bytes if it could not be read.
  public var source: SourceFile
  /// What the catalog was made of, with the places in the file; nil where it was not loaded from one.
  var declaration: CatalogDeclaration?

  /// Creates a result from its properties.
  public init(catalog: Catalog?, diagnostics: [Diagnostic], source: SourceFile) {
    self.catalog = catalog
    self.diagnostics = diagnostics
    self.source = source
  }
}
