// Lines of files of any size in bounded memory, as a program has to read them that follows logs: by pieces, of which the
// beginning of a line is kept until its end is there.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

constexpr size_t pieceBytes = 1 << 18;
// So many bytes behind a line may be read, whatever they are: simdjson wants that.
constexpr size_t paddingBytes = 64;

// Hands over what a file holds, piece by piece. `take` gets the bytes that are there, and says how many it took; those that
// are left come again with the next ones before them.
template <class Take>
void eachPiece(const char* path, Take take) {
  static const auto buffer = std::make_unique<char[]>(pieceBytes + paddingBytes);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    std::perror(path);
    std::exit(1);
  }
  size_t left = 0;
  for (;;) {
    const ssize_t count = read(file, buffer.get() + left, pieceBytes - left);
    if (count <= 0) break;
    const size_t there = left + count;
    const size_t taken = take(buffer.get(), there);
    left = there - taken;
    std::memmove(buffer.get(), buffer.get() + taken, left);
    if (left == pieceBytes) {
      std::fprintf(stderr, "%s: a line is longer than %zu bytes\n", path, pieceBytes);
      std::exit(1);
    }
  }
  close(file);
}

// Calls `body(start, end)` for each line that has an end.
template <class Body>
void eachLine(const char* path, Body body) {
  eachPiece(path, [&](const char* bytes, size_t count) {
    const char *start = bytes, *const end = bytes + count;
    while (const auto* lineEnd = static_cast<const char*>(std::memchr(start, '\n', end - start))) {
      body(start, lineEnd);
      start = lineEnd + 1;
    }
    return size_t(start - bytes);
  });
}

// A sample, as an exposition has it, with all digits.
inline void show(const char* series, double value) { std::printf("%s %.17g\n", series, value); }
