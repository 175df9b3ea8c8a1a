import Diagnostics
import Foundation
import LogStations
import Testing

@testable import Proposals

/// Why whole logs are left out.
struct LeftOutTests {
  private func leftOut(_ files: [String: String]) throws -> [String: String] {
    let folder = try LogFolder()
    for (name, text) in files { try folder.append(text, to: name) }
    do throws(Proposal.Failure) {
      let proposal = try Proposal.make(
        [LogSurvey.Root(location: folder.path(), shown: "")],
        folder: folder.path(),
        source: "."
      ) { ProposalRunner.load($0) }
      ProposalRunner.check(proposal, "left out")
      return Dictionary(uniqueKeysWithValues: proposal.leftOut.map { ($0.path, $0.reason) })
    } catch {
      guard case .nothingFound(let leftOut, _, _) = error else { throw error }
      return Dictionary(uniqueKeysWithValues: leftOut.map { ($0.path, $0.reason) })
    }
  }

  private static let log = "epoch,loss,val_loss\n1,0.9,1.1\n2,0.8,1.0\n3,0.7,0.9\n"

  @Test func allFieldsAreNamedWithTheirReasons() throws {
    let reasons = try leftOut(["log.jsonl": (1...3).map { "{\"id\": \($0), \"seed\": 7, \"ok\": true}\n" }.joined()])
    let reason = try #require(reasons["log.jsonl"])
    #expect(reason.contains("id, seed: it names or numbers things"))
    #expect(reason.contains("ok: it is true or false"))
  }

  @Test func whatAnotherLogSaysIsToldFromWhatItDoesNot() throws {
    let console = (1...9).map { "epoch \($0) loss: 0.\($0) gradient_norm: 1.\($0)\n" }.joined()
    let reason = try leftOut(["runs/a/log.csv": Self.log, "runs/a/train.log": console]).first {
      $0.key.hasSuffix("log")
    }
    #expect(reason?.value.contains("log.csv has numbers of the same runs; it alone has gradient_norm") == true)
  }

  @Test func settingsWithoutARunBesideThemSaySo() throws {
    let settings = "epochs: 10\nlr: 0.1\n"
    let files = ["runs/a/log.csv": Self.log, "runs/b/log.csv": Self.log, "other/args.yaml": settings]
    #expect(
      try leftOut(files).first { $0.key.hasSuffix("args.yaml") }?.value.contains("no log of a run lies beside") == true
    )
    let silent = ["runs/a/log.csv": Self.log, "runs/a/args.yaml": "lr: 0.1\n"]
    #expect(try leftOut(silent).first { $0.key.hasSuffix("args.yaml") }?.value.contains("do not say how far") == true)
  }

  /// A document in one line, which has no line's end to cut at.
  @Test func largeDocumentsAreReadWholeOrNotAtAll() throws {
    let row = #"{"loss": 0.5, "epoch": 1}, "#
    func document(_ bytes: Int) -> String {
      "[" + String(repeating: row, count: bytes / row.utf8.count + 1) + row.dropLast(2) + "]"
    }
    let folder = try LogFolder()
    try folder.append(document(3 << 20), to: "a.json")
    #expect(try ProposalRunner.propose(folder.path()).catalog.watchers.map(\.format.name) == ["json"])
    let tooLarge = try leftOut(["a.json": document(LogSample.documentBytesMax)])
    #expect(tooLarge == ["a.json": "it is a document of more than 32 MiB"])
  }

  /// What the loader objects to is the line's own field, though others have a part of its name.
  @Test func whatTheCatalogRefusesIsLeftOutAlone() throws {
    let folder = try LogFolder()
    try folder.append(Self.log.replacing("val_loss", with: "loss_std"), to: "runs/a/log.csv")
    let root = LogSurvey.Root(location: folder.path(), shown: "")
    let proposal = try Proposal.make([root], folder: folder.path(), source: ".") { bytes in
      var loading = ProposalRunner.load(bytes)
      if let place = String(decoding: bytes, as: UTF8.self).range(of: "      loss_std: ") {
        let start = String(decoding: bytes, as: UTF8.self)[..<place.lowerBound].utf8.count
        let range = SourceRange(start + 6, start + 14)
        loading.diagnostics.append(Diagnostic(id: "a/b", severity: .warning, message: "not so", range: range))
      }
      return loading
    }
    #expect(proposal.catalog.watchers[0].fields.flatMap(\.names) == ["epoch", "loss"])
    #expect(proposal.catalog.watchers[0].leftOut == [.init("loss_std", "the catalog refuses it: not so")])
  }

  /// Fields of one file are not told as another's.
  @Test func fieldsOfSeveralKindsOfFilesAreThoseOfTheWatcher() throws {
    let proposal = try ProposalRunner.propose(ProposalRunner.package.appending(path: "examples/mlflow").path)
    let text = InitReport(proposal, source: ".").text(name: "out", seriesNow: 1_234, seriesMax: 12)
    #expect(text.contains("\n  mlflow: start_time: `run` knows when the run began\n"))
    #expect(text.contains(" 1,234 time series now, at most 12\n"))
  }

  @Test func namesOfFilesDoNotTurnTheTextAround() {
    let name = "a\u{202E}gol.b\u{1B}[2J"
    let text = InitReport.nothing(leftOut: [(name, "gzip data")], troubles: [name], passedBy: 0, source: name)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7F).contains($0.value) })
  }
}
