import PromQL
import PromQLMutations
import Testing

/// The parser against the cases of Prometheus's own tests.
@Suite struct PrometheusCasesTests {
  @Test(arguments: ["good", "queries"])
  func whatPrometheusTakesIsTakenAndPrintedAsTextOfAnEqualTree(name: String) throws {
    guard let queries = try PrometheusCases.queries(name) else {
      print("Prometheus's cases are not there: nothing is judged by them")
      return
    }
    #expect(!queries.isEmpty)
    for query in queries {
      do throws(PromQLError) {
        let tree = try Parser.parse(query)
        let printed = tree.description
        #expect(try Parser.parse(printed).expression == tree.expression, "\(query) was printed as \(printed)")
      } catch {
        Issue.record("\(query)\n\(error.rendered(in: Array(query.utf8)))")
      }
    }
  }

  @Test func whatPrometheusRefusesIsRefused() throws {
    guard let queries = try PrometheusCases.queries("bad") else { return }
    #expect(!queries.isEmpty)
    for query in queries {
      // The byte 0xff of the original became a character of two bytes on the way into JSON, which is fine in a string.
      if query == "some_metric{a=\"ÿ\"}" {
        #expect(throws: PromQLError.self) { try Parser.parse(query.unicodeScalars.map { UInt8($0.value) }) }
        continue
      }
      #expect(fault(query) != nil, "\(query) was taken")
    }
  }
}
