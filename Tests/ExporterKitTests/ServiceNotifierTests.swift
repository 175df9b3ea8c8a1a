import Foundation
import Testing

@testable import ExporterKit

/// What systemd hears, with a socket of the test in its place.
@Suite struct ServiceNotifierTests {
  /// Listens at a path, or with a leading `@` at an abstract name.
  private static func listen(at name: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(name.utf8)
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(2 + path.count)) }
    }
    try #require(status == 0, "\(String(cString: strerror(errno)))")
    return descriptor
  }

  private static func receive(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test(arguments: ["/tmp/notify-\(UUID().uuidString)", "@training-exporter/\(UUID().uuidString)"])
  func itHearsHowFarTheProgramIs(name: String) throws {
    let descriptor = try Self.listen(at: name)
    defer {
      close(descriptor)
      unlink(name)
    }
    let notifier = ServiceNotifier(socket: name, clock: .system)
    notifier.tell(.ready)
    #expect(Self.receive(descriptor) == "READY=1")
    notifier.tell(.reloading)
    #expect(Self.receive(descriptor).wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=\d+/) != nil)
    notifier.tell(.stopping)
    #expect(Self.receive(descriptor) == "STOPPING=1")
  }

  /// A name that is too long, or of another kind of socket, is as if there were none.
  @Test func whoIsNotThereIsNoMatter() {
    for socket in [nil, "", "relative", "vsock:2:1234", "/nowhere/at/all", "/" + String(repeating: "x", count: 108)] {
      ServiceNotifier(socket: socket, clock: .system).tell(.ready)
    }
  }
}
