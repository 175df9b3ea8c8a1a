// A place in a line, and what may stand there.
#pragma once

#include <fast_float/fast_float.h>

#include <cstring>
#include <string_view>

struct Cursor {
  const char* at;
  const char* end;

  bool isAtEnd() const { return at == end; }

  void skipBlanks() {
    while (at < end && (*at == ' ' || *at == '\t')) at++;
  }

  // Moves behind a character, if it stands here.
  bool take(char character) {
    if (at == end || *at != character) return false;
    at++;
    return true;
  }

  // Moves behind a text, if it stands here.
  bool take(std::string_view text) {
    if (size_t(end - at) < text.size() || std::memcmp(at, text.data(), text.size()) != 0) return false;
    at += text.size();
    return true;
  }

  // Moves behind the first such text.
  bool find(std::string_view text) {
    const void* found = memmem(at, end - at, text.data(), text.size());
    if (!found) return false;
    at = static_cast<const char*>(found) + text.size();
    return true;
  }

  // The text up to a character, and moves behind that.
  bool textTo(char character, std::string_view& text) {
    const auto* found = static_cast<const char*>(std::memchr(at, character, end - at));
    if (!found) return false;
    text = {at, size_t(found - at)};
    at = found + 1;
    return true;
  }

  bool number(double& value) {
    const auto [behind, error] = fast_float::from_chars(at, end, value);
    if (error != std::errc()) return false;
    at = behind;
    return true;
  }
};
