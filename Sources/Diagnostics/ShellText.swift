/// Texts as words of a shell's command, for messages that name one.
package enum ShellText {
  /// The word as it is where no shell reads more into it, else in quotes.
  package static func word(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy(plainBytes.contains)
    return isPlain ? text : quoted(text)
  }

  /// The word in quotes.
  package static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }

  private static let plainBytes = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./:_-+@%,=".utf8
  )
}
