/// What an `errno` means to a reader of logs. Decides nothing: what follows from it is the tailer's.
internal import Glibc

extension SystemError {
  static let notADirectory = SystemError(code: ENOTDIR)
  /// Of a link that is not to be followed, by our own rule.
  package static let notFollowed = SystemError(code: EXDEV)
  /// Of a document, by our own limit; the kernel does not say so of a file that is read.
  static let tooLarge = SystemError(code: EFBIG)

  /// Whether there is nothing of that name, rather than something that cannot be looked at. A name that is too long
  /// and a link that leads in circles are nothing.
  package var meansAbsent: Bool {
    code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG || code == ELOOP
  }

  /// For people.
  package var text: String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
  }

  var reason: TailerCounters.ReadError {
    switch code {
    case EACCES, EPERM: .permission
    case EMFILE, ENFILE: .tooManyOpenFiles
    case ESTALE: .stale
    case EFBIG: .tooLarge
    default: .io
    }
  }
}
