internal import Ingest
internal import LogFormats
internal import MetricCatalog
internal import Tailing

/// The reading of one log, to tell of it.
final class ExplainedLog {
  /// A log up to this size is read whole.
  private static let wholeBytesMax = 64 << 10
  /// So much is read of the beginning and of the end of a larger one.
  private static let windowBytes = 16 << 10
  /// How much an end grows to have a record.
  private static let windowBytesMax = 1 << 20
  private static let readBytes = 1 << 20
  /// Lines of one record, such as a row with quoted cells.
  private static let linesPerRecordMax = 64

  private let file: LogFile
  private let ingest: LogIngest
  private let shownCount: Int
  private let dissection: LogDissection?
  private var log: Explanation.Log
  /// Where what is read begins in a log of frames.
  private var frameOffset = 0

  init(_ file: LogFile, _ ingest: LogIngest, shownCount: Int) {
    self.file = file
    self.ingest = ingest
    self.shownCount = shownCount
    dissection = LogDissection(file, ingest, takesAllFields: shownCount > 0)
    log = Explanation.Log(
      path: file.path,
      captures: file.captures.sorted { $0.key < $1.key }.map { Explanation.Capture(name: $0.key, value: $0.value) },
      bytes: file.status.size
    )
  }

  /// The targets that it fed.
  var fed: Set<TargetPlace> { dissection?.fed ?? [] }

  private var format: LogFormat { ingest.catalog.watchers[file.watcher].format }

  /// Reads what there is to tell of it.
  func read() -> Explanation.Log {
    withBytes { bytes, size in
      guard let dissection else { return readEvents(bytes, size) }
      if let bytesMax = dissection.documentBytesMax { return readDocument(bytes, size, upTo: bytesMax, dissection) }
      if dissection.isBinary {
        readFrames(bytes, size, dissection)
      } else if size <= Self.wholeBytesMax {
        readLines(bytes(0, size), isClosed: true, firstLine: 1, shown: (shownCount, shownCount), dissection)
      } else {
        log.isWhole = false
        let beginning = beginning(bytes, size, dissection)
        readLines(beginning, isClosed: false, firstLine: 1, shown: (shownCount, 0), dissection)
        readEnd(bytes, size, behind: beginning.count, dissection)
      }
      log.fields = dissection.fieldNames
    }
    return log
  }

  /// Reads all of it, to tell of nothing but what is fed.
  func readAll() {
    withBytes { bytes, size in
      guard let dissection else { return }
      if let bytesMax = dissection.documentBytesMax { return readDocument(bytes, size, upTo: bytesMax, dissection) }
      Self.readThrough(bytes, size) { rest, isClosed in
        let read = dissection.read(rest, isClosed: isClosed, shownMax: 0)
        log.records += read.records
        return read.consumed
      }
    }
  }

  private typealias Bytes = (_ at: Int, _ count: Int) -> [UInt8]

  /// Hands over all bytes of a file, a piece at a time, as far as the one before was taken.
  ///
  /// - Parameter take: gets what follows what was taken, and whether nothing follows that; returns how much of it it takes.
  private static func readThrough(
    _ bytes: Bytes,
    _ size: Int,
    _ take: (UnsafeRawBufferPointer, _ isClosed: Bool) -> Int
  ) {
    var offset = 0
    var wanted = readBytes
    while offset < size {
      let piece = bytes(offset, min(size - offset, wanted))
      if piece.isEmpty { return }
      let isClosed = offset + piece.count >= size
      var consumed = 0
      piece.withUnsafeBytes { piece in
        while consumed < piece.count {
          let count = take(UnsafeRawBufferPointer(rebasing: piece[consumed...]), isClosed)
          if count == 0 { break }
          consumed += count
        }
      }
      if isClosed { return }
      // A line that is longer than what was read.
      wanted = consumed == 0 ? wanted * 2 : readBytes
      offset += consumed
    }
  }

