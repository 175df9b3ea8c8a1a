import Exposition
import Foundation
import Synchronization
import Testing

@testable import Serving

/// Which metrics a query asks for.
@Suite struct MetricQueryTests {
  @Test(
    arguments: [
      ("/metrics", nil, []), ("/metrics?", nil, []), ("/metrics?name=up&x[]=y&name[]", nil, []),
      ("/metrics?name[]=", nil, []), ("/metrics#?name[]=up", nil, []), ("http://a?name[]=up", ["up"], []),
      ("/metrics?name[]=up", ["up"], []), ("/metrics?name%5B%5D=up&&name[]=up&name[]=a_b#name[]=c", ["up", "a_b"], []),
      ("/metrics?collect[]=my+logs&collect[]=%C3%BC", [], ["my logs", "ü"]), ("/metrics?name[]=a=b", ["a=b"], []),
    ] as [(String, [String]?, [String])]
  )
  func reads(target: String, names: [String]?, sources: [String]) throws {
    let expected = names.map { MetricSelection(names: Set($0), sources: Set(sources)) }
    #expect(try MetricQuery.selection(in: target) == expected)
  }

  @Test(arguments: ["name[]=%", "name[]=%1", "name[]=%zz", "name[]=%ff", "collect[]=a&name[]=%c3"])
  func refuses(query: String) {
    #expect(throws: MetricQuery.Mistake.self) { try MetricQuery.selection(in: "/metrics?" + query) }
  }

  /// What is asked for reaches the rendering, and each part is a rendering of its own.
  @Test func aSelectionIsRenderedApart() async throws {
    let seen = Mutex<[MetricSelection?]>([])
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { variant in
      seen.withLock { $0.append(variant.selection) }
      return sampleExposition
    }
    try await withServer(exposition: exposition) { address, _ in
      let client = try RawClient(address)
      for query in ["", "?name[]=up&collect[]=logs", "?other=1"] {
        #expect(try client.get("/metrics" + query).status == 200)
      }
      let many = (0...MetricQuery.namesMax).map { "name[]=n\($0)" }.joined(separator: "&")
      let reply = try client.get("/metrics?" + many)
      #expect(reply.status == 400 && reply.body.contains("more than 100 names"))
    }
    #expect(seen.withLock { $0 } == [nil, MetricSelection(names: ["up"], sources: ["logs"]), nil])
  }
}
