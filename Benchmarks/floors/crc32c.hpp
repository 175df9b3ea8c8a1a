// CRC-32C as TFRecord files have it, by the processor's instruction where there is one.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif
#ifdef __ARM_FEATURE_CRC32
#include <arm_acle.h>
#endif

#if defined(__SSE4_2__)
inline uint32_t addWord(uint32_t crc, uint64_t word) { return _mm_crc32_u64(crc, word); }
inline uint32_t addByte(uint32_t crc, uint8_t byte) { return _mm_crc32_u8(crc, byte); }
#elif defined(__ARM_FEATURE_CRC32)
inline uint32_t addWord(uint32_t crc, uint64_t word) { return __crc32cd(crc, word); }
inline uint32_t addByte(uint32_t crc, uint8_t byte) { return __crc32cb(crc, byte); }
#else
inline uint32_t addByte(uint32_t crc, uint8_t byte) {
  static const auto table = [] {
    std::array<uint32_t, 256> table;
    for (uint32_t i = 0; i < 256; i++) {
      table[i] = i;
      for (int bit = 0; bit < 8; bit++) table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0x82F63B78 : 0);
    }
    return table;
  }();
  return crc >> 8 ^ table[(crc ^ byte) & 0xFF];
}
inline uint32_t addWord(uint32_t crc, uint64_t word) {
  for (int byte = 0; byte < 8; byte++) crc = addByte(crc, word >> 8 * byte);
  return crc;
}
#endif

// The check of bytes, masked as it stands in the file.
inline uint32_t maskedCRC32C(const char* bytes, size_t count) {
  uint32_t crc = ~0u;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    crc = addWord(crc, word);
  }
  while (count-- > 0) crc = addByte(crc, *bytes++);
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

inline uint32_t checkAt(const char* bytes) {
  uint32_t check;
  std::memcpy(&check, bytes, sizeof check);
  return check;
}
