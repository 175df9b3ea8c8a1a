#include "CChecksums.h"

#include <string.h>

// On x86-64 the instruction is looked for while the program runs. On ARM it is used where the compiler may use it anyway.
#if defined(__x86_64__)
#include <nmmintrin.h>
#define WITH_INSTRUCTION __attribute__((target("sse4.2")))
#define ADD_WORD(crc, word) ((uint32_t)_mm_crc32_u64(crc, word))
#define ADD_BYTE(crc, byte) _mm_crc32_u8(crc, byte)
#define HAS_INSTRUCTION (__builtin_cpu_supports("sse4.2") != 0)
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define WITH_INSTRUCTION
#define ADD_WORD(crc, word) __crc32cd(crc, word)
#define ADD_BYTE(crc, byte) __crc32cb(crc, byte)
#define HAS_INSTRUCTION 1
#endif

#ifdef HAS_INSTRUCTION

int cchecksums_has_crc32c(void) { return HAS_INSTRUCTION; }

WITH_INSTRUCTION uint32_t cchecksums_crc32c(uint32_t before, const void *bytes, size_t count) {
  const uint8_t *at = bytes;
  uint32_t crc = ~before;
  for (; count >= 8; at += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    crc = ADD_WORD(crc, word);
  }
  for (; count > 0; at++, count--) crc = ADD_BYTE(crc, *at);
  return ~crc;
}

#else

int cchecksums_has_crc32c(void) { return 0; }

uint32_t cchecksums_crc32c(uint32_t before, const void *bytes, size_t count) {
  (void)bytes, (void)count;
  return before;
}

#endif
