// prometheus-cpp around series that a benchmark updates.  usage: prometheus_cpp gauges|histograms COUNT PORT
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <ctime>
#include <iostream>
#include <string>
#include <vector>

int main(int, char** arguments) {
  const std::string kind = arguments[1], port = arguments[3];
  const long count = std::stol(arguments[2]);
  auto registry = std::make_shared<prometheus::Registry>();
  std::vector<prometheus::Gauge*> gauges;
  std::vector<prometheus::Histogram*> histograms;
  const auto before = clock();
  const auto labels = [](long i) {
    return prometheus::Labels{
        {"run", "run_" + std::to_string(i / 10)}, {"split", "train"}, {"metric", "metric_" + std::to_string(i % 10)}};
  };
  if (kind == "gauges") {
    auto& family = prometheus::BuildGauge().Name("ml_train_value").Help("Last value.").Register(*registry);
    for (long i = 0; i < count; i++) gauges.push_back(&family.Add(labels(i)));
  } else {
    auto& family = prometheus::BuildHistogram().Name("ml_step_seconds").Help("Step time.").Register(*registry);
    const prometheus::Histogram::BucketBoundaries bounds{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5};
    for (long i = 0; i < count; i++) histograms.push_back(&family.Add(labels(i), bounds));
  }
  const auto update = [&](long step) {
    for (long i = 0; i < count; i++) {
      const double number = (i + step) * 7919 % 1000003;
      if (kind == "gauges") gauges[i]->Set(number / 1e6);
      else histograms[i]->Observe(number / 3e5);
    }
  };
  update(0);
  const double registered = double(clock() - before) / CLOCKS_PER_SEC;
  prometheus::Exposer exposer{"127.0.0.1:" + port};
  exposer.RegisterCollectable(registry);
  std::cout << "registered " << registered << std::endl;
  std::string line;
  for (long step = 1; std::getline(std::cin, line); step++) {
    update(step);
    std::cout << "done" << std::endl;
  }
}
