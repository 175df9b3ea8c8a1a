import Testing

@testable import Exposition

/// What scrapers, browsers and junk ask for, and what they get.
@Suite struct ContentNegotiationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let accept: [String]
    let expected: ExpositionVariant
    var testDescription: String { accept.joined(separator: " | ") }

    init(_ accept: String..., gives format: ExpositionFormat, _ escaping: NameEscaping = .underscores) {
      self.accept = accept
      self.expected = ExpositionVariant(format, escaping: escaping)
    }
  }

  static let proto = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
  static let om = "application/openmetrics-text"
  static let prometheus3 =
    "\(om);version=1.0.0;escaping=allow-utf-8;q=0.6,\(om);version=0.0.1;q=0.5,"
    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

  /// The headers that real receivers send.
  static let real = [
    Case(gives: .text004), Case("", gives: .text004), Case("*/*", gives: .text004),
    Case(
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
      gives: .text004
    ),
    Case(
      "\(om);version=1.0.0,\(om);version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      gives: .openMetrics100
    ),
    Case("\(om);version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", gives: .openMetrics001),
    Case(prometheus3, gives: .openMetrics100, .allowUTF8),
    Case("\(proto);q=0.7,\(prometheus3)", gives: .protobuf),
    Case("\(proto);escaping=allow-utf-8;q=0.6,\(om);version=1.0.0;q=0.5", gives: .protobuf, .allowUTF8),
    Case("text/plain;version=0.0.4;q=1,*/*;q=0.1", gives: .text004),
    Case(
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5",
      gives: .text100,
      .allowUTF8
    ),
  ]

  static let versions = [
    Case("text/plain", gives: .text004), Case("text/plain;version=0.0.4", gives: .text004),
    Case("text/plain ; version=0.0.4 ; charset=utf-8", gives: .text004),
    Case("text/plain;version=1.0.0;escaping=allow-utf-8", gives: .text100, .allowUTF8),
    Case("text/plain;version=1.0.0", gives: .text100), Case("text/plain;version=2.0.0", gives: .text004),
    Case(om, gives: .openMetrics100), Case("\(om);version=0.0.1", gives: .openMetrics001),
    Case("\(om);version=1.0.0", gives: .openMetrics100), Case("\(om);version=2.0.0", gives: .text004),
    Case("\(om);version=9.9.9", gives: .text004), Case("\(om);version=", gives: .text004),
    Case("\(om);version=9.9.9,text/plain;version=1.0.0;q=0.1", gives: .text100),
    Case(proto, gives: .protobuf), Case("\(proto);q=0.7,text/plain;version=0.0.4;q=0.3", gives: .protobuf),
    Case("application/vnd.google.protobuf", gives: .text004),
    Case("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", gives: .text004),
    Case("application/vnd.google.protobuf;proto=other;encoding=delimited", gives: .text004),
  ]

  static let escapings = [
    Case("\(om);version=1.0.0;escaping=allow-utf-8", gives: .openMetrics100, .allowUTF8),
    Case("\(om);version=1.0.0;escaping=underscores", gives: .openMetrics100),
    Case("\(om);version=1.0.0;escaping=values", gives: .openMetrics100, .values),
    Case("\(om);version=1.0.0;escaping=dots", gives: .openMetrics100),
    Case("\(om);version=1.0.0;escaping=banana", gives: .openMetrics100),
    Case("\(om);escaping=\"Allow-UTF-8\"", gives: .openMetrics100, .allowUTF8),
    // The content types of these have no escaping.
    Case("\(om);version=0.0.1;escaping=values", gives: .openMetrics001),
    Case("text/plain;version=0.0.4;escaping=allow-utf-8", gives: .text004),
  ]

  static let weights = [
    Case("\(om);version=1.0.0;q=0.1,text/plain;version=0.0.4;q=0.9", gives: .text004),
    Case("text/plain;version=0.0.4;q=0.1,\(om);version=1.0.0;q=0.9", gives: .openMetrics100),
    Case("\(om);version=1.0.0;q=0,text/plain;version=0.0.4", gives: .text004),
    Case("\(om);q=0,*/*", gives: .text004), Case("text/plain;q=0,*/*", gives: .openMetrics100),
    Case("text/plain;q=0,\(om);q=0,*/*", gives: .protobuf), Case("text/*;q=0,*/*;q=0.1", gives: .openMetrics100),
    Case("text/plain;q=0.000,\(om);q=0.001", gives: .openMetrics100), Case("*/*;q=0", gives: .text004),
    Case("\(om);q=0", gives: .text004),
    // No weight at all is the last choice, never a refusal and never the first.
    Case("\(om);version=1.0.0;q=banana,text/plain;q=0.5", gives: .text004),
    Case("\(om);q=1e9,text/plain;q=0.5", gives: .text004), Case("\(om);q=nan,text/plain;q=0.5", gives: .text004),
    Case("\(om);q=-1,text/plain;q=0.5", gives: .text004), Case("\(om);q=", gives: .openMetrics100),
    Case("\(om);q=.,text/plain;q=0.002", gives: .text004), Case("\(om);q=nan", gives: .openMetrics100),
    // Over 1 is 1; digits beyond the third do not refuse.
    Case("\(om);q=7,text/plain;q=0.9", gives: .openMetrics100), Case("\(om);q=0.00001", gives: .openMetrics100),
    Case("\(om);q=0.5001,text/plain;q=0.51", gives: .text004),
    Case("\(om);q=.5,text/plain;q=0.4", gives: .openMetrics100),
    Case("\(om);q=99999999999999999999999,text/plain;q=0.999", gives: .openMetrics100),
    Case("\(om);q=\"0.1\",text/plain;q=0.2", gives: .text004),
    // Equal weights: what is named before what a wildcard takes in, then our own order.
    Case("text/plain,\(om)", gives: .openMetrics100), Case("*/*,text/plain;version=1.0.0", gives: .text100),
    Case("text/plain;version=0.0.4,\(om);version=0.0.1,\(om);version=1.0.0", gives: .openMetrics100),
    Case("\(proto),text/plain", gives: .text004), Case("*/*,\(om);q=0.5", gives: .text004),
    // A format's most specific range counts.
    Case("text/plain,text/plain;version=0.0.4;q=0.1,\(om);q=0.5", gives: .openMetrics100),
  ]

  static let forms = [
    Case("TEXT/PLAIN;VERSION=0.0.4", gives: .text004),
    Case("Application/OpenMetrics-Text;Version=1.0.0", gives: .openMetrics100),
    Case("\(om);q=0.9;version=0.0.1", gives: .openMetrics001), Case("\(om);version=\"0.0.1\"", gives: .openMetrics001),
    Case(" \(om) \t; version = 0.0.1 ;q = 0.3 , text/plain;q=0.2", gives: .openMetrics001),
    Case("\(om);x=\"a,b;version=0.0.1\";version=1.0.0", gives: .openMetrics100),
    Case("\(om);x=\"\\\",\";version=0.0.1", gives: .openMetrics001),
    Case("\(om);;;version=0.0.1;;", gives: .openMetrics001),
    Case("text/plain;q=0.2", "\(om);version=0.0.1;q=0.3", gives: .openMetrics001), Case("text/*", gives: .text004),
    Case("application/*", gives: .openMetrics100), Case("application/*;q=0.4,text/*;q=0.5", gives: .text004),
    Case("*", gives: .text004), Case("*/plain", gives: .text004), Case(";;;,,,===///", gives: .text004),
    Case("application/x-nothing", gives: .text004), Case("application/json", gives: .text004),
    Case("\(om);version=\"0.0.1", gives: .text004), Case("\(om);\"", gives: .openMetrics100),
    Case("\(om)\0;version=1.0.0", gives: .text004), Case("éé/ü;q=ö,\(om);version=0.0.1", gives: .openMetrics001),
    Case((0..<300).map { "a/b;q=0.\($0 % 9)" }.joined(separator: ",") + ",text/plain", gives: .text004),
  ]

  @Test(arguments: real + versions + escapings + weights + forms)
  func picks(_ given: Case) {
    #expect(ContentNegotiation.variant(accept: given.accept, acceptEncoding: []) == given.expected)
  }

  static let both: [ContentEncoding] = [.gzip, .zstd]

  @Test(
    arguments: [
      ([], both, .identity), ([""], both, .identity), (["gzip"], both, .gzip), (["GZIP"], both, .gzip),
      (["x-gzip"], both, .gzip), (["gzip;q=0.5, identity;q=0.1"], both, .gzip), (["identity"], both, .identity),
      (["gzip;q=0.1, identity;q=0.5"], both, .identity), (["gzip;q=0.5,identity;q=0.5"], both, .gzip),
      (["gzip;q=0"], both, .identity), (["br"], both, .identity), (["*"], both, .gzip), (["*"], [], .identity),
      (["*"], [.zstd], .zstd), (["*;q=0"], both, .identity), (["identity;q=0"], both, .identity),
      (["identity;q=0,*"], both, .gzip), (["gzip;q=0,*"], both, .zstd), (["gzip;q=0,*"], [.gzip], .identity),
      (["zstd"], both, .zstd), (["zstd"], [.gzip], .identity), (["gzip, deflate, br, zstd"], both, .gzip),
      (["zstd, gzip"], both, .gzip), (["zstd;q=0.9, gzip;q=0.8"], both, .zstd),
      (["zstd;q=0.8", "gzip;q=0.9"], both, .gzip),
      ([",,;;q=x"], both, .identity), (["gzip;q=banana"], both, .gzip), (["gzip;q=nan,zstd;q=0.1"], both, .zstd),
      (["gzip;level=9 ; q = 1"], both, .gzip), (["gzipped"], both, .identity), (["gzi"], both, .identity),
    ] as [([String], [ContentEncoding], ContentEncoding)]
  )
  func encodes(accept: [String], offered: [ContentEncoding], expected: ContentEncoding) {
    let variant = ContentNegotiation.variant(accept: [], acceptEncoding: accept, encodings: offered)
    #expect(variant == ExpositionVariant(encoding: expected))
  }
}
