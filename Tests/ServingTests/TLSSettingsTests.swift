import Clocks
import Foundation
import Logging
import NIOSSL
import Synchronization
import Testing

@testable import Serving
@testable import WebConfiguration

/// What time does to certificates, and what the log says of clients that TLS refuses.
struct TLSSettingsTests {
  /// Its own authority, valid from 29 November 2026 for a hundred years.
  private static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBdDCCARugAwIBAgIUMSRgKl9wmTBZwJp0WRzYXbfTWD0wCgYIKoZIzj0EAwIw
    DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjkxOTA2MjlaGA8yMTI2MTEwNTE5MDYy
    OVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI0C
    GBqmCBPjkkhHwY+yHLLH5vRDWexbgmIlcrD2h5Ti/gOb6BBPbhgE0u+lMYSfhez1
    Kir3JWczaFDiUuq7IJ6jUzBRMB0GA1UdDgQWBBQ9B9b5e9S5yEYuUq8ZjvALStLZ
    XDAfBgNVHSMEGDAWgBQ9B9b5e9S5yEYuUq8ZjvALStLZXDAPBgNVHRMBAf8EBTAD
    AQH/MAoGCCqGSM49BAMCA0cAMEQCIHIZ2Ew6m9OR8i803463dUoYUkuFrePHiCGS
    tGm81oJpAiAO6fjBhYRDLGFyJ4bax7j9KhnOi1NIJ1cFT+VqlFWtBA==
    -----END CERTIFICATE-----

    """
  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHraHJHlRilGjxaQM
    bEEgGFDjwhv9TPVMmIA36ROQr5ehRANCAASNAhgapggT45JIR8GPshyyx+b0Q1ns
    W4JiJXKw9oeU4v4Dm+gQT24YBNLvpTGEn4Xs9Soq9yVnM2hQ4lLquyCe
    -----END PRIVATE KEY-----

    """
  private static let start: Int64 = 1_795_979_189
  private static let end: Int64 = 4_949_579_189
  private static let hour = TLSSettings.resumptionMax.wholeNanoseconds

  private func settings(_ clients: WebSettings.Clients, at second: Int64) throws -> (TLSSettings, Moment) {
    var tls = WebSettings.TLS(certificates: Array(Self.certificate.utf8), key: Array(Self.key.utf8))
    tls.clients = clients
    let now = Moment(monotonic: 0, wall: second * 1_000_000_000)
    return (try TLSSettings(tls, at: now), now)
  }

  @Test func certificatesThatHaveEndedOrNotBegunAreRemarked() throws {
    let authority = Array(Self.certificate.utf8)
    for (second, words) in [
      (Self.start - 1, "is not valid before Sun, 29 Nov 2026 19:06:29 GMT"), (Self.start, nil), (Self.end, nil),
      (Self.end + 1, "ended on Tue, 05 Nov 2126 19:06:29 GMT"),
    ] {
      let (tls, now) = try settings(.haveToShow(authority), at: second)
      let remarks = tls.remarks(at: now)
      #expect(remarks.map(\.key) == (words == nil ? [] : ["cert", "client_ca"]))
      #expect(remarks.allSatisfy { $0.message.contains(words ?? "") }, "\(remarks)")
    }
  }

  /// Sessions of clients with certificates end when an authority does, and after an hour in any case.
  @Test func sessionsEndWithTheAuthorityAndAfterAnHour() throws {
    let authority = Array(Self.certificate.utf8)
    for (second, renewsAt) in [
      (Self.start, Self.start * 1_000_000_000 + Self.hour), (Self.end - 60, Self.end * 1_000_000_000),
      (Self.end + 60, (Self.end + 60) * 1_000_000_000 + Self.hour),
    ] {
      for clients in [WebSettings.Clients.mayShow(authority), .haveToShow(authority)] {
        #expect(try settings(clients, at: second).0.renewsAt == renewsAt)
      }
      #expect(try settings(.notAsked, at: second).0.renewsAt == nil)
    }
  }

  @Test func aRunningServerEndsSessionsInTime() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "web.yml")
    let clients = "client_ca_file: crt, client_auth_type: RequireAndVerifyClientCert"
    try Data("tls_server_config: { cert_file: crt, key_file: key, \(clients) }".utf8).write(to: file)
    let now = Mutex(Moment(monotonic: 0, wall: Self.start * 1_000_000_000))
    let clock = TimeSource { now.withLock { $0 } }
    let security = try #require(ConnectionSecurity.load(path: file.path, clock: clock).security)
    let first = try #require(security.tls?.context)
    _ = security.refresh(quietLogger)
    #expect(security.tls?.context === first)
    now.withLock { $0.wall += Self.hour }
    #expect(!security.refresh(quietLogger))
    #expect(security.tls.map { $0.context !== first } == true)
  }

  @Test func aRunningServerTellsOnceThatItsCertificateHasEnded() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "web.yml")
    try Data("tls_server_config: { cert_file: crt, key_file: key }".utf8).write(to: file)
    let now = Mutex(Moment(monotonic: 0, wall: Self.end * 1_000_000_000))
    let (security, loading) = ConnectionSecurity.load(path: file.path, clock: TimeSource { now.withLock { $0 } })
    #expect(loading.diagnostics.filter { $0.message.contains("certificate") }.isEmpty)
    let log = Log()
    func look() { _ = security?.refresh(log.logger) }
    look()
    #expect(log.lines == [])
    now.withLock { $0.wall += 1_000_000_000 }
    for _ in 0..<3 { look() }
    let ended = "warning: the server's certificate ended on Tue, 05 Nov 2126 19:06:29 GMT: clients refuse it"
    #expect(log.lines == [ended])
    // What was said when it was loaded is not said again.
    let late = ConnectionSecurity.load(path: file.path, clock: TimeSource { now.withLock { $0 } })
    _ = late.security?.refresh(log.logger)
    #expect(log.lines == [ended])
  }

  private func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in [("crt", Self.certificate), ("key", Self.key)] {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    return folder
  }

  /// The library's errors cannot be made here: those that real handshakes give are tried by the tests of the program.
  @Test func whatClosedTheConnectionIsNoError() {
    for error in [BoringSSLError.sslError([.eofDuringHandshake]), .syscallError, .zeroReturn] {
      #expect(HandshakeFailure(error, certificate: nil, at: 0) == .closed)
    }
    #expect(HandshakeFailure(.sslError([]), certificate: nil, at: 0).reason == .malformed)
  }
}

/// Keeps what is logged.
private final class Log: LogHandler, Sendable {
  private let said = Mutex<[String]>([])

  var logger: Logger { Logger(label: "test") { _ in self } }
  var lines: [String] { said.withLock { $0 } }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .info }
    set {}
  }
  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) { said.withLock { $0.append("\(event.level): \(event.message)") } }
}
