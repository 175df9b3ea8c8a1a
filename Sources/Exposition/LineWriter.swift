internal import MetricModel
internal import MetricRegistry

/// Renders a page's samples as lines of text. What stands before a value never changes: where the page was rendered
/// before, it is copied from there as one piece, and only values are written anew.
struct LineWriter: ~Copyable {
  /// Series' numbers and buckets on their way; larger than any page.
  private var numbers: [UInt64] = []
  /// A series' labels as they stand in its lines.
  private var labels: [UInt8] = []
  private var labelsPosition = -1
  private var lengths = LineLengths()
  private var lineStart = 0
  private var valueStart = 0
  private var scratch = Scratch()

  /// The page's lines, and their lengths.
  mutating func render(
    _ page: PageContent,
    metric: Metric,
    forms: LineForms,
    previous: PageCache.Rendering?
  ) -> (piece: Piece, lengths: [LineLength]) {
    scratch.count = 0
    labelsPosition = -1
    lengths.begin(capacity: page.count * forms.forms.count)
    forms.bytes.withUnsafeBufferPointer { formBytes in
      if let previous {
        previous.withUnsafeParts { bytes, lengths in
          var lines = Lines(
            page,
            metric,
            forms,
            formBytes,
            KeptLines(bytes, lengths)
          )
          write(&lines)
        }
      } else {
        var lines = Lines(page, metric, forms, formBytes, nil)
        write(&lines)
      }
    }
    return (Piece(scratch.bytes), lengths.kept)
  }

  /// What the lines of one page are made of.
  private struct Lines {
    let page: PageContent
    let metric: Metric
    let forms: LineForms
    let formBytes: UnsafeBufferPointer<UInt8>
    var previous: KeptLines?

    init(
      _ page: PageContent,
      _ metric: Metric,
      _ forms: LineForms,
      _ formBytes: UnsafeBufferPointer<UInt8>,
      _ previous: KeptLines?
    ) {
      (self.page, self.metric, self.forms, self.formBytes, self.previous) = (page, metric, forms, formBytes, previous)
    }
  }

  private mutating func write(_ lines: inout Lines) {
    switch lines.metric.descriptor.type {
    case .counter where lines.forms.hasExemplars: writeCounters(&lines)
    case .counter, .gauge, .info: writeNumbers(&lines)
    case .stateset: writeStates(&lines)
    case .histogram: writeHistograms(&lines)
    case .summary: writeSummaries(&lines)
    }
  }

  private mutating func writeNumbers(_ lines: inout Lines) {
    readNumbers(of: lines.page)
    for position in 0..<lines.page.count {
      let bits = numbers[position]
      if bits == Series.noValueBits {
        skip(1, &lines)
      } else {
        begin(0, position, &lines)
        write(Double(bitPattern: bits))
      }
    }
  }

  /// Counters of OpenMetrics, with their exemplars and beginnings.
  private mutating func writeCounters(_ lines: inout Lines) {
    let page = lines.page
    page.forEachSeries { position, series in
      guard !series.isDropped, let number = series.number else {
        skip(lines.forms.forms.count, &lines)
        return
      }
      begin(0, position, &lines)
      write(number, series.exemplar)
      writeCreated(series, position, &lines)
    }
  }

  private mutating func writeCreated(_ series: Series, _ position: Int, _ lines: inout Lines) {
    guard lines.forms.hasCreated else { return }
    begin(lines.forms.forms.count - 1, position, &lines)
    write(Self.seconds(series.created ?? 0))
  }

  private mutating func writeStates(_ lines: inout Lines) {
    readNumbers(of: lines.page)
    let stateCount = lines.forms.forms.count
    for position in 0..<lines.page.count {
      let bits = numbers[position]
      if bits == Series.noValueBits {
        skip(stateCount, &lines)
        continue
      }
      let active = Double(bitPattern: bits)
      for state in 0..<stateCount {
        begin(state, position, &lines)
        write(Double(state) == active ? UInt64(1) : 0)
      }
    }
  }

  private mutating func writeHistograms(_ lines: inout Lines) {
    let bucketCount = lines.metric.descriptor.buckets.count + 1
    makeRoom(bucketCount)
    let page = lines.page
    page.forEachSeries { position, series in
      var sum = 0.0
      let isExposed =
        !series.isDropped
        && numbers.withUnsafeMutableBufferPointer {
          series.readHistogram(into: UnsafeMutableBufferPointer(rebasing: $0[..<bucketCount]), sum: &sum)
        }
      if !isExposed {
        skip(lines.forms.forms.count, &lines)
        return
      }
      let exemplars = lines.forms.hasExemplars ? series.exemplars : []
      for bucket in 0..<bucketCount {
        begin(bucket, position, &lines)
        write(numbers[bucket], bucket < exemplars.count ? exemplars[bucket] : nil)
      }
      if lines.forms.hasSum {
        begin(bucketCount, position, &lines)
        write(sum)
        begin(bucketCount + 1, position, &lines)
        write(numbers[bucketCount - 1])
      }
      writeCreated(series, position, &lines)
    }
  }

