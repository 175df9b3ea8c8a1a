internal import NIOCore

/// What came of `POST /-/reload`: whether the new catalog is in use, and what to tell the one who asked.
package enum ReloadAnswer: Sendable {
  case done(String)
  /// The old catalog stays; the text says why, in lines.
  case refused(String)

  var response: Response {
    switch self {
    case .done(let text): .text(.ok, text)
    case .refused(let text): .text(.internalServerError, text)
    }
  }
}

/// What is asked of the thread that reloads: there is but one thing.
enum ReloadOrder: Sendable {
  case reload
}
