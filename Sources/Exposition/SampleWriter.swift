import MetricRegistry

/// Writes a family's sample lines into memory that was planned large enough. Never allocates for a series of numbers.
struct SampleWriter {
  /// Where the next byte goes.
  var cursor: UnsafeMutablePointer<UInt8>

  mutating func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { put($0) }
  }

  /// Header and samples, or nothing when no series has a value.
  mutating func write(_ family: PlannedFamily) {
    let start = cursor
    write(family.header)
    let samplesStart = cursor
    family.forms.bytes.withUnsafeBufferPointer { formBytes in
      let forms = family.forms.forms.map { form in
        Form(
          head: UnsafeBufferPointer(rebasing: formBytes[form.head]),
          tail: UnsafeBufferPointer(rebasing: formBytes[form.tail])
        )
      }
      for page in family.pages { write(page, forms, family) }
    }
    if cursor == samplesStart { cursor = start }
  }

  private struct Form {
    let head: UnsafeBufferPointer<UInt8>
    let tail: UnsafeBufferPointer<UInt8>
  }

  private mutating func write(_ page: PlannedFamily.Page, _ forms: [Form], _ family: PlannedFamily) {
    page.labels.bytes.withUnsafeBufferPointer { bytes in
      var labels = LabelCursor(bytes: bytes)
      switch family.descriptor.type {
      case .counter, .gauge, .info:
        guard let form = forms.first else { return }
        writeNumbers(page, form, &labels)
      case .stateset: writeStates(page, forms, &labels)
      case .histogram: writeHistograms(page, forms, &labels)
      case .summary: writeSummaries(page, forms, &labels)
      }
    }
  }

  /// Walks the label texts of a page's series.
  private struct LabelCursor {
    let bytes: UnsafeBufferPointer<UInt8>
    private var start = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    @inline(__always)
    mutating func next(end: UInt32) -> UnsafeBufferPointer<UInt8> {
      defer { start = Int(end) }
      return UnsafeBufferPointer(rebasing: bytes[start..<Int(end)])
    }
  }

  private mutating func writeNumbers(_ page: PlannedFamily.Page, _ form: Form, _ labels: inout LabelCursor) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: page.count) { bits in
      page.page.readBits(into: bits)
      for position in bits.indices {
        let text = labels.next(end: page.labels.ends[position])
        if bits[position] == Series.noValueBits { continue }
        begin(form, text)
        FloatText.write(Double(bitPattern: bits[position]), at: &cursor)
        end()
      }
    }
  }

  private mutating func writeStates(_ page: PlannedFamily.Page, _ forms: [Form], _ labels: inout LabelCursor) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: page.count) { bits in
      page.page.readBits(into: bits)
      for position in bits.indices {
        let text = labels.next(end: page.labels.ends[position])
        if bits[position] == Series.noValueBits { continue }
        let active = Double(bitPattern: bits[position])
        for (state, form) in forms.enumerated() {
          begin(form, text)
          FloatText.write(Double(state) == active ? UInt64(1) : 0, at: &cursor)
          end()
        }
      }
    }
  }

  private mutating func writeHistograms(_ page: PlannedFamily.Page, _ forms: [Form], _ labels: inout LabelCursor) {
    let bucketCount = forms.count - 2
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: bucketCount) { buckets in
      for position in 0..<page.count {
        let text = labels.next(end: page.labels.ends[position])
        let series = page.page.series(at: position)
        var sum = 0.0
        guard !series.isDropped, series.readHistogram(into: buckets, sum: &sum) else { continue }
        for bucket in 0..<bucketCount {
          begin(forms[bucket], text)
          FloatText.write(buckets[bucket], at: &cursor)
          end()
        }
        begin(forms[bucketCount], text)
        FloatText.write(sum, at: &cursor)
        end()
        begin(forms[bucketCount + 1], text)
        FloatText.write(buckets[bucketCount - 1], at: &cursor)
        end()
      }
    }
  }

  private mutating func writeSummaries(_ page: PlannedFamily.Page, _ forms: [Form], _ labels: inout LabelCursor) {
    for position in 0..<page.count {
      let text = labels.next(end: page.labels.ends[position])
      let series = page.page.series(at: position)
      guard !series.isDropped, let summary = series.summary else { continue }
      for (form, value) in zip(forms, summary.quantiles + [summary.sum]) {
        begin(form, text)
        FloatText.write(value, at: &cursor)
        end()
      }
      guard let form = forms.last else { continue }
      begin(form, text)
      FloatText.write(summary.count, at: &cursor)
      end()
    }
  }

  @inline(__always)
  private mutating func begin(_ form: Form, _ labels: UnsafeBufferPointer<UInt8>) {
    put(form.head)
    put(labels)
    put(form.tail)
  }

  @inline(__always)
  private mutating func end() {
    cursor.pointee = UInt8(ascii: "\n")
    cursor += 1
  }

  @inline(__always)
  private mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    cursor.update(from: start, count: bytes.count)
    cursor += bytes.count
  }
}