  /// Opens the file for `body`, which gets a function that reads some of its bytes, and how many there are.
  private func withBytes(_ body: (_ bytes: Bytes, _ size: Int) -> Void) {
    let files = RealFileSystem()
    do throws(SystemError) {
      let descriptor = try files.open(LogPath(file.path))
      defer { files.close(descriptor) }
      let size = try files.status(of: descriptor).file.size
      let read = { (at: Int, count: Int) -> [UInt8] in
        [UInt8](unsafeUninitializedCapacity: max(0, min(count, size - at))) { buffer, filled in
          filled = 0
          while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
            guard let count = try? files.read(descriptor, into: rest, at: at + filled), count > 0 else { return }
            filled += count
          }
        }
      }
      body(read, size)
    } catch {
      log.failure = error.text
    }
  }

  private func readEvents(_ bytes: Bytes, _ size: Int) {
    let consumer = ingest.open(file)
    Self.readThrough(bytes, size) { consumer.consume($0, ending: $1 ? .closed : .open) }
    consumer.handle(.caughtUp(file.status))
  }

  private func readDocument(_ bytes: Bytes, _ size: Int, upTo bytesMax: Int, _ dissection: LogDissection) {
    guard size <= bytesMax else {
      let tooLong = dissection.refuseDocument()
      return log.pieces.append(Explanation.Piece(line: 1, text: "", records: [], badLine: tooLong))
    }
    let bytes = bytes(0, size)
    let piece = bytes.withUnsafeBytes { dissection.read($0, isClosed: true, shownMax: shownCount) }
    log.records += piece.records
    log.fields = dissection.fieldNames
    let beginning = bytes.withUnsafeBytes { BadLine.beginning(of: $0) }
    log.pieces.append(
      Explanation.Piece(
        line: 1,
        text: beginning,
        records: piece.explanations,
        badLine: piece.malformed
      )
    )
  }

  /// So much of the beginning of a large log that a record is in it: a header may be long.
  private func beginning(
    _ bytes: Bytes,
    _ size: Int,
    _ dissection: LogDissection
  ) -> [UInt8] {
    var window = Self.windowBytes
    while true {
      let beginning = bytes(0, window)
      let hasRecord = segments(of: beginning, isClosed: false, dissection).contains { $0.records > 0 }
      if hasRecord || window >= Self.windowBytesMax || window >= size { return beginning }
      window *= 4
    }
  }

  /// The last records of a log of which the beginning was read.
  private func readEnd(
    _ bytes: Bytes,
    _ size: Int,
    behind beginning: Int,
    _ dissection: LogDissection
  ) {
    var window = Self.windowBytes
    while true {
      let start = max(beginning, size - window)
      let piece = bytes(start, size - start)
      // Whole lines alone.
      guard let newline = piece.firstIndex(of: UInt8(ascii: "\n")) else { return }
      let lines = Array(piece[(newline + 1)...])
      let isEnough =
        segments(of: lines, isClosed: true, dissection).count { $0.records > 0 } > shownCount
        || window >= Self.windowBytesMax || start == beginning
      if isEnough {
        // The first record of it is there for the totals of the others.
        readLines(lines, isClosed: true, firstLine: 0, shown: (0, shownCount), dissection)
        return
      }
      window *= 4
    }
  }

  /// A log of frames, which stand nowhere else than one behind the other: so it is read from its beginning on, and told
  /// of at both ends.
  private func readFrames(_ bytes: Bytes, _ size: Int, _ dissection: LogDissection) {
    if size > Self.wholeBytesMax {
      let beginning = beginning(bytes, size, dissection)
      frameOffset = readLines(beginning, isClosed: false, firstLine: 0, shown: (shownCount, 0), dissection)
      let start = frameOffset
      let end = max(start, size - Self.windowBytes)
      let between: Bytes = { bytes(start + $0, min($1, end - start - $0)) }
      Self.readThrough(between, end - start) { rest, _ in
        let piece = dissection.read(rest, isClosed: false, shownMax: 0)
        log.records += piece.records
        frameOffset += piece.consumed
        return piece.consumed
      }
    }
    let shown = (first: frameOffset == 0 ? shownCount : 0, last: shownCount)
    readLines(bytes(frameOffset, size - frameOffset), isClosed: true, firstLine: 0, shown: shown, dissection)
  }

  private struct Segment {
    var range: Range<Int>
    var records: Int
    var isBad: Bool
  }

  /// The lines of a piece of a log, where some may be one record together.
  private func segments(of bytes: [UInt8], isClosed: Bool, _ dissection: LogDissection) -> [Segment] {
    var segments: [Segment] = []
    bytes.withUnsafeBytes { bytes in
      dissection.tryOut { read in
        var start = 0
        while start < bytes.count {
          var end = dissection.isBinary ? bytes.count : Self.lineEnd(in: bytes, from: start)
          var outcome = (consumed: 0, records: 0, isBad: false)
          for _ in 0..<Self.linesPerRecordMax {
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            outcome = read(line, isClosed && end == bytes.count)
            if outcome.consumed > 0 || end == bytes.count { break }
            end = Self.lineEnd(in: bytes, from: end)
          }
          guard outcome.consumed > 0 else { return }
          let range = start..<start + outcome.consumed
          segments.append(Segment(range: range, records: outcome.records, isBad: outcome.isBad))
          start += outcome.consumed
        }
      }
    }
    return segments
  }

  /// Behind the end of the line at `start`: lines end in a newline, and in the states of a progress bar in `\r`.
  private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    for index in start..<bytes.count {
      if bytes[index] == UInt8(ascii: "\n") { return index + 1 }
      if bytes[index] == UInt8(ascii: "\r"), index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") {
        return index + 1
      }
    }
    return bytes.count
  }

  /// Reads lines, and tells of the first and the last records and of the first line that is none.
  ///
  /// - Parameter firstLine: the number of the first line; 0: it is not known, or the log has no lines.
  /// - Returns: how many bytes were taken.
  @discardableResult
  private func readLines(
    _ bytes: [UInt8],
    isClosed: Bool,
    firstLine: Int,
    shown: (first: Int, last: Int),
    _ dissection: LogDissection
  ) -> Int {
    let segments = segments(of: bytes, isClosed: isClosed, dissection)
    let withRecords = segments.indices.filter { segments[$0].records > 0 }
    var told = Set(withRecords.prefix(shown.first) + withRecords.suffix(shown.last))
    told.formUnion(segments.indices.filter { segments[$0].isBad }.prefix(1))
    var line = firstLine
    bytes.withUnsafeBytes { bytes in
      var start = 0
      for (index, segment) in segments.enumerated() {
        let isTold = told.contains(index)
        if isTold { take(bytes, start..<segment.range.lowerBound, isClosed: false, dissection) }
        if isTold || index == segments.count - 1 {
          let range = isTold ? segment.range : start..<segment.range.upperBound
          let isEnd = isClosed && range.upperBound == bytes.count
          let piece = take(bytes, range, isClosed: isEnd, explains: isTold, dissection)
          if isTold { tell(of: piece, bytes, segment.range, line: line) }
          start = segment.range.upperBound
        }
        if line > 0 { line += bytes[segment.range].count { $0 == UInt8(ascii: "\n") } }
      }
    }
    return segments.last?.range.upperBound ?? 0
  }

  /// Takes bytes, whatever they are.
  @discardableResult
  private func take(
    _ bytes: UnsafeRawBufferPointer,
    _ range: Range<Int>,
    isClosed: Bool,
    explains: Bool = false,
    _ dissection: LogDissection
  ) -> LogDissection.Piece {
    var all = LogDissection.Piece()
    var start = range.lowerBound
    while start < range.upperBound {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start..<range.upperBound])
      let piece = dissection.read(rest, isClosed: isClosed, shownMax: explains ? .max / 2 : 0)
      all.records += piece.records
      all.explanations += piece.explanations
      all.malformed = all.malformed ?? piece.malformed
      all.unmatched = all.unmatched ?? piece.unmatched
      if piece.consumed == 0 { break }
      start += piece.consumed
    }
    log.records += all.records
    return all
  }

  private func tell(
    of piece: LogDissection.Piece,
    _ bytes: UnsafeRawBufferPointer,
    _ range: Range<Int>,
    line: Int
  ) {
    let isFrame = dissection?.isBinary == true
    let text =
      isFrame
      ? "\(range.count) bytes" : BadLine.beginning(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
    log.pieces.append(
      Explanation.Piece(
        line: line,
        offset: isFrame ? frameOffset + range.lowerBound : nil,
        text: text,
        records: piece.explanations,
        badLine: piece.malformed ?? piece.unmatched,
        nearest: piece.unmatched == nil ? nil : NearestLine.reach(into: text, format)
      )
    )
  }
}
