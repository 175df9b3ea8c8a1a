// Where bytes of a kind stand in a text, many at a time: a bit for each byte, the first one lowest. The vectors are the
// compiler's own: it makes of them what the processor has.
#ifndef TRAINING_EXPORTER_BYTE_MARKS_H
#define TRAINING_EXPORTER_BYTE_MARKS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t cnumbers_bytes64 __attribute__((vector_size(64)));
typedef bool cnumbers_bits64 __attribute__((ext_vector_type(64)));
typedef uint8_t cnumbers_bytes32 __attribute__((vector_size(32)));
typedef bool cnumbers_bits32 __attribute__((ext_vector_type(32)));

typedef struct {
  uint64_t digits;
  uint64_t points;
  uint64_t minuses;
  uint64_t separators;
} cnumbers_cell_marks;

typedef struct {
  uint32_t digits;
  uint32_t points;
} cnumbers_number_marks;

/// What the 64 bytes at `text` are, of which all must be readable: `0` to `9`, `.`, `-` and `separator`.
static inline cnumbers_cell_marks cnumbers_mark_cells(const uint8_t *text, uint8_t separator) {
  cnumbers_bytes64 bytes;
  memcpy(&bytes, text, sizeof bytes);
  cnumbers_bits64 digits = __builtin_convertvector((cnumbers_bytes64)(bytes - '0') < 10, cnumbers_bits64);
  cnumbers_bits64 points = __builtin_convertvector(bytes == '.', cnumbers_bits64);
  cnumbers_bits64 minuses = __builtin_convertvector(bytes == '-', cnumbers_bits64);
  cnumbers_bits64 separators = __builtin_convertvector(bytes == separator, cnumbers_bits64);
  cnumbers_cell_marks marks;
  memcpy(&marks.digits, &digits, sizeof digits);
  memcpy(&marks.points, &points, sizeof points);
  memcpy(&marks.minuses, &minuses, sizeof minuses);
  memcpy(&marks.separators, &separators, sizeof separators);
  return marks;
}

/// The same of 32 bytes, for one number.
static inline cnumbers_number_marks cnumbers_mark_number(const uint8_t *text) {
  cnumbers_bytes32 bytes;
  memcpy(&bytes, text, sizeof bytes);
  cnumbers_bits32 digits = __builtin_convertvector((cnumbers_bytes32)(bytes - '0') < 10, cnumbers_bits32);
  cnumbers_bits32 points = __builtin_convertvector(bytes == '.', cnumbers_bits32);
  cnumbers_number_marks marks;
  memcpy(&marks.digits, &digits, sizeof digits);
  memcpy(&marks.points, &points, sizeof points);
  return marks;
}

#endif
