#!/usr/bin/env python3
"""Makes the pictures of the page that the documentation shows, from the demo.

usage: pictures.py BINARY [FOLDER]

FOLDER is docs/images by default. Needs Debian's `chromium`.
"""
import argparse, os, subprocess, tempfile

import demo

FOLDER = os.path.join(demo.PROJECT, "docs/images")


class Pictures(demo.Demo):
    def __init__(self, binary, folder):
        super().__init__(binary, pause=1.0)
        self.pictures = folder

    def take(self, name, place, size, dark=False):
        file = os.path.join(self.pictures, name + ".png")
        with tempfile.TemporaryDirectory(prefix="pictures-") as profile:
            subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 f"--user-data-dir={profile}", f"--window-size={size}", "--force-device-scale-factor=1.5",
                 *(["--blink-settings=preferredColorScheme=0"] if dark else []),
                 "--virtual-time-budget=6000", f"--screenshot={file}", self.url + "/#" + place],
                check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(file)

    def id(self, run):
        return self.runs()[run]["id"]

    def reached(self, moment):
        if moment == "killed":
            self.take("runs", "/", "1200,420")
            self.take("killed", "/run/" + self.id("eager"), "1200,1000", dark=True)
        elif moment == "resumed":
            self.take("sources", "/sources", "1200,760")
        else:
            self.take("compare", f"/compare/{self.id('eager')},{self.id('steady')}", "1200,1000")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("folder", nargs="?", default=FOLDER)
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    pictures = Pictures(arguments.binary, arguments.folder)
    try:
        pictures.play()
    finally:
        pictures.end()


main()
