"""Neighbours who guess passwords."""
import base64, socket, threading, time

from .stage import Scene

USER = ("prometheus", "right")
# Cost 10, as htpasswd makes them by default in our documentation: about 50 ms each.
HASH = "$2b$10$%s"


def web_config():
    import crypt  # noqa: the module is there up to Python 3.12
    return f"basic_auth_users: {{ prometheus: '{crypt.crypt('right', '$2b$10$abcdefghijklmnopqrstuu')}' }}\n"


def guess(stage, until):
    """Wrong passwords from 64 addresses, each as fast as it gets answers."""

    def one(address):
        number = 0
        while time.monotonic() < until:
            number += 1
            word = base64.b64encode(f"prometheus:wrong{address}{number}".encode()).decode()
            try:
                with socket.create_connection(("127.0.0.1", stage.port), 5, (address, 0)) as connection:
                    connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic {word}\r\n\r\n".encode())
                    while connection.recv(4096):
                        pass
            except OSError:
                time.sleep(0.01)

    threads = [threading.Thread(target=one, args=(f"127.0.1.{number}",), daemon=True) for number in range(1, 65)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


SCENES = [Scene("passwords", "guesses passwords from 64 addresses", guess, web_config=web_config(), user=USER, also=True)]
