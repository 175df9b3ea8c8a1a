// Judges queries that are almost right:
//   promql-fuzz COUNT [SEED] [FILE…]   each FILE is a list of queries in JSON to begin with
//   promql-fuzz time FILE…             says how long the queries of the files take to parse
//   promql-fuzz verdicts FILE          says of each query of the file, on a line of its own, whether it is taken
//   promql-fuzz errors FILE            shows what is wrong with queries of a dashboard
import Foundation
import PromQL
import PromQLMutations

func queries(_ files: ArraySlice<String>) throws -> [String] {
  try files.flatMap { try JSONDecoder().decode([String].self, from: Data(contentsOf: URL(filePath: $0))) }
}

let arguments = CommandLine.arguments
if arguments.count > 1, arguments[1] == "time" {
  let all = try queries(arguments[2...]).map { Array($0.utf8) }
  let start = ContinuousClock.now
  for _ in 0..<100 {
    for query in all { _ = try? Parser.parse(query, variables: .grafana) }
  }
  let each = (ContinuousClock.now - start) / (100 * all.count)
  print("\(all.count) queries of \(all.reduce(0) { $0 + $1.count }) bytes: \(each) each, 500 of them \(each * 500)")
  exit(0)
}
if arguments.count > 1, arguments[1] == "verdicts" {
  for query in try queries(arguments[2...]) { print((try? Parser.parse(query)) == nil ? "refused" : "taken") }
  exit(0)
}
if arguments.count > 1, arguments[1] == "errors" {
  for query in try queries(arguments[2...]) {
    do throws(PromQLError) {
      _ = try Parser.parse(query, variables: .grafana)
    } catch {
      print(error.rendered(in: Array(query.utf8)))
    }
  }
  exit(0)
}
let count = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 1_000_000
let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1
var mutator = Mutator(seed: seed, corpus: try queries(arguments.dropFirst(3)))
var taken = 0
var broken = 0
for index in 0..<count {
  let bytes = mutator.next()
  switch Law.judge(bytes, index % 2 == 0 ? .none : .grafana) {
  case .taken: taken += 1
  case .refused: break
  case .broken(let what):
    broken += 1
    if broken <= 20 { print("input \(index): \(what)") }
  }
}
print("\(count) inputs of seed \(seed): \(taken) taken, \(broken) broken")
exit(broken == 0 ? 0 : 1)
