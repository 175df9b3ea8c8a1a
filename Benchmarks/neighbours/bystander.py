"""Those who mean well: one scrapes once a second, one writes a row and sees when it is there."""
import base64, os, socket, time

SCRAPER, READER = "127.0.0.2", "127.0.0.3"
# A scrape that took longer is lost for Prometheus as it is set up.
SCRAPE_SECONDS_MAX = 10


def request(stage, path="/metrics", address=SCRAPER, timeout=SCRAPE_SECONDS_MAX, user=True, plain=False):
    """A request over a connection of its own: the status and the body; status 0: no answer."""
    end = time.monotonic() + timeout
    try:
        with socket.create_connection(("127.0.0.1", stage.port), timeout, (address, 0)) as connection:
            context = None if plain else stage.context()
            if context:
                connection = context.wrap_socket(connection)
            connection.sendall(head(stage, path, user))
            answer = bytearray()
            while True:
                connection.settimeout(max(0.001, end - time.monotonic()))
                piece = connection.recv(1 << 18)
                if not piece:
                    break
                answer += piece
            begin, _, body = bytes(answer).partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in begin.split(b"\r\n") if line.lower().startswith(b"content-length")), None)
            if not begin.startswith(b"HTTP/1.1 ") or (length is not None and len(body) < length):
                return 0, b""
            return int(begin[9:12]), body
    except (OSError, ValueError):
        return 0, b""


def head(stage, path, user=True):
    lines = [f"GET {path} HTTP/1.1", "Host: trainer", "Connection: close"]
    if user and stage.scene.user:
        lines.append("Authorization: Basic " + base64.b64encode(":".join(stage.scene.user).encode()).decode())
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def scrape(stage, until, found):
    """Once a second: the status and the seconds of each scrape."""
    seen, leaks = [], 0
    next_at = time.monotonic()
    while time.monotonic() < until:
        begin = time.monotonic()
        status, _ = request(stage)
        seen.append((status, time.monotonic() - begin))
        # What is protected is given to nobody who has not the password, and over nothing but TLS.
        if stage.scene.user and request(stage, user=False, timeout=2)[0] == 200:
            leaks += 1
        if stage.scene.tls and request(stage, plain=True, timeout=2)[0] == 200:
            leaks += 1
        next_at = max(next_at + 1, time.monotonic() - 1)
        time.sleep(max(0.0, next_at - time.monotonic()))
    found.put(("scrapes", (seen, leaks)))


def write(stage, until, found):
    """Ten rows a second: how many seconds each took to be there."""
    path = os.path.join(stage.own, "good.csv")
    delays, step = [], 0
    with open(path, "a") as log:
        while time.monotonic() < until:
            step += 1
            log.write(f"{step},{1 / step}\n")
            log.flush()
            begin = time.monotonic()
            while shown(stage) < step:
                if time.monotonic() > until + 15:
                    break
                time.sleep(0.005)
            delays.append(time.monotonic() - begin)
            time.sleep(0.1)
    found.put(("rows", delays))


def shown(stage):
    status, body = request(stage, "/metrics?name[]=training_step", READER)
    if status != 200:
        return -1
    for line in body.split(b"\n"):
        if line.startswith(b'training_step{run="good"}'):
            return float(line.split()[1])
    return -1
