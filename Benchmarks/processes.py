"""Starting, asking, measuring and stopping the programs that are compared. Stops only what it started."""
import contextlib, os, socket, subprocess, sys, time

START_LIMIT_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_clock(pid):
    """CPU seconds of a running process, by its own clock (its number is made of the process id: clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def memory(pid):
    """Resident MiB: now, and at the peak."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return tuple(int(fields[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))


def forget_peak(pid):
    """Lets the peak begin anew at what is resident now."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def descriptors(pid):
    """What the open descriptors of a process lead to; those that it closes meanwhile are left out."""
    folder, paths = f"/proc/{pid}/fd", []
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            paths.append(os.readlink(os.path.join(folder, name)))
    return paths


def run_to_end(command):
    """CPU seconds and peak MiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def get(port, path="/metrics"):
    """The answer's body; raises OSError until the server answers 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4\r\n\r\n"
        connection.sendall(request.encode())
        body = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    head, _, body = body.partition(b"\r\n\r\n")
    if b" 200" not in head.split(b"\r\n")[0]:
        raise OSError(head.decode())
    return body


def value(port, metric):
    """The value of a metric without labels; 0 where it is not there."""
    for line in get(port).split(b"\n"):
        name, _, number = line.partition(b" ")
        if name.partition(b"{")[0] == metric:
            return float(number)
    return 0.0


def wait_until(condition, what, pause=0.02, limit=START_LIMIT_SECONDS):
    """Waits until the condition holds; a server that does not answer yet is waited for, too."""
    deadline = time.monotonic() + limit
    while True:
        with contextlib.suppress(OSError):
            if condition():
                return
        if time.monotonic() > deadline:
            raise SystemExit(f"in vain waited for {what}")
        time.sleep(pause)


@contextlib.contextmanager
def serving(command, port, path="/metrics"):
    """A server that answers 200 at `path`, with the milliseconds from its start until it did, as `milliseconds`."""
    begin = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def answers():
            if server.poll() is not None:
                sys.exit(f"{command} ended with {server.returncode}")
            get(port, path)
            return True
        wait_until(answers, f"{command[0]} to serve", pause=0.0005)
        server.milliseconds = (time.perf_counter() - begin) * 1e3
        yield server
    finally:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
