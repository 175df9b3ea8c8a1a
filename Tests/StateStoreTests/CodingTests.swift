import StateStore
import Testing

/// What was encoded is decoded; what is cut ends in an error and never in a trap.
@Suite struct CodingTests {
  private func encoded() -> [UInt8] {
    var encoder = StateEncoder()
    encoder.encode(UInt64.max)
    encoder.encode(-5)
    encoder.encode(UInt32(7))
    encoder.encode(true)
    encoder.encode(Double.nan)
    encoder.encode(-0.0)
    encoder.encode("häß\u{0}lich")
    encoder.encode([UInt32](0..<100))
    encoder.encode(Optional<String>.none)
    encoder.encode("a" as String?)
    encoder.encode([1, 2, 3])
    encoder.encode(["key": [true, false]])
    encoder.encode(StatePair(Int64.min, UInt8(9)))
    encoder.encodePart { $0.encode("inside") }
    return encoder.bytes
  }

  private func decode(_ decoder: inout StateDecoder) throws {
    #expect(try decoder.uint64() == .max)
    #expect(try decoder.int() == -5)
    #expect(try decoder.uint32() == 7)
    #expect(try decoder.bool())
    #expect(try decoder.double().bitPattern == Double.nan.bitPattern)
    #expect(try decoder.double().sign == .minus)
    #expect(try decoder.text() == "häß\u{0}lich")
    #expect(try decoder.words() == [UInt32](0..<100))
    #expect(try decoder.decode(String?.self) == nil)
    #expect(try decoder.decode(String?.self) == "a")
    #expect(try decoder.decode([Int].self) == [1, 2, 3])
    #expect(try decoder.decode([String: [Bool]].self) == ["key": [true, false]])
    let pair: StatePair<Int64, UInt8> = try decoder.decode()
    #expect(pair.first == .min && pair.second == 9)
    var part = StateDecoder(try decoder.part())
    #expect(try part.text() == "inside")
  }

  @Test func roundTrip() throws {
    var decoder = StateDecoder(encoded())
    try decode(&decoder)
    #expect(decoder.isAtEnd)
  }

  @Test func cutAnywhereItFails() {
    let whole = encoded()
    for length in 0..<whole.count {
      // A slice with places of its own.
      var decoder = StateDecoder((([9, 9, 9] + whole).dropFirst(3)).prefix(length))
      #expect(throws: StateDecoder.Failure.self, "cut to \(length)") { try decode(&decoder) }
    }
  }

  @Test func hugeCountsAreRefused() {
    for count in [Int.max, -1, 1 << 40] {
      var encoder = StateEncoder()
      encoder.encode(count)
      var words = StateDecoder(encoder.bytes)
      #expect(throws: StateDecoder.Failure.self) { _ = try words.words() }
      var text = StateDecoder(encoder.bytes)
      #expect(throws: StateDecoder.Failure.self) { _ = try text.text() }
    }
  }
}
