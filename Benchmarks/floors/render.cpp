// Gauges that are only what a scrape needs of them: the beginning of their line, all in one text, and a value. Lines are
// made anew for each scrape, and sent piece by piece.  usage: render gauges COUNT PORT
//
// Says `registered SECONDS` (of CPU) once it serves, and for each line on standard input changes all, as the programs do
// that bench-server is compared with.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

class Gauges {
 public:
  explicit Gauges(long count) : values_(count) {
    prefixEnds_.reserve(count);
    for (long i = 0; i < count; i++) {
      prefixes_ += "ml_train_value{run=\"run_" + std::to_string(i / 10) + "\",split=\"train\",metric=\"metric_" +
                   std::to_string(i % 10) + "\"} ";
      prefixEnds_.push_back(prefixes_.size());
    }
    update(0);
  }

  void update(long round) {
    for (size_t i = 0; i < values_.size(); i++) values_[i] = double((long(i) + round) * 7919 % 1000003) / 1e6;
  }

  // Calls `send(bytes, count)` with one piece of the exposition after another.
  template <class Send>
  void render(Send send) const {
    constexpr size_t pieceBytes = 1 << 16, numberBytesMax = 32;
    static char piece[pieceBytes];
    constexpr std::string_view head = "# HELP ml_train_value Last value.\n# TYPE ml_train_value gauge\n";
    char* at = std::copy(head.begin(), head.end(), piece);
    size_t start = 0;
    for (size_t i = 0; i < values_.size(); i++) {
      const size_t prefixBytes = prefixEnds_[i] - start;
      if (at + prefixBytes + numberBytesMax > piece + pieceBytes) {
        send(piece, at - piece);
        at = piece;
      }
      std::memcpy(at, prefixes_.data() + start, prefixBytes);
      at = std::to_chars(at + prefixBytes, piece + pieceBytes, values_[i]).ptr;
      *at++ = '\n';
      start = prefixEnds_[i];
    }
    send(piece, at - piece);
  }

 private:
  std::string prefixes_;
  std::vector<uint32_t> prefixEnds_;
  std::vector<double> values_;
};

static void answer(int connection, const Gauges& gauges) {
  const auto send = [connection](const char* bytes, size_t count) {
    while (count > 0) {
      const ssize_t sent = ::send(connection, bytes, count, MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes += sent;
      count -= sent;
    }
  };
  char request[4096];
  if (read(connection, request, sizeof request) <= 0) return;
  constexpr std::string_view head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n\r\n";
  send(head.data(), head.size());
  gauges.render(send);
}

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const auto before = clock();
  Gauges gauges(std::stol(arguments[2]));
  const double registered = double(clock() - before) / CLOCKS_PER_SEC;
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(std::stoi(arguments[3]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) || listen(listener, 16)) {
    std::perror("listen");
    return 1;
  }
  std::printf("registered %g\n", registered);
  std::fflush(stdout);
  pollfd watched[] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (long round = 0; poll(watched, 2, -1) > 0;) {
    if (watched[0].revents) {
      const int connection = accept(listener, nullptr, nullptr);
      if (connection < 0) continue;
      answer(connection, gauges);
      close(connection);
    }
    if (watched[1].revents) {
      char line[64];
      if (read(STDIN_FILENO, line, sizeof line) <= 0) return 0;
      gauges.update(++round);
      std::printf("done\n");
      std::fflush(stdout);
    }
  }
}
