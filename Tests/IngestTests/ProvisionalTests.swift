import LogStations
import Testing

/// Which last lines without an end are shown; `history/last-lines` of the scripts says what becomes of them.
@Suite struct ProvisionalTests {
  /// A writer with a buffer of its own tears a line where that is full; a closed object says itself that it is whole.
  @Test(arguments: [4_096, 8_192, 8_191, 16_382, 4_095, 8_190])
  func aLineThatABufferToreIsNotShown(size: Int) throws {
    let station = try Station(
      """
      version: 1
      metrics: { lr: { type: gauge, help: h }, step: { type: gauge, help: h } }
      watchers:
        c: { files: "*.csv", format: csv, fields: { lr: lr } }
        j: { files: "*.jsonl", format: jsonl, fields: { step: step } }
      """
    )
    func padded(_ first: String, _ row: String, _ last: String) -> String {
      var text = first
      while text.utf8.count + 2 * row.utf8.count + last.utf8.count < size { text += row }
      let blanks = size - text.utf8.count - row.utf8.count - last.utf8.count
      return text + row.dropLast() + String(repeating: " ", count: blanks) + "\n" + last
    }
    let isTorn = size % 4_096 == 0 || size % 8_191 == 0
    try station.write(padded("step,lr\n", "1,0.5\n", "2,0.1"), to: "a.csv")
    try station.write(padded("", "{\"step\": 1}\n", "{\"step\": 2}"), to: "a.jsonl")
    station.settle()
    #expect(station.samples == ["lr \(isTorn ? "0.5" : "0.1")", "step 2"])
  }
}
