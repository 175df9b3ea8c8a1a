"""The real program: started, asked, told to reload, killed. Stops only what it started."""
import math, os, re, signal, socket, subprocess, time

START_SECONDS = 60
SAMPLE = re.compile(r"^([^\s{]+(?:\{.*\})?) (\S+)$")


class Failure(Exception):
    """What was shown is not what it has to be."""


class Exporter:
    def __init__(self, binary, folder, *more):
        self.log = os.path.join(folder, "log.txt")
        begin = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [binary, "serve", "--config.file", os.path.join(folder, "metrics.yaml"), "--web.listen-address",
                 "127.0.0.1:0", *more], stdout=subprocess.DEVNULL, stderr=log)
        end = time.monotonic() + START_SECONDS
        while True:
            with open(self.log) as log:
                log.seek(begin)
                found = re.search(r"127\.0\.0\.1:(\d+)", log.read())
            if found:
                self.port = int(found[1])
                return
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise Failure(f"the exporter did not start: see {self.log}")
            time.sleep(0.004)

    def scrape(self):
        """The exposition as text."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                answer = b"".join(iter(lambda: connection.recv(1 << 18), b""))
        except OSError as error:
            raise Failure(f"a scrape failed: {error}; the exporter: {self.process.poll()}")
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200" not in head[:13]:
            raise Failure(f"a scrape was refused: {head[:80]!r}")
        return body.decode()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"signal {number} did not end it within a minute")

    def kill(self):
        self.end(signal.SIGKILL)


def once(binary, folder):
    result = subprocess.run([binary, "once", "--config.file", os.path.join(folder, "metrics.yaml")],
                            capture_output=True, text=True, timeout=60)
    if result.returncode:
        raise Failure(f"once ended with {result.returncode}: {result.stderr[-500:]}")
    return result.stdout


def values(text):
    """The samples of an exposition by their series."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        series, number = SAMPLE.match(line).groups()
        if series in found:
            raise Failure(f"the series {series} is there twice")
        found[series] = float(number)
    return found


def equal(one, other):
    if one is None or other is None:
        return one is other
    return one == other or math.isnan(one) and math.isnan(other)
