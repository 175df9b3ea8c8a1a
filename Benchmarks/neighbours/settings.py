"""Neighbours, or accidents, that change the web configuration while the exporter runs."""
import os, shutil, time

from .passwords import USER, web_config
from .stage import Scene, write


def change(stage, until):
    with open(stage.web_config) as file:
        whole = file.read()
    states = [
        lambda: write(stage.web_config, ""),
        lambda: write(stage.web_config, whole[: whole.index("basic_auth_users")]),
        lambda: write(stage.web_config, whole[: len(whole) // 2]),
        lambda: write(stage.web_config, "basic_auth_users: {}\n"),
        lambda: write(stage.web_config, whole[whole.index("basic_auth_users"):]),
        lambda: os.chmod(stage.web_config, 0),
        lambda: os.unlink(stage.web_config),
        lambda: os.mkdir(stage.web_config),
        lambda: os.mkfifo(stage.web_config),
        lambda: os.symlink("/dev/null", stage.web_config),
    ]
    number = 0
    while time.monotonic() < until:
        if os.path.isdir(stage.web_config) and not os.path.islink(stage.web_config):
            shutil.rmtree(stage.web_config)
        elif number % len(states) >= 6 and os.path.lexists(stage.web_config):
            os.unlink(stage.web_config)
        if number % len(states) == 6:
            write(stage.web_config, whole)
        states[number % len(states)]()
        number += 1
        time.sleep(3)
        if os.path.isfile(stage.web_config) and not os.path.islink(stage.web_config):
            os.chmod(stage.web_config, 0o600)


SCENES = [
    Scene("settings", "empties, cuts, hides and replaces the web configuration", change, tls=True,
          web_config="tls_server_config: { cert_file: server.crt, key_file: server.key }\n" + web_config(), user=USER, also=True)
]
