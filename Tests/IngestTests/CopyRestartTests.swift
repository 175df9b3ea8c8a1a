import Foundation
import Testing

/// Copies that are made while nobody looks.
@Suite struct CopyRestartTests {
  private func rows(_ steps: [Int]) -> String {
    RestartTests.header + steps.map { RestartTests.row($0) }.joined()
  }

  private func epochs(_ station: Station) -> [String] {
    station.samples.filter { $0.hasPrefix("epochs_total") }
  }

  @Test func aLogThatWasCopiedAndTruncatedMeanwhile() throws {
    let station = try Station(RestartTests.catalog)
    try station.write(rows([1, 2, 3]), to: "a.csv")
    station.settle()
    let saved = station.save()
    // A row that was not read, then the copy, then other rows.
    try station.write(rows([1, 2, 3, 4]), to: "b.csv")
    try station.write(rows([9]), to: "a.csv")
    try station.restart(RestartTests.catalog, from: saved)
    station.settle()
    #expect(epochs(station) == ["epochs_total{run=\"a\"} 4", "epochs_total{run=\"b\"} 1"])
    try station.append(RestartTests.row(10), to: "a.csv")
    station.settle()
    #expect(epochs(station).first == "epochs_total{run=\"a\"} 5")
  }

  @Test func aCopyThatWaitsWhenTheProcessEnds() throws {
    let station = try Station(RestartTests.catalog)
    try station.write(rows([1, 2, 3]), to: "a.csv")
    station.settle()
    try station.write(rows([1, 2, 3]), to: "b.csv")
    station.look()
    try station.restart(RestartTests.catalog, from: station.save())
    station.look()
    try station.write(rows([9]), to: "a.csv")
    station.settle()
    #expect(epochs(station) == ["epochs_total{run=\"a\"} 4"])
  }

  /// A reload is no start: what waits goes on waiting, also where its log has to be read again for a new metric.
  @Test(arguments: ["[2, 4]", "[2, 4, 8]"]) func aCopyThatWaitsWhenTheCatalogIsReloaded(buckets: String) throws {
    let station = try Station(RestartTests.catalog)
    try station.write(rows([1, 2, 3]), to: "a.csv")
    station.settle()
    try station.write(rows([1, 2, 3]), to: "b.csv")
    station.look()
    try station.reload(RestartTests.catalog.replacingOccurrences(of: "[2, 4]", with: buckets))
    station.look()
    try station.write(rows([9]), to: "a.csv")
    station.settle()
    #expect(epochs(station) == ["epochs_total{run=\"a\"} 4"])
  }

  @Test(arguments: ["[2, 4]", "[2, 4, 8]"]) func aLogThatIsRenamedJustBeforeTheCatalogIsReloaded(buckets: String) throws
  {
    let station = try Station(RestartTests.catalog)
    try station.write(rows([1, 2, 3]), to: "a.csv")
    station.settle()
    try station.rename("a.csv", "b.csv")
    try station.reload(RestartTests.catalog.replacingOccurrences(of: "[2, 4]", with: buckets))
    station.settle()
    #expect(epochs(station) == ["epochs_total{run=\"a\"} 3"])
  }

  /// Of many logs in one folder a few are compared with a new file: those that begin like it.
  @Test func aLogAmongManyThatWasCopiedAndTruncatedMeanwhile() throws {
    let catalog = CatalogChangeTests.catalog(files: "\"runs/*-{run}.csv\"")
    let station = try Station(catalog)
    for number in 100..<300 { try station.write("step,loss,n\(number)\n1,0.5,0\n", to: "runs/\(number)-a.csv") }
    station.settle()
    let saved = station.save()
    for number in [120, 170, 290] {
      try station.write("step,loss,n\(number)\n1,0.5,0\n", to: "runs/\(number)-b.csv")
      try station.write("step,loss,n\(number)\n2,0.25,0\n", to: "runs/\(number)-a.csv")
    }
    try station.restart(catalog, from: saved)
    station.settle()
    #expect(station.samples.filter { $0.hasPrefix("rows_total") } == ["rows_total{run=\"a\"} 203"])
  }

  @Test func twoRunsThatBeginAlikeStayTwo() throws {
    let station = try Station(RestartTests.catalog)
    try station.write(rows([1, 2, 3]), to: "a.csv")
    station.settle()
    let saved = station.save()
    try station.write(rows([1, 2]), to: "b.csv")
    try station.restart(RestartTests.catalog, from: saved)
    station.settle()
    #expect(epochs(station) == ["epochs_total{run=\"a\"} 3", "epochs_total{run=\"b\"} 2"])
  }
}
