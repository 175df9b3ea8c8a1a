internal import NIOHTTP1

/// What clients may cost. It holds numbers only; `Places` and the connections' handlers keep to them.
package struct ServerLimits: Sendable, Hashable {
  /// From the first byte of a request to the end of its header, from a connection to its first request, and for the
  /// handshake of TLS before that. No real scraper takes a second; a drip of bytes does not lengthen it.
  package var headerTimeout: Duration = .seconds(5)
  /// A kept-alive connection without a request. Scrapes come every 15 s or 60 s, so the usual ones stay open.
  package var idleTimeout: Duration = .seconds(60)
  /// A client that reads nothing for so long, or less than `responseChunkBytes` in that time, is cut off.
  package var stallTimeout: Duration = .seconds(15)
  /// An answer is left unread for so long before another request of the same client may take its place: whoever asks much
  /// at a time gets to read it. For another client's request it may go at once.
  package var unreadPatience: Duration = .seconds(1)
  /// From the order to render to the rendered bytes. Renderings take milliseconds; this ends a broken one.
  /// A scraper that says how long it waits may make it shorter.
  package var renderTimeout: Duration = .seconds(60)
  /// From the order to reload to its end: a state of a million series is taken over in seconds.
  package var reloadTimeout: Duration = .seconds(120)
  /// From a password to what is said of it. bcrypt takes some 50 ms at its usual cost, and a few wait before it.
  package var passwordTimeout: Duration = .seconds(30)
  /// After a refusal the client may go on sending for so long, so that it gets to read why (a close with unread
  /// bytes would reset the connection under the answer).
  package var lingerTimeout: Duration = .seconds(1)
  /// What responses in flight get when the server stops.
  package var stopGrace: Duration = .seconds(1)
  /// One header field or the request line. Real scrapers send some hundred bytes.
  package var headerFieldBytesMax = 8 << 10
  /// All header fields and the request line together.
  package var headerBytesMax = 16 << 10
  /// A browser sends about 20 fields, Prometheus 6.
  package var headerFieldsMax = 100
  /// Then the answer says `Connection: close`: an even share among clients, and a bound on pipelined requests.
  package var connectionRequestsMax = 1_000
  /// Of this and the next three the clients share: see `FairShares`. Prometheus needs one connection; 300 scrapes at once
  /// must still work.
  package var connectionsMax = 1_024
  /// Handshakes of TLS under way: each costs memory before anybody is known. As many as scrapes.
  package var handshakesMax = 512
  /// Scrapes in flight, those included whose client reads slowly. Prometheus needs one; 300 at once must still work.
  package var scrapesMax = 512
  /// Requests at once on one HTTP/2 connection. Clients take it to be 100 until they have read what it is, so it cannot
  /// be less; Prometheus needs one.
  package var connectionStreamsMax = 100
  /// Requests at once on all HTTP/2 connections. 300 scrapes at once must still work, and each costs some kilobytes.
  package var streamsMax = 4_096
  /// Renderings that are held because some client has not read its answer to the end. A usual one has a megabyte or less.
  package var unreadBytesMax = 64 << 20
  /// As many of the size of the newest are held in any case: some scrapers, each at a rendering of its own.
  package var unreadRenderingsMin = 4
  /// Requests that a client may take back on one connection: each has cost something, and the client nothing
  /// (CVE-2023-44487). A scraper takes one back when its time is up.
  package var requestsTakenBackMax = 100
  /// Pings, settings and priorities in `frameCountInterval`, and resets: curl sends a priority with each request and a
  /// reset after each answer, and there may be `connectionRequestsMax` of them in no time.
  package var controlFramesMax = 1_200
  package var frameCountInterval: Duration = .seconds(30)
  /// A client that lets us send less than `windowUpdateBytesMin` more, more often than this, costs a frame and a TLS
  /// record each time (CVE-2019-9511). Real ones wait for some kilobytes to have come, except perhaps at the end.
  package var tinyWindowUpdatesMax = 1_000
  package var windowUpdateBytesMin = 1 << 10
  /// How much of a response is handed to the socket at a time: what `stallTimeout` is measured by. Smaller pieces
  /// are collected until they are as much, and go out in one system call.
  package var responseChunkBytes = 256 << 10

  package init() {}

  var decoder: NIOHTTPDecoderLimitConfiguration {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = headerFieldBytesMax
    limits.maxHeaderListSize = headerBytesMax
    limits.maxHeaderFieldCount = headerFieldsMax
    return limits
  }
}
