// Console lines of two kinds, by the texts between their numbers.  usage: text FILE...
#include "cursor.hpp"
#include "lines.hpp"

int main(int count, char** arguments) {
  double epoch = 0, step = 0, loss = 0, rate = 0, speed = 0, validationLoss = 0, accuracy = 0;
  long records = 0;
  for (int file = 1; file < count; file++) {
    eachLine(arguments[file], [&](const char* start, const char* end) {
      double newEpoch, newStep, newLoss, newRate, newSpeed;
      Cursor line{start, end};
      if (line.find("train: epoch ") && line.number(newEpoch) && line.take(" step ") && line.number(newStep) &&
          line.take(" | loss ") && line.number(newLoss) && line.take(" | lr ") && line.number(newRate) &&
          line.take(" | ") && line.number(newSpeed) && line.take(" samples/s")) {
        epoch = newEpoch, step = newStep, loss = newLoss, rate = newRate, speed = newSpeed;
        records++;
        return;
      }
      line = {start, end};
      if (line.find("val: epoch ") && line.number(newEpoch) && line.take(" | loss ") && line.number(newLoss) &&
          line.take(" | accuracy ") && line.number(newRate)) {
        epoch = newEpoch, validationLoss = newLoss, accuracy = newRate;
        records++;
      }
    });
  }
  show("log_lines_total", records);
  show("epoch", epoch);
  show("step", step);
  show("loss", loss);
  show("lr", rate);
  show("samples_per_second", speed);
  show("validation_loss", validationLoss);
  show("accuracy", accuracy);
}
