// Which of the names that came before a text is. The same names mostly come in the same order, so the one behind that of
// the last call is looked at first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

class Names {
 public:
  // The name's place; a new one gets the next.
  size_t place(std::string_view name) {
    if (next_ < names_.size() && names_[next_] == name) return advance(next_);
    for (size_t i = 0; i < names_.size(); i++)
      if (names_[i] == name) return advance(i);
    names_.emplace_back(name);
    return advance(names_.size() - 1);
  }

  const std::string& operator[](size_t place) const { return names_[place]; }
  size_t size() const { return names_.size(); }

 private:
  size_t advance(size_t place) {
    next_ = place + 1 < names_.size() ? place + 1 : 0;
    return place;
  }

  std::vector<std::string> names_;
  size_t next_ = 0;
};

// The last value of each name.
class LastValues {
 public:
  void set(std::string_view name, double value) {
    const size_t place = names_.place(name);
    if (place == values_.size()) values_.push_back(0);
    values_[place] = value;
  }

  // `show(name, value)` for each.
  template <class Show>
  void each(Show show) const {
    for (size_t i = 0; i < values_.size(); i++) show(names_[i].c_str(), values_[i]);
  }

 private:
  Names names_;
  std::vector<double> values_;
};
