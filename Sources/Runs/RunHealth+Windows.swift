internal import StateStore

/// Saving the windows of a run, a part each, to which those numbers are added that came since: a row costs some bytes,
/// not the whole window. Behind them some of its losses, in a part that is set when there are others.
extension RunHealth {
  /// In the order of their parts.
  private static let windows: [WritableKeyPath<RunHealth, SortedWindow> & Sendable] = [
    \.intervals, \.steps.seconds, \.epochs.seconds,
  ]

  /// What of a window was saved.
  struct WindowMark {
    fileprivate var arrivals: Int
    fileprivate var removals: Int
    /// How many numbers its part has: those that fell out of the window, too.
    fileprivate var length: Int
  }

  /// The part with the losses. The one before it has the evidence.
  private static let lossesPlace = RunBoard.evidencePart + 1

  /// - Parameter marks: what of them was saved last; nil: nothing.
  /// - Returns: what is saved with that.
  func encodeWindows(into encoder: inout StateEncoder, after marks: [WindowMark]?) -> [WindowMark] {
    let changes = losses.changes
    if encoder.isWhole || marks?.last?.arrivals != changes {
      encoder.encodePart(at: Self.lossesPlace, extends: false) { encoder in
        encoder.encode(losses.next, losses.spacing)
        for loss in losses.losses { encoder.encode(loss) }
      }
    }
    return encodeNumbers(into: &encoder, after: marks) + [WindowMark(arrivals: changes, removals: 0, length: 0)]
  }

  private func encodeNumbers(into encoder: inout StateEncoder, after marks: [WindowMark]?) -> [WindowMark] {
    Self.windows.enumerated().map { index, path in
      let window = self[keyPath: path]
      let place = UInt32(index + 1)
      var mark = WindowMark(arrivals: window.arrivals, removals: window.removals, length: window.count)
      if !encoder.isWhole, let former = marks?[index], former.removals == window.removals {
        let fresh = window.arrivals &- former.arrivals
        if fresh == 0 { return former }
        if fresh <= window.count, former.length + fresh <= 2 * window.capacity {
          mark.length = former.length + fresh
          encoder.encodePart(at: place, extends: true) { encoder in
            for number in window.numbers.suffix(fresh) { encoder.encode(number) }
          }
          return mark
        }
      }
      encoder.encodePart(at: place, extends: false) { encoder in
        for number in window.numbers { encoder.encode(number) }
      }
      return mark
    }
  }

  mutating func decodeWindows(from decoder: StateDecoder) throws(StateDecoder.Failure) {
    for (index, path) in Self.windows.enumerated() {
      var part = try decoder.decoderOfPart(at: UInt32(index + 1))
      var numbers: [Double] = []
      while !part.isAtEnd { numbers.append(try part.double()) }
      self[keyPath: path].refill(numbers)
    }
    var part = try decoder.decoderOfPart(at: Self.lossesPlace)
    (losses.next, losses.spacing) = (try part.decode(), try part.decode())
    var kept: [Double] = []
    while !part.isAtEnd { kept.append(try part.double()) }
    losses.refill(kept)
  }
}
