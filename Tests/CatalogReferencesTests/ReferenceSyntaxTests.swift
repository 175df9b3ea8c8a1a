import CatalogReferences
import Testing

struct ReferenceSyntaxTests {
  @Test(arguments: [
    ("metrics.yaml", CatalogReference.file("metrics.yaml")), ("./git:main", .file("./git:main")),
    ("git:main", .git(revision: "main", path: nil)),
    ("git:HEAD~2:a/b.yaml", .git(revision: "HEAD~2", path: "a/b.yaml")),
  ])
  func whatATextNames(text: String, reference: CatalogReference) throws {
    #expect(try CatalogReference(parsing: text) == reference)
  }

  /// An exporter is asked for its catalog, whatever is in front of it; a YAML file is read as it is.
  @Test(arguments: [
    ("http://trainer:8000", "trainer", 8000, "/-/catalog"), ("https://trainer/", "trainer", 443, "/-/catalog"),
    ("http://[::1]:9/x/", "::1", 9, "/x/-/catalog"), ("http://h/-/catalog", "h", 80, "/-/catalog"),
    ("https://h/a/metrics.yaml?raw=1#top", "h", 443, "/a/metrics.yaml?raw=1"),
  ])
  func whatAURLAsksFor(text: String, host: String, port: Int, target: String) throws {
    guard case .url(let url) = try CatalogReference(parsing: text) else { throw NoURL() }
    #expect(url.host == host && url.port == port && url.target == target, "\(url)")
  }

  /// The address in an exporter's log is that of its metrics.
  @Test(arguments: [
    ("http://h:8000", "/api/v1/runs?limit=10000"), ("http://h:8000/metrics", "/api/v1/runs?limit=10000"),
    ("http://h/metrics/?collect[]=a#b", "/api/v1/runs?limit=10000"),
    ("http://h/x/metrics", "/x/api/v1/runs?limit=10000"),
    ("http://h/my-metrics", "/my-metrics/api/v1/runs?limit=10000"),
    ("http://h/runs.json", "/runs.json"),
  ])
  func whereTheRunsAreAskedFor(text: String, target: String) throws {
    #expect(try ExporterURL(parsing: text, of: .runs).target == target)
    if !text.hasSuffix(".json") {
      #expect(try ExporterURL(parsing: text, of: .document("/api/v1/runs?limit=10000")).target == target)
    }
  }

  @Test(arguments: [
    "", "git:", "git:main:", "git:--output=x", "git:a b", "http://", "http://h:0", "http://h:x/", "https://u:p@h/",
    "http://h/ä",
  ])
  func whatNamesNothingIsRefused(text: String) {
    #expect(throws: ReferenceSyntaxError.self) { try CatalogReference(parsing: text) }
  }

  private struct NoURL: Error {}
}
