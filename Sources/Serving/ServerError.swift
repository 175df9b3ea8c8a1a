internal import Glibc
internal import NIOCore

/// Why the server did not start: one line for the operator.
package struct ServerError: Error, Hashable, CustomStringConvertible {
  package let description: String
  /// Whether another socket has the address.
  package let isAddressInUse: Bool

  init(_ description: String, isAddressInUse: Bool = false) {
    self.description = description
    self.isAddressInUse = isAddressInUse
  }

  init(listeningOn address: ListenAddress, failed error: any Error) {
    let code = (error as? IOError)?.errnoCode
    let reason =
      switch code {
      case EADDRINUSE: "address already in use (another exporter? choose another with --web.listen-address)"
      case EADDRNOTAVAIL: "this machine has no such address (:\(address.port) stands for all that it has)"
      case EACCES, EPERM: "permission denied (ports below 1024 want privileges)"
      case EAFNOSUPPORT: "this machine does not do that kind of address (no IPv6?)"
      case EMFILE, ENFILE: "too many open files"
      case .some(let code): String(cString: strerror(code))
      case nil where error is ListenAddress.UnknownName: "no address is known for this name"
      case nil: "\(error)"
      }
    self.init("cannot listen on \(address): \(reason)", isAddressInUse: code == EADDRINUSE)
  }
}
