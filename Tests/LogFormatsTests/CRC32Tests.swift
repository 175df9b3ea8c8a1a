import Testing

@testable import LogFormats

/// The processor's instruction and the tables say the same.
@Suite struct CRC32Tests {
  @Test func isTheOneOfTheStandard() {
    // RFC 3720, appendix B.4, and the usual check of nine digits.
    let cases: [([UInt8], UInt32)] = [
      (Array(repeating: 0, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array("123456789".utf8), 0xE306_9283), ([], 0),
    ]
    for crc in [CRC32.castagnoli, CRC32(reversedPolynomial: 0x82F6_3B78)] {
      for (bytes, check) in cases { #expect(bytes.withUnsafeBytes { crc.value(of: $0) } == check) }
    }
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.ieee.value(of: $0) } == 0xCBF4_3926)
  }

  @Test func isTheSameInPartsAndByWords() {
    let bytes = (0..<100).map { _ in UInt8.random(in: .min ... .max) }
    for crc in [CRC32.castagnoli, CRC32(reversedPolynomial: 0x82F6_3B78)] {
      bytes.withUnsafeBytes { all in
        for cut in 0...all.count {
          let before = crc.value(of: UnsafeRawBufferPointer(rebasing: all[..<cut]))
          #expect(crc.value(of: UnsafeRawBufferPointer(rebasing: all[cut...]), after: before) == crc.value(of: all))
        }
        let word = UInt64(littleEndian: all.loadUnaligned(as: UInt64.self))
        #expect(crc.value(ofWord: word) == crc.value(of: UnsafeRawBufferPointer(rebasing: all[..<8])))
      }
    }
  }
}
