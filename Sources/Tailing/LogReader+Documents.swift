/// Documents are read whole, and again when they have changed.
extension LogReader {
  /// Whether the document was the same before and after it was read.
  func readDocument(
    _ log: FollowedLog,
    _ descriptor: Int32,
    _ status: FileStatus,
    ending: LogEnding
  ) throws(SystemError) -> Bool {
    guard status.size <= log.consumer.documentBytesMax else {
      // It is tried again and again, and told of once.
      if log.refused != status { log.consumer.handle(.refused) }
      log.refused = status
      throw .tooLarge
    }
    defer { buffer.shrink() }
    if status.size > buffer.bytes.count { buffer.resize(to: status.size) }
    let count = try fill(descriptor, from: 0, to: status.size)
    guard count == status.size, try files.status(of: descriptor).file == status else { return false }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    let digest = ContentDigest(of: bytes).value
    guard digest != log.documentDigest || log.tracker.isReadAgain else { return true }
    log.documentDigest = digest
    log.tracker.consume(UnsafeRawBufferPointer(start: nil, count: 0))
    if count > 0 {
      log.consumer.handle(.willRead(status))
      _ = log.consumer.consume(bytes, ending: ending)
      log.counters.bytesRead.add(count, ordering: .relaxed)
    }
    log.consumer.handle(.caughtUp(status))
    return true
  }
}
