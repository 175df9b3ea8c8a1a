/// What files say of a run that are no logs: marks of its end, and what it saves.
extension RunHealth {
  /// What is known of marks.
  struct Marks: Sendable, Equatable {
    /// When the file was written that says that the run has finished, in nanoseconds since 1970; nil: it is not there.
    var finished: Int64?
    /// The same of the file that says that it has failed.
    var failed: Int64?
    /// When one went that counted; nil: none has.
    var withdrawn: Int64?
  }

  /// A look at the files that are marks of its end.
  ///
  /// - Parameters:
  ///   - finished: when the newest was written that says that it has finished: nanoseconds since 1970; nil: there is none.
  ///   - failed: the same of those that say that it has failed.
  ///   - now: when that was seen. A time that is later counts as the first look that found it.
  package mutating func saw(finished: Int64?, failed: Int64?, at now: Int64) {
    func seen(_ time: Int64?, _ before: Int64?) -> Int64? {
      time.map { $0 <= now ? max($0, 0) : min(before ?? now, now) }
    }
    var new = marks
    new.finished = seen(finished, marks.finished)
    new.failed = seen(failed, marks.failed)
    guard new != marks else { return }
    let wasMarked = endByFile != nil
    let wasAway = isAway(at: now)
    marks = new
    isChanged = true
    guard wasMarked, endByFile == nil else { return }
    // It goes on, which takes as long to be seen as its next record.
    marks.withdrawn = now
    if wasAway, !isAway(at: now) { isResumed = true }
  }

  /// Forgets what nobody looks for any more: it would never go.
  package mutating func keepFiles(finished: Bool, failed: Bool, checkpoints: Bool) {
    if !finished { marks.finished = nil }
    if !failed { marks.failed = nil }
    if !checkpoints { checkpoint = nil }
  }

  /// A look at what it has saved.
  ///
  /// - Parameter newest: nil: there is nothing.
  package mutating func saw(checkpoint newest: RunCheckpoint?) {
    guard newest != checkpoint else { return }
    checkpoint = newest
    isChanged = true
  }

  /// What a file says of its end that is there and counts: the newer one, and the failure of two that are as old. nil: none
  /// does.
  var endByFile: (state: RunState, time: Int64)? {
    switch (counting(marks.finished), counting(marks.failed)) {
    case (nil, nil): nil
    case (let finished?, nil): (.finished, finished)
    case (nil, let failed?): (.failed, failed)
    case (let finished?, let failed?): finished > failed ? (.finished, finished) : (.failed, failed)
    }
  }

  /// A mark is one of an earlier part of the run if records came behind it: those that were written with it are read late.
  private func counting(_ time: Int64?) -> Int64? {
    guard let time else { return nil }
    if let lastRecord, Nanoseconds.elapsed(from: time, to: lastRecord) > Self.lastRowsMax { return nil }
    return time
  }
}

/// The newest of what a run saves to go on from: a file, or a folder with all that is in it.
package struct RunCheckpoint: Sendable, Equatable {
  /// As it is opened, with U+FFFD for what is no UTF-8.
  package var path: String
  /// When it was written last: nanoseconds since 1970.
  package var time: Int64
  /// Bytes; of a folder those of its files together.
  package var size: Int

  package init(path: String, time: Int64, size: Int) {
    self.path = path
    self.time = time
    self.size = size
  }
}
