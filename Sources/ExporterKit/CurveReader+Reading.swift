internal import Ingest
internal import Tailing

/// The reading of logs for their curves, on the queue of the reader.
extension CurveReader {
  /// Reads until nobody waits.
  func readAll() {
    while let log = locked({ $0.wanted.first }) {
      let isDone = read(log)
      let goesOn = locked { state in
        state.wanted.removeFirst()
        if !isDone {
          state.wanted.append(log)
          return true
        }
        for place in state.waiting.indices {
          state.waiting[place].keys.remove(Key(log))
          if state.waiting[place].keys.isEmpty { state.waiting[place].done.give(true) }
        }
        state.isReading = !state.wanted.isEmpty
        return state.isReading
      }
      if !goesOn { return }
    }
    locked { $0.isReading = false }
  }

  /// - Returns: whether nothing is left to read for now.
  private func read(_ log: RunLog) -> Bool {
    var isDone = true
    let isThere: Void? = log.withOpenFile { descriptor, status in isDone = read(log, descriptor, status) }
    if isThere == nil { fail(log, "is gone, or cannot be read") }
    return isDone
  }

  private func fail(_ log: RunLog, _ reason: String) {
    locked { state in
      guard let entry = state.entries[Key(log)] else { return }
      (entry.failure, entry.isRead) = (reason, true)
    }
  }

  /// Where to go on.
  private enum Way {
    case records(from: Int, isBinary: Bool)
    case document(bytesMax: Int)
    case nothing
  }

  private func read(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus) -> Bool {
    let beginning = bytes(of: descriptor, at: 0, min(status.size, Self.beginningBytes)) ?? []
    let known = locked { $0.entries[Key(log)]?.offset } ?? 0
    let end = bytes(of: descriptor, at: known - min(known, Self.endBytes), min(known, Self.endBytes)) ?? []
    switch locked({ way(log, status, beginning, end, &$0) }) {
    case .nothing: return true
    case .document(let bytesMax):
      guard status.size <= bytesMax else {
        fail(log, "is longer than documents are read")
        return true
      }
      guard let document = bytes(of: descriptor, at: 0, status.size) else {
        fail(log, Self.unreadable)
        return true
      }
      locked { state in
        guard let entry = state.entries[Key(log)], let curves = entry.curves else { return }
        document.withUnsafeBytes { curves.readDocument($0) }
        entry.offset = document.count
        entry.isRead = true
        makeRoom(for: entry, log, &state)
      }
      return true
    case .records(var offset, let isBinary):
      if offset == 0, status.size > limits.logBytes {
        offset = passBy(log, descriptor, status, isBinary: isBinary)
      }
      return readRecords(log, descriptor, status, from: offset)
    }
  }

  /// Whether a log is read on, or from its beginning.
  private func way(
    _ log: RunLog,
    _ status: FileStatus,
    _ beginning: [UInt8],
    _ end: [UInt8],
    _ state: inout State
  ) -> Way {
    guard let entry = state.entries[Key(log)] else { return .nothing }
    if entry.hasNoRoom, byteCount(of: state, in: entry.lookNumber) > limits.keptBytes / 2 { return .nothing }
    if let known = entry.status, entry.curves != nil, entry.failure == nil {
      if known == status, entry.isRead { return .nothing }
      let isSame = known.inode == status.inode && known.device == status.device
      if isSame, entry.curves?.documentBytesMax == nil, status.size >= entry.offset,
        beginning.starts(with: entry.beginning), end == entry.end
      {
        entry.status = status
        entry.isRead = false
        if entry.beginning.count < beginning.count { entry.beginning = beginning }
        return .records(from: entry.offset, isBinary: entry.curves?.isBinary == true)
      }
    }
    let plans = state.plans ?? CurvePlans(catalog)
    state.plans = plans
    let curves = plans.curves(watcher: log.watcher, path: log.path, captures: log.captures)
    entry.curves = curves
    entry.status = status
    entry.beginning = beginning
    (entry.offset, entry.skipped, entry.rest, entry.end) = (0, 0, [], [])
    (entry.failure, entry.hasNoRoom) = (nil, false)
    entry.isRead = curves == nil
    entry.byteCount = (curves?.byteCount ?? 0) + Self.entryBytes
    guard let curves else { return .nothing }
    return curves.documentBytesMax.map(Way.document) ?? .records(from: 0, isBinary: curves.isBinary)
  }

  /// Passes by the beginning of a long log. Of lines its first ones are looked at; of frames the parser finds where the
  /// next one begins.
  ///
  /// - Returns: where to read on.
  private func passBy(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus, isBinary: Bool) -> Int {
    let header = isBinary ? [] : bytes(of: descriptor, at: 0, min(status.size, Self.headerBytes)) ?? []
    var start = status.size - limits.logBytes
    if !isBinary {
      let around = bytes(of: descriptor, at: start, min(limits.logBytes, catalog.limits.lineBytes)) ?? []
      start += around.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? around.count
    }
    let before = bytes(of: descriptor, at: start - min(start, Self.endBytes), min(start, Self.endBytes)) ?? []
    return locked { state in
      guard let entry = state.entries[Key(log)] else { return start }
      if isBinary { entry.curves?.passBy(start) } else { header.withUnsafeBytes { entry.curves?.learn($0) } }
      (entry.skipped, entry.offset, entry.end) = (start, start, before)
      return start
    }
  }

  private func readRecords(_ log: RunLog, _ descriptor: Int32, _ status: FileStatus, from start: Int) -> Bool {
    var offset = start
    var wanted = limits.readBytes
    while true {
      let asked = min(status.size - offset, wanted)
      guard let piece = bytes(of: descriptor, at: offset, asked) else {
        fail(log, Self.unreadable)
        return true
      }
      // It may have become shorter since it was looked at.
      let isEnd = offset + piece.count >= status.size || piece.count < asked
      let taken = locked { state -> Int? in
        guard let entry = state.entries[Key(log)], let curves = entry.curves, entry.failure == nil else { return nil }
        let consumed = piece.withUnsafeBytes { curves.read($0) }
        entry.offset = offset + consumed
        if consumed > 0 { entry.end = (entry.end + piece[..<consumed].suffix(Self.endBytes)).suffix(Self.endBytes) }
        if isEnd {
          entry.rest = Array(piece[consumed...])
          entry.isRead = true
        }
        return makeRoom(for: entry, log, &state) ? consumed : nil
      }
      guard let taken, !isEnd else { return true }
      offset += taken
      // A line that is longer than what was read.
      wanted = taken == 0 ? wanted * 2 : limits.readBytes
      if offset - start >= limits.turnBytes, locked({ $0.wanted.count > 1 }) { return false }
    }
  }

  private static let unreadable = "is gone, or cannot be read"

  /// Fewer than were asked for: the file ends there. nil: they cannot be read.
  private func bytes(of descriptor: Int32, at offset: Int, _ count: Int) -> [UInt8]? {
    var hasFailed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
      filled = 0
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<count])
        guard let read = try? RealFileSystem().read(descriptor, into: rest, at: offset + filled) else {
          hasFailed = true
          return
        }
        if read == 0 { return }
        filled += read
      }
    }
    return hasFailed ? nil : bytes
  }
}
