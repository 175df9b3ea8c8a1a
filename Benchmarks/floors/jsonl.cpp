// Five values of each JSON line: simdjson on demand, which looks only at what is asked for.  usage: jsonl FILE...
#include <simdjson.h>

#include "lines.hpp"

static_assert(paddingBytes >= simdjson::SIMDJSON_PADDING);
constexpr const char* keys[] = {"step", "loss", "lr", "epoch", "grad_norm"};

int main(int count, char** arguments) {
  simdjson::ondemand::parser parser;
  double values[std::size(keys)] = {};
  long records = 0;
  for (int file = 1; file < count; file++) {
    eachLine(arguments[file], [&](const char* start, const char* end) {
      const size_t length = end - start;
      simdjson::ondemand::document line;
      if (parser.iterate(simdjson::padded_string_view(start, length, length + paddingBytes)).get(line)) return;
      for (size_t key = 0; key < std::size(keys); key++)
        if (line[keys[key]].get_double().get(values[key])) return;
      records++;
    });
  }
  show("log_lines_total", records);
  for (size_t key = 0; key < std::size(keys); key++) show(keys[key], values[key]);
}
