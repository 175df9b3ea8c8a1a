#include "CNumbers.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

int cnumbers_parse_double(const char *text, size_t length, double *value) {
  const char *end = text + length;
  auto result = std::from_chars(text, end, *value, std::chars_format::general);
  if (result.ptr != end || length == 0) return 0;
  if (result.ec == std::errc()) return 1;
  if (result.ec != std::errc::result_out_of_range) return 0;
  // Out of range: infinity or zero, told apart by the sign of the decimal exponent of the leading digit.
  bool negative = *text == '-';
  long leading = 0;
  bool seen_point = false, seen_digit = false;
  const char *cursor = text + (negative ? 1 : 0);
  for (; cursor != end && *cursor != 'e' && *cursor != 'E'; ++cursor) {
    if (*cursor == '.') { seen_point = true; continue; }
    if (*cursor != '0') seen_digit = true;
    if (seen_digit && !seen_point) ++leading;
    if (!seen_digit && seen_point) --leading;
  }
  long exponent = 0;
  if (cursor != end) {
    ++cursor;
    bool down = cursor != end && *cursor == '-';
    if (cursor != end && (*cursor == '-' || *cursor == '+')) ++cursor;
    for (; cursor != end && exponent < 1000000000L; ++cursor) exponent = exponent * 10 + (*cursor - '0');
    if (down) exponent = -exponent;
  }
  double magnitude = leading + exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  *value = negative ? -magnitude : magnitude;
  return 1;
}

size_t cnumbers_format_double(double value, int scientific, char *text, size_t capacity) {
  auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  auto result = std::to_chars(text, text + capacity, value, format);
  return result.ec == std::errc() ? static_cast<size_t>(result.ptr - text) : 0;
}
