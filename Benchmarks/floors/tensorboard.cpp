// The scalars of TensorBoard's event files: frames whose checksums are right, and in them messages of Protocol Buffers.
// usage: tensorboard FILE...
#include <cstdint>
#include <string>

#include "crc32c.hpp"
#include "lines.hpp"
#include "names.hpp"

// The fields of a message, one after another. A message that breaks off ends there.
struct Message {
  const uint8_t* at;
  const uint8_t* end;

  struct Field {
    uint32_t number, form;
    // A varint's or a fixed number's bits.
    uint64_t bits;
    // The bytes of a text or a message.
    const uint8_t *start, *end;

    template <class Number>
    Number as() const {
      Number number;
      std::memcpy(&number, &bits, sizeof number);
      return number;
    }
    Message message() const { return {start, end}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(start), size_t(end - start)}; }
  };

  enum Form { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

  bool next(Field& field) {
    uint64_t key;
    if (!readVarint(key)) return false;
    field.number = key >> 3;
    field.form = key & 7;
    field.bits = 0;
    switch (field.form) {
      case varint: return readVarint(field.bits);
      case fixed64: return readFixed(field, 8);
      case fixed32: return readFixed(field, 4);
      case bytes: {
        uint64_t length;
        if (!readVarint(length) || length > uint64_t(end - at)) return false;
        field.start = at;
        field.end = at += length;
        return true;
      }
      default: return false;
    }
  }

 private:
  bool readVarint(uint64_t& value) {
    value = 0;
    for (int shift = 0; at < end && shift < 64; shift += 7) {
      const uint8_t byte = *at++;
      value |= uint64_t(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool readFixed(Field& field, size_t size) {
    if (size_t(end - at) < size) return false;
    std::memcpy(&field.bits, at, size);
    at += size;
    return true;
  }
};

struct Reader {
  LastValues scalars;
  int64_t step = 0;
  long records = 0;

  void readEvent(Message event) {
    int64_t newStep = 0;
    bool hasScalars = false;
    for (Message::Field field{}; event.next(field);) {
      if (field.number == 2 && field.form == Message::varint) newStep = field.as<int64_t>();
      if (field.number != 5 || field.form != Message::bytes) continue;
      Message summary = field.message();
      for (Message::Field value{}; summary.next(value);)
        if (value.number == 1 && value.form == Message::bytes) hasScalars |= readValue(value.message());
    }
    if (!hasScalars) return;
    step = newStep;
    records++;
  }

  bool readValue(Message value) {
    std::string_view tag;
    float number = 0;
    bool isScalar = false;
    for (Message::Field field{}; value.next(field);) {
      if (field.number == 1 && field.form == Message::bytes) tag = field.text();
      if (field.number == 2 && field.form == Message::fixed32) number = field.as<float>(), isScalar = true;
    }
    if (isScalar && !tag.empty()) scalars.set(tag, number);
    return isScalar;
  }
};

int main(int count, char** arguments) {
  constexpr size_t headBytes = 12, checkBytes = 4;
  Reader reader;
  for (int file = 1; file < count; file++) {
    eachPiece(arguments[file], [&](const char* bytes, size_t there) {
      size_t at = 0;
      while (there - at >= headBytes) {
        uint64_t length;
        std::memcpy(&length, bytes + at, sizeof length);
        if (maskedCRC32C(bytes + at, 8) != checkAt(bytes + at + 8)) {
          std::fprintf(stderr, "%s: a frame's length is damaged\n", arguments[file]);
          std::exit(1);
        }
        if (there - at - headBytes < length + checkBytes) break;
        const char* data = bytes + at + headBytes;
        if (maskedCRC32C(data, length) == checkAt(data + length)) {
          const auto* start = reinterpret_cast<const uint8_t*>(data);
          reader.readEvent({start, start + length});
        }
        at += headBytes + length + checkBytes;
      }
      return at;
    });
  }
  show("log_scalars_total", reader.records);
  show("step{run=\"a\"}", reader.step);
  const std::string_view prefix = "train/loss_";
  reader.scalars.each([&](const std::string& tag, double value) {
    show(("loss{run=\"a\",part=\"" + tag.substr(prefix.size()) + "\"}").c_str(), value);
  });
}
