/// What is wanted of `/proc/meminfo`, in bytes. Pure.
struct ProcMemory: Sendable, Hashable {
  var total: Double
  var free: Double
  /// Without new swapping; never above the total.
  var available: Double
  var buffers: Double?
  /// With what the slabs would give back, as `free` and psutil have it.
  var cached: Double?
  var shared: Double?
  var dirty: Double?
  var writeback: Double?
  var committed: Double?
  var swapTotal: Double?
  var swapFree: Double?
  var hugePagesTotal: Double?
  var hugePagesFree: Double?

  var used: Double { total - available }
  var swapUsed: Double? { swapTotal.flatMap { total in swapFree.map { max(0, total - $0) } } }

  /// Nil: the total or what is free is not there.
  init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var total: Double?
    var free: Double?
    var available: Double?
    var reclaimable = 0.0
    var (hugePages, hugePagesFree, hugePageBytes): (Double?, Double?, Double?) = (nil, nil, nil)
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      guard let key = line.word(), let number = line.integer() else { continue }
      let bytes = Double(number) * 1024
      if key.equals("MemTotal:") {
        total = bytes
      } else if key.equals("MemFree:") {
        free = bytes
      } else if key.equals("MemAvailable:") {
        available = bytes
      } else if key.equals("Buffers:") {
        buffers = bytes
      } else if key.equals("Cached:") {
        cached = bytes
      } else if key.equals("SReclaimable:") {
        reclaimable = bytes
      } else if key.equals("Shmem:") {
        shared = bytes
      } else if key.equals("Dirty:") {
        dirty = bytes
      } else if key.equals("Writeback:") {
        writeback = bytes
      } else if key.equals("Committed_AS:") {
        committed = bytes
      } else if key.equals("SwapTotal:") {
        swapTotal = bytes
      } else if key.equals("SwapFree:") {
        swapFree = bytes
      } else if key.equals("HugePages_Total:") {
        hugePages = Double(number)
      } else if key.equals("HugePages_Free:") {
        hugePagesFree = Double(number)
      } else if key.equals("Hugepagesize:") {
        hugePageBytes = bytes
      }
    }
    guard let total, let free else { return nil }
    cached = cached.map { $0 + reclaimable }
    self.total = total
    self.free = min(free, total)
    // Kernels before 3.14 and some container file systems have no such line, or a zero in it.
    var estimate = available ?? 0
    if estimate == 0 { estimate = free + (cached ?? 0) }
    // LXC shows the container's total and the host's available memory.
    self.available = estimate > total ? self.free : estimate
    if let hugePageBytes {
      hugePagesTotal = hugePages.map { $0 * hugePageBytes }
      self.hugePagesFree = hugePagesFree.map { $0 * hugePageBytes }
    }
  }
}

/// What is wanted of `/proc/vmstat`. Pure.
struct ProcMemoryEvents: Sendable, Hashable {
  /// Not before kernel 4.13.
  var outOfMemoryKills: UInt64?
  var majorFaults: UInt64?
  /// In pages.
  var swappedIn: UInt64?
  var swappedOut: UInt64?

  init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      guard let key = line.word() else { continue }
      if key.equals("oom_kill") {
        outOfMemoryKills = line.integer()
      } else if key.equals("pgmajfault") {
        majorFaults = line.integer()
      } else if key.equals("pswpin") {
        swappedIn = line.integer()
      } else if key.equals("pswpout") {
        swappedOut = line.integer()
      }
    }
    if outOfMemoryKills == nil, majorFaults == nil, swappedIn == nil, swappedOut == nil { return nil }
  }
}
