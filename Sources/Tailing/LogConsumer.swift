package import Budgets
package import StateStore

/// What follows one log: told of its bytes in order, and of what became of the file. Called on the tailer's thread only.
package protocol LogConsumer: AnyObject {
  /// Whether the file is one document, handed over whole each time it changed (at most `documentBytesMax`), or a sequence
  /// of lines, of which what was consumed is never handed over again.
  var readsWholeDocuments: Bool { get }

  /// Whether zero bytes may be content of the log, as they are of binary frames. In a text they are none: at the file's
  /// end they are room that was made in advance, and before it a hole.
  var takesZeroBytes: Bool { get }

  /// The largest document that is read.
  var documentBytesMax: Int { get }

  /// What is kept of the log's bytes is of this budget; nil: of none.
  var budget: MemoryBudget? { get }

  /// The bytes that follow what was consumed, at least one, as many as fit the tailer's buffer.
  ///
  /// - Returns: how many of them are consumed. The rest is handed over again with what follows it; with `.open` and a
  ///   return of 0 the tailer waits until there is more (or, where its buffer was full, comes back with a larger one,
  ///   so a consumer must consume something once it is given more than its longest line).
  func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int

  /// What became of the log, in order with what is handed over.
  func handle(_ event: LogEvent)

  /// All that a consumer needs to go on in another process, of what was handed over so far.
  func encode(into encoder: inout StateEncoder)

  /// Another number whenever `encode` may give other bytes.
  var encodingVersion: Int { get }

  /// Whether nothing of what it knows is of use any more, now that the file is gone: then it is forgotten.
  var isOver: Bool { get }
}

extension LogConsumer {
  package func encode(into encoder: inout StateEncoder) {}
  package var isOver: Bool { false }
  package var takesZeroBytes: Bool { false }
  package var documentBytesMax: Int { .max }
  package var budget: MemoryBudget? { nil }
  package var encodingVersion: Int { 0 }
}

/// What becomes of a log while it is followed, but for its bytes.
package enum LogEvent {
  /// What is handed over next is of a file in this state.
  case willRead(FileStatus)
  /// The file was truncated, replaced or overwritten: what was consumed no longer stands there. What is handed over next
  /// begins at the file's first byte. The log stays the same log, and keeps its history.
  case restarted
  /// So many bytes that follow what was consumed are not handed over any more: zero bytes of a hole in the file, or what
  /// a consumer did not take though its promise was to.
  case passedBy(bytes: Int)
  /// All there is for now has been handed over.
  case caughtUp(FileStatus)
  /// The file is a document that is larger than `documentBytesMax`. Nothing of it is handed over.
  case refused
  /// The last line without its end is gone, which was handed over when it had rested; what was consumed still stands
  /// there.
  case restVanished
  /// The file is no longer there under this name. The log keeps what it contributed; `restarted` follows when a file
  /// comes back.
  case vanished
  /// The file was renamed to another name that the watcher's patterns match; the log and its history go along.
  case moved(to: LogFile)
  /// The log begins under the name of another one, which went along with a copy of its file. What it has in common with
  /// that one is what it would have had, had there been no copy: it was written again.
  case succeeds(any LogConsumer)
}

/// What becomes of a log that another process followed.
package enum ReopenedLog {
  /// It goes on where it was.
  case goesOn(any LogConsumer)
  /// It keeps its history, and is read again from its beginning; the consumer has been told to restart.
  case readAgain(any LogConsumer)
  /// Nothing that it contributed is of use: its file is found like a new one.
  case forgotten
}

/// What is known of what comes after the bytes of a call.
package enum LogEnding: Sendable, Hashable {
  /// More may come.
  case open
  /// The file has rested for `TailerOptions.restBeforeProvisional` with these bytes at its end: what is hardly being
  /// written any more may be consumed, and a last line without its end be shown, but not taken. For a document, which
  /// comes without bytes then: what was handed over last is all that will come for now. The size is the whole file's: a
  /// writer with a buffer of its own tears lines where that is full, at certain sizes.
  case rested(fileSize: Int)
  /// Nothing will ever follow: the file was renamed away, deleted, replaced, or is read just once.
  case closed

  var isRested: Bool {
    if case .rested = self { true } else { false }
  }
}
