internal import Diagnostics

/// Decodes who may read, and how often: `basic_auth_users` and `rate_limit`.
enum AccessDecoder {
  /// Many more than a scrape endpoint has.
  static let usersMax = 1_000
  static let burstMax = 1_000_000

  static func users(_ section: Setting) -> [String: BcryptHash] {
    guard let entries = section.entries() else { return [:] }
    let report = section.report
    guard entries.count <= usersMax else {
      report.add("users", "at most \(usersMax) users are supported", at: section.keyRange)
      return [:]
    }
    var users: [String: BcryptHash] = [:]
    for entry in entries {
      let bytes = entry.name.utf8
      if bytes.isEmpty || bytes.contains(UInt8(ascii: ":")) || bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
        let message = "a user's name cannot be empty, nor hold `:` or control characters: no client could send it"
        report.add("user-name", message, at: entry.keyRange)
        continue
      }
      users[entry.name] = hash(entry)
    }
    if users.isEmpty, entries.isEmpty {
      report.add(
        "users",
        "`\(section.name)` is empty: everybody may read",
        at: section.keyRange,
        severity: .warning
      )
    }
    return users
  }

  private static func hash(_ entry: Setting) -> BcryptHash? {
    guard let text = entry.text() else { return nil }
    do throws(BcryptHash.Mistake) {
      return try BcryptHash(parsing: text)
    } catch {
      report(error, of: entry)
      return nil
    }
  }

  private static func report(_ mistake: BcryptHash.Mistake, of entry: Setting) {
    switch mistake {
    case .form:
      entry.report.add(
        "bcrypt",
        "the password of `\(entry.name)` is no bcrypt hash, such as `$2y$10$` and 53 characters",
        at: entry.range,
        help: "`htpasswd -nBC 10 \(entry.name)` makes one"
      )
    case .cost(let cost):
      entry.report.add(
        "bcrypt",
        "the bcrypt hash of `\(entry.name)` has cost \(cost): it has to be at least \(BcryptHash.costMin), "
          + "and at most \(BcryptHash.costMax), which takes seconds for each check",
        at: entry.range,
        help: "a cost from 10 to 12 is usual"
      )
    }
  }

  static func rateLimit(_ section: Setting) -> WebSettings.RateLimit? {
    let keys = section.keys(["interval", "burst"])
    guard let interval = keys["interval"] else {
      if let burst = keys["burst"] {
        section.report.add("rate-limit", "`burst` without `interval` limits nothing", at: burst.keyRange)
      }
      return nil
    }
    let burst = keys["burst"].map { $0.integer(in: 1...burstMax) } ?? 1
    guard let text = interval.text(), let burst else { return nil }
    guard let duration = IntervalText.parse(text) else {
      let help = "write it as `1s`, `250ms` or `1m30s`; at most 24h"
      section.report.add("rate-limit", "`\(text)` is not a duration", at: interval.range, help: help)
      return nil
    }
    return duration > .zero ? WebSettings.RateLimit(interval: duration, burst: burst) : nil
  }
}
