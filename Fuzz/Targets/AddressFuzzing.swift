import Serving
import WebConfiguration

extension FuzzTarget {
  /// What operators write in one line: an address to listen on, or the hash of a password.
  static let address = FuzzTarget("address") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(ListenAddress.Mistake) {
      let address = try ListenAddress(parsing: text)
      let again = try? ListenAddress(parsing: address.description)
      precondition(again == address, "an address is read as it is shown")
    } catch {
      precondition(error.description.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a message is one line")
    }
    if let hash = try? BcryptHash(parsing: text) {
      precondition((BcryptHash.costMin...BcryptHash.costMax).contains(hash.cost), "a hash that takes no hours")
      precondition(hash.setting + hash.digest == text, "a hash is taken apart, and nothing lost")
    }
  }
}
