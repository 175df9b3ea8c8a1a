"""Neighbours who hold one address, and do not read, or say nothing."""
import socket, struct, time

from .stage import Scene

ADDRESS = "127.0.0.9"
TLS = "tls_server_config: { cert_file: server.crt, key_file: server.key }\n"


def connect(stage, address=ADDRESS, tls=False, protocols=()):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(5)
    connection.bind((address, 0))
    connection.connect(("127.0.0.1", stage.port))
    if tls:
        context = stage.context()
        context.set_alpn_protocols(list(protocols))
        connection = context.wrap_socket(connection)
    return connection


def unread(stage, until):
    """600 requests whose answers are never read, made anew each 12 s."""
    while time.monotonic() < until:
        held = []
        for _ in range(600):
            try:
                connection = connect(stage)
                connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                held.append(connection)
            except OSError:
                pass
        time.sleep(12)
        for connection in held:
            connection.close()


def streams(stage, until):
    """Seven connections with a hundred requests each, and no window for the answers."""
    while time.monotonic() < until:
        held = []
        for _ in range(7):
            try:
                connection = connect(stage, tls=True, protocols=["h2"])
                connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, 0)))
                # :method GET, :scheme https, :path /metrics, :authority a
                block = b"\x82\x87\x04\x08/metrics\x01\x01a"
                for stream in range(1, 201, 2):
                    connection.sendall(frame(1, 5, stream, block))
                held.append(connection)
            except OSError:
                pass
        time.sleep(12)
        for connection in held:
            connection.close()


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def silent(stage, until):
    """5,000 connections that say nothing, and new ones for those that were closed."""
    held = []
    while time.monotonic() < until:
        while len(held) < 5000 and time.monotonic() < until:
            try:
                connection = socket.socket()
                connection.settimeout(2)
                connection.bind((ADDRESS, 0))
                connection.connect(("127.0.0.1", stage.port))
                connection.setblocking(False)
                held.append(connection)
            except OSError:
                time.sleep(0.05)
                break
        held = [connection for connection in held if not is_closed(connection)]
        time.sleep(0.1)


def is_closed(connection):
    try:
        if connection.recv(1) == b"":
            connection.close()
            return True
    except BlockingIOError:
        return False
    except OSError:
        connection.close()
        return True
    return False


SCENES = [
    Scene("unread", "asks for 600 answers of 5 MB and reads none, again each 12 s", unread, series=100_000, also=True),
    Scene("streams", "opens 7 HTTP/2 connections with 100 streams and no window", streams, tls=True, web_config=TLS,
          series=100_000, also=True),
    Scene("silent", "holds 5,000 connections and says nothing", silent, also=True),
    Scene("silent-tls", "holds 5,000 connections to a server with TLS and says nothing", silent, tls=True, web_config=TLS,
          also=True),
]
