// The smallest server: answers every request with a file's bytes, which it read once.  usage: serve FILE PORT
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void send_all(int connection, const char* bytes, size_t count, int flags) {
  while (count > 0) {
    const ssize_t sent = send(connection, bytes, count, flags | MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    count -= sent;
  }
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const int file = open(arguments[1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status)) fail(arguments[1]);
  char* body = malloc(status.st_size + 1);
  if (!body) fail("memory");
  for (off_t at = 0; at < status.st_size;) {
    const ssize_t got = read(file, body + at, status.st_size - at);
    if (got <= 0) fail(arguments[1]);
    at += got;
  }
  close(file);

  char head[200];
  const int head_bytes = snprintf(head, sizeof head,
                                  "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                                  "Content-Length: %lld\r\nConnection: close\r\n\r\n",
                                  (long long)status.st_size);
  const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons(atoi(arguments[2])),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  if (bind(listener, (const struct sockaddr*)&address, sizeof address) || listen(listener, 16)) fail("listen");
  for (;;) {
    const int connection = accept(listener, NULL, NULL);
    if (connection < 0) continue;
    char request[4096];
    if (read(connection, request, sizeof request) > 0) {
      send_all(connection, head, head_bytes, MSG_MORE);
      send_all(connection, body, status.st_size, 0);
    }
    close(connection);
  }
}
