// Numbers between text and binary, by the C++ standard library's <charconv>: exact, without a locale or an allocation.
#ifndef TRAINING_EXPORTER_CNUMBERS_H
#define TRAINING_EXPORTER_CNUMBERS_H

#include <stddef.h>

#include "ByteMarks.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Parses a whole decimal floating-point number in `text[0..<length]`. Returns 1 and stores it when every byte belongs
/// to it, else 0. A magnitude beyond Double's becomes an infinity or a zero. No leading `+`, no hexadecimal form.
int cnumbers_parse_double(const char *text, size_t length, double *value);

/// Writes the shortest decimal text that parses back to `value` (finite) and returns its length, at most 32 bytes.
/// `scientific` is 0 for plain decimals, 1 for an exponent.
size_t cnumbers_format_double(double value, int scientific, char *text, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
