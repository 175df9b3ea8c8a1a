// Python dicts of numbers, anywhere in console lines.  usage: pydict FILE...
#include "cursor.hpp"
#include "lines.hpp"
#include "names.hpp"

// The members of a dict whose brace has been taken. False: it has others than numbers, or breaks off.
static bool readMembers(Cursor& line, LastValues& values) {
  for (;;) {
    line.skipBlanks();
    if (line.take('}')) return true;
    const char quote = line.isAtEnd() ? 0 : *line.at;
    if (quote != '\'' && quote != '"') return false;
    line.at++;
    std::string_view key;
    double number;
    if (!line.textTo(quote, key)) return false;
    line.skipBlanks();
    if (!line.take(':')) return false;
    line.skipBlanks();
    if (!line.number(number)) return false;
    values.set(key, number);
    line.skipBlanks();
    line.take(',');
  }
}

int main(int count, char** arguments) {
  LastValues values;
  long records = 0;
  for (int file = 1; file < count; file++) {
    eachLine(arguments[file], [&](const char* start, const char* end) {
      Cursor line{start, end};
      std::string_view before;
      while (line.textTo('{', before)) records += readMembers(line, values);
    });
  }
  show("log_lines_total", records);
  values.each(show);
}
