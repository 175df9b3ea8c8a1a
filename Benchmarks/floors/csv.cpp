// The twelve columns of Ultralytics' results.csv: a bare scanner, which takes every cell for a number.  usage: csv FILE...
#include "cursor.hpp"
#include "lines.hpp"

constexpr const char* columns[] = {
    "epoch",
    "elapsed_seconds",
    "training_loss{component=\"box\"}",
    "training_loss{component=\"cls\"}",
    "training_loss{component=\"dfl\"}",
    "validation_score{score=\"precision\"}",
    "validation_score{score=\"recall\"}",
    "validation_score{score=\"mAP50\"}",
    "validation_score{score=\"mAP50-95\"}",
    "validation_loss{component=\"box\"}",
    "validation_loss{component=\"cls\"}",
    "validation_loss{component=\"dfl\"}",
};
constexpr size_t columnCount = std::size(columns);

int main(int count, char** arguments) {
  double values[columnCount] = {};
  long rows = 0;
  for (int file = 1; file < count; file++) {
    bool isHeader = true;
    eachLine(arguments[file], [&](const char* start, const char* end) {
      if (isHeader) {
        isHeader = false;
        return;
      }
      Cursor cursor{start, end};
      for (size_t column = 0; column < columnCount; column++)
        if (!cursor.number(values[column]) || (column + 1 < columnCount && !cursor.take(','))) return;
      rows += cursor.isAtEnd();
    });
  }
  show("log_lines_total", rows);
  for (size_t column = 0; column < columnCount; column++) show(columns[column], values[column]);
}
