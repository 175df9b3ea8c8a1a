internal import Glibc

/// Tells one start of a machine from others, also from those of other machines.
package struct BootIdentity: Sendable, Hashable {
  /// A digest of what the kernel drew at its start.
  package let value: UInt64

  package init(_ value: UInt64) { self.value = value }

  /// Of this process; nil: `/proc` does not say it.
  package static let current: BootIdentity? = {
    let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // 32 hexadecimal digits, hyphens and a newline.
    var text = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &text, text.count)
    guard count >= 32 else { return nil }
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text[..<count] { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
    // A container may have a monotonic clock of its own.
    var namespace = stat()
    if stat("/proc/self/ns/time", &namespace) == 0 { digest ^= UInt64(namespace.st_ino) }
    return BootIdentity(digest)
  }()
}
