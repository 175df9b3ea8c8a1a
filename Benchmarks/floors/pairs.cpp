// All pairs of a name and a number in console lines.  usage: pairs SEPARATOR FILE...
//
// The separator is one character, such as `=` or `:`. Blanks may stand behind it, and a comma behind the value.
#include "cursor.hpp"
#include "lines.hpp"
#include "names.hpp"

int main(int count, char** arguments) {
  const char separator = arguments[1][0];
  LastValues values;
  long records = 0;
  for (int file = 2; file < count; file++) {
    eachLine(arguments[file], [&](const char* start, const char* end) {
      Cursor line{start, end};
      std::string_view text;
      bool hasPairs = false;
      while (line.textTo(separator, text)) {
        // Without blanks in front of the separator, the key is the word before it.
        const std::string_view key = text.substr(text.find_last_of(' ') + 1);
        line.skipBlanks();
        double number;
        if (key.empty() || !line.number(number)) continue;
        line.take(',');
        if (!line.isAtEnd() && *line.at != ' ') continue;
        values.set(key, number);
        hasPairs = true;
      }
      records += hasPairs;
    });
  }
  show("log_lines_total", records);
  values.each(show);
}
