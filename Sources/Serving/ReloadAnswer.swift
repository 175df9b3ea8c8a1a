/// What came of `POST /-/reload`: whether the new catalog is in use, and what to tell the one who asked.
package enum ReloadAnswer: Sendable {
  case done(String)
  /// The old catalog stays; the text says why, in lines.
  case refused(String)

  /// - Parameter showsReason: whether the client may see lines of the catalog, and names of folders.
  func response(showsReason: Bool) -> Response {
    switch self {
    case .done(let text): .text(.ok, text)
    case .refused(let text) where showsReason: .text(.internalServerError, text)
    case .refused: .reloadRefused
    }
  }
}

/// What is asked of the thread that reloads: there is but one thing.
enum ReloadOrder: Sendable {
  case reload
}
