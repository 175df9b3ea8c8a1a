public import Diagnostics
public import MetricModel
internal import YAMLSyntax

/// Makes a catalog from YAML: nodes ► declarations ► rules ► resolved `Catalog`. It never stops at the first mistake,
/// except where the file is no YAML.
public enum CatalogLoader {
  /// Reads a file. It takes a path as it is: no `~`, no variables. What cannot be read is a diagnostic.
  ///
  /// - Parameter collectors: those that there are, with what they offer. Without them nothing is checked about
  ///   collectors but the form of what is written.
  public static func load(path: String, collectors: [CollectorDescriptor]? = nil) -> CatalogLoading {
    do throws(CatalogFile.Unreadable) {
      return load(bytes: try CatalogFile.read(path: path), path: path, collectors: collectors)
    } catch {
      let source = SourceFile(path: path, bytes: [])
      return CatalogLoading(catalog: nil, diagnostics: [error.diagnostic], source: source)
    }
  }

  /// Loads a catalog from memory. `path` is what messages name and what relative paths of the catalog are relative to.
  public static func load(
    bytes: [UInt8],
    path: String,
    collectors: [CollectorDescriptor]? = nil
  ) -> CatalogLoading {
    let source = SourceFile(path: path, bytes: bytes)
    let document = YAMLDocument.parse(source)
    let report = Report()
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
      offered: collectors
    )
    for rule in Rules.all { rule.check(declaration, report) }
    let catalog = report.hasErrors ? nil : Resolver(declaration).catalog(path: path)
    var diagnostics = report.diagnostics.sorted(by: Diagnostic.isOrderedBefore)
    if report.omitted > 0 {
      let id = DecodingID.more
      let message = "\(report.omitted) more are not shown"
      diagnostics.append(Diagnostic(id: id.name, severity: id.severity, message: message, range: nil))
    }
    return CatalogLoading(catalog: catalog, diagnostics: diagnostics, source: source)
  }

  /// Everything that a diagnostic can be called, in the order of the documentation.
  public static let ruleIDs: [RuleID] = FileID.all + DecodingID.all + Rules.all.flatMap { $0.ids }
}

/// What came of loading a catalog.
public struct CatalogLoading: Sendable {
  /// nil: there is an error among the diagnostics.
  public var catalog: Catalog?
  /// In the order of the file; a last one says how many are left out, where there are thousands.
  public var diagnostics: [Diagnostic]
  /// What the diagnostics' ranges refer to; empty where the file could not be read.
  public var source: SourceFile

  public init(catalog: Catalog?, diagnostics: [Diagnostic], source: SourceFile) {
    self.catalog = catalog
    self.diagnostics = diagnostics
    self.source = source
  }
}
