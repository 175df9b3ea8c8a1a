/// Memory that one page after the other is rendered into; it grows to the largest and stays. Belongs to one renderer.
struct Scratch: ~Copyable {
  private(set) var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  var count = 0

  init(capacity: Int = 64 << 10) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  /// Where the next byte goes.
  var cursor: UnsafeMutablePointer<UInt8> { start + count }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// Makes room for so many bytes more; pointers into it are then old.
  @inline(__always)
  mutating func reserve(_ further: Int) {
    if further > capacity - count { grow(further) }
  }

  /// Appends bytes for which there is room already.
  @inline(__always)
  mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress else { return }
    cursor.update(from: source, count: bytes.count)
    count += bytes.count
  }

  @inline(__always)
  mutating func put(_ byte: UInt8) {
    start[count] = byte
    count += 1
  }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    reserve(bytes.count)
    put(bytes)
  }

  mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  private mutating func grow(_ further: Int) {
    let larger = max(2 * capacity, count + further)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memory.update(from: start, count: count)
    start.deallocate()
    start = memory
    capacity = larger
  }
}