  private mutating func writeSummaries(_ lines: inout Lines) {
    let lineCount = lines.forms.forms.count
    let page = lines.page
    page.forEachSeries { position, series in
      guard !series.isDropped, let summary = series.summary else {
        skip(lineCount, &lines)
        return
      }
      for (form, value) in (summary.quantiles + [summary.sum]).enumerated() {
        begin(form, position, &lines)
        write(value)
      }
      begin(summary.quantiles.count + 1, position, &lines)
      write(summary.count)
      writeCreated(series, position, &lines)
    }
  }

  private mutating func readNumbers(of page: PageContent) {
    makeRoom(page.count)
    numbers.withUnsafeMutableBufferPointer {
      page.readBits(into: UnsafeMutableBufferPointer(rebasing: $0[..<page.count]))
    }
  }

  private mutating func makeRoom(_ count: Int) {
    if numbers.count < count { numbers = Array(repeating: 0, count: count) }
  }

  // MARK: One line

  /// Writes what stands before a value.
  @inline(__always)
  private mutating func begin(_ form: Int, _ position: Int, _ lines: inout Lines) {
    lineStart = scratch.count
    if let head = lines.previous?.nextHead() {
      scratch.reserve(head.count + FloatText.bytesMax + 1)
      scratch.put(head)
    } else {
      beginAnew(form, position, lines)
    }
    valueStart = scratch.count
  }

  private mutating func beginAnew(_ form: Int, _ position: Int, _ lines: borrowing Lines) {
    if labelsPosition != position {
      labelsPosition = position
      labels.removeAll(keepingCapacity: true)
      let series = lines.page.series(at: position)
      for (label, descriptor) in lines.metric.descriptor.labels.enumerated() {
        if label > 0 { labels.append(UInt8(ascii: ",")) }
        TextEscaping.appendLabel(name: descriptor.name, value: series.labelValue(at: label), to: &labels)
      }
    }
    let form = lines.forms.forms[form]
    scratch.reserve(form.count + labels.count + FloatText.bytesMax + 1)
    scratch.put(UnsafeBufferPointer(rebasing: lines.formBytes[form.head]))
    labels.withUnsafeBufferPointer { scratch.put($0) }
    scratch.put(UnsafeBufferPointer(rebasing: lines.formBytes[form.tail]))
  }

  /// Lines that are not there now, and may have been before.
  private mutating func skip(_ count: Int, _ lines: inout Lines) {
    for _ in 0..<count {
      _ = lines.previous?.nextHead()
      lengths.appendNotExposed()
    }
  }

  @inline(__always)
  private mutating func write(_ value: Double, _ exemplar: Exemplar? = nil) {
    let start = scratch.cursor
    var cursor = start
    FloatText.write(value, at: &cursor)
    scratch.count += cursor - start
    end(exemplar)
  }

  @inline(__always)
  private mutating func write(_ integer: UInt64, _ exemplar: Exemplar? = nil) {
    let start = scratch.cursor
    var cursor = start
    FloatText.write(integer, at: &cursor)
    scratch.count += cursor - start
    end(exemplar)
  }

  @inline(__always)
  private mutating func end(_ exemplar: Exemplar?) {
    if let exemplar { write(exemplar) }
    scratch.put(UInt8(ascii: "\n"))
    lengths.append(head: valueStart - lineStart, rest: scratch.count - valueStart)
  }

  /// ` # {step="5"} 0.67 1520879607.789`, and leaves room for a newline.
  private mutating func write(_ exemplar: Exemplar) {
    var text = Array(" # {".utf8)
    for (position, label) in exemplar.labels.enumerated() {
      if position > 0 { text.append(UInt8(ascii: ",")) }
      TextEscaping.appendLabel(name: label.name, value: label.value, to: &text)
    }
    text.append(contentsOf: "} ".utf8)
    scratch.append(text)
    scratch.reserve(2 * FloatText.bytesMax + 2)
    var cursor = scratch.cursor
    let start = cursor
    FloatText.write(exemplar.value, at: &cursor)
    cursor.pointee = UInt8(ascii: " ")
    cursor += 1
    FloatText.write(Self.seconds(exemplar.time), at: &cursor)
    scratch.count += cursor - start
  }

  /// To the millisecond, as Prometheus keeps times. In whole numbers: a Double of today's nanoseconds is off by a hundred.
  private static func seconds(_ nanoseconds: Int64) -> Double {
    let (milliseconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return Double(milliseconds + (rest >= 500_000 ? 1 : rest <= -500_000 ? -1 : 0)) / 1e3
  }
}
