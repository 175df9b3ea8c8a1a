import Testing

@testable import ExporterKit

/// An exporter that is to end with processes ends once their last values were scraped, and never before.
@Suite struct ProcessExitTests {
  /// What was seen at one second.
  private struct Look {
    var isRunning: Bool?
    var readSince: Int64 = -1
    var scrapedAt: Int64 = -1
    var end: ProcessExitDecision.End?
  }

  private func expect(_ looks: [Look], linger: Duration = .seconds(10), _ comment: Comment) {
    var decision = ProcessExitDecision(linger: linger)
    for (second, look) in looks.enumerated() {
      let now = Int64(second) * 1_000_000_000
      let end = decision.observe(
        isRunning: look.isRunning,
        now: now,
        isRead: { look.readSince * 1_000_000_000 > $0 },
        scrapedAt: look.scrapedAt * 1_000_000_000
      )
      #expect(end == look.end, comment)
    }
  }

  @Test func itEndsWithTheScrapeAfterTheLastReading() {
    expect(
      [
        Look(isRunning: false, scrapedAt: 0), Look(isRunning: true), Look(isRunning: false, scrapedAt: 1),
        Look(isRunning: false, readSince: 1, scrapedAt: 2), Look(isRunning: false, readSince: 3, scrapedAt: 3),
        Look(isRunning: false, readSince: 3, scrapedAt: 4),
        Look(isRunning: false, readSince: 3, scrapedAt: 5, end: .scraped),
      ],
      "a scrape that began before all was read has not all"
    )
  }

  @Test func itEndsWithoutAScrapeWhenTheTimeIsOver() {
    let gone = Look(isRunning: false)
    let over = Look(isRunning: false, end: .lingered)
    expect([Look(isRunning: true), gone, gone, gone, over], linger: .seconds(3), "also where a log cannot be read")
    expect([Look(isRunning: true), over], linger: .zero, "at once")
  }

  @Test func itGoesOnWithTheNextProcess() {
    let running = Look(isRunning: true)
    let gone = Look(isRunning: false)
    let over = Look(isRunning: false, end: .lingered)
    expect([running, gone, running, gone, gone, over], linger: .seconds(2), "it lingers anew")
  }

  @Test func itWaitsUntilOneIsSeen() {
    let nobodyKnows = Look(isRunning: nil)
    let none = Look(isRunning: false)
    expect([none, nobodyKnows, none, none], linger: .zero, "none began yet")
    expect([Look(isRunning: true), nobodyKnows, nobodyKnows], linger: .zero, "it may still run")
  }

  /// Also what it waits for when nothing has happened yet.
  @Test func itSaysOnceWhatItWaitsFor() {
    var decision = ProcessExitDecision(linger: .seconds(10))
    func news(isRunning: Bool) -> String? {
      _ = decision.observe(isRunning: isRunning, now: 0, isRead: { _ in true }, scrapedAt: -1)
      return decision.takeNews()
    }
    #expect(news(isRunning: false) == "waiting for a process to begin")
    #expect(news(isRunning: false) == nil)
    #expect(news(isRunning: true) == "waiting for its processes to end")
    #expect(news(isRunning: true) == nil)
    #expect(news(isRunning: false) == "waiting for its last values to be scraped")
    #expect(news(isRunning: false) == nil)
    #expect(news(isRunning: true) == "waiting for its processes to end")
  }

  @Test func whatIsNoPatternIsRefused() throws {
    for text in ["", "{", "a}", "{a}{b}"] {
      #expect(throws: ExporterError.self, "\(text)") { try ProcessExit(commandLine: text) }
    }
    _ = try ProcessExit(commandLine: "train.py --run {run}")
  }
}
