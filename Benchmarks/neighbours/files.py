"""Neighbours who may write into one folder of logs."""
import os, time

from .stage import Scene, write


def make_sparse(path):
    with open(path, "wb") as file:
        file.truncate(4 << 40)
        file.seek(0, os.SEEK_END)
        file.write(b"\n1,2\n")


def sparse(stage, until):
    number = 0
    while time.monotonic() < until:
        number += 1
        path = os.path.join(stage.evil, f"sparse{number % 7}.csv")
        make_sparse(path)
        time.sleep(0.3)
        os.rename(path, path + ".old.csv" if number % 2 else path + ".gone")
        time.sleep(0.3)
        for name in os.listdir(stage.evil):
            os.unlink(os.path.join(stage.evil, name))
        time.sleep(0.1)


def sparse_at_start(stage):
    for number in range(5):
        make_sparse(os.path.join(stage.evil, f"sparse{number}.csv"))


# `nobody`, where the bench runs as root and can give links away.
STRANGER = 65534


def link(stage, name, target, owner):
    # It gets its owner before it gets its place: for a moment it would else be root's, and be followed.
    path, made = os.path.join(stage.evil, name), os.path.join(stage.folder, "link")
    os.symlink(target, made)
    if owner is not None and os.geteuid() == 0:
        os.lchown(made, owner, owner)
    os.rename(made, path)
    return path


def links_out(stage, owner=STRANGER):
    link(stage, "root", "/", owner)
    link(stage, "process", "/proc/self", owner)
    link(stage, "zero.csv", "/dev/zero", owner)


def make_links(stage, until, owner=STRANGER):
    while time.monotonic() < until:
        path = link(stage, "again", "/usr", owner)
        time.sleep(0.2)
        os.unlink(path)


def own_links_out(stage):
    links_out(stage, None)


def make_own_links(stage, until):
    make_links(stage, until, None)


def many_files(stage, until):
    for number in range(100_000):
        write(os.path.join(stage.evil, f"r{number}.csv"), "step,loss\n1,2\n")
        if time.monotonic() > until:
            return


def many_files_moved(stage, until):
    aside = os.path.join(stage.folder, "aside")
    os.makedirs(aside)
    for number in range(20_000):
        write(os.path.join(aside, f"r{number}.csv"), "step,loss\n1,2\n")
    number = 0
    while time.monotonic() < until:
        number += 1
        place = os.path.join(stage.evil, f"in{number}")
        os.rename(aside, place)
        time.sleep(2)
        os.rename(place, aside)
        time.sleep(1)


def large_at_start(stage):
    block = b"".join(b"%d,%d.25\n" % (number, number) for number in range(100_000))
    with open(os.path.join(stage.evil, "large.csv"), "wb") as file:
        file.write(b"step,loss\n")
        while file.tell() < 2 << 30:
            file.write(block)


def rewritten(stage, until):
    text = "step,loss\n" + "".join(f"{number},{number}.5\n" for number in range(20_000))
    path = os.path.join(stage.evil, "rewritten.csv")
    number = 0
    while time.monotonic() < until:
        number += 1
        write(path, text.replace("\n0,", f"\n{number},", 1))
        time.sleep(0.01)


def documents(stage, until):
    text = "[" + ",".join(f'{{"step": {number}}}' for number in range(500_000)) + "]"
    number = 0
    while time.monotonic() < until:
        number += 1
        path = os.path.join(stage.evil, f"d{number % 10}.json")
        write(path + ".new", text.replace("0", str(number % 10), 1))
        os.rename(path + ".new", path)
        time.sleep(0.01)


def nothing(stage, until):
    pass


SCENES = [
    Scene("quiet", "does nothing", nothing, also=True),
    Scene("sparse", "makes, renames and deletes files of 4 TiB that are nearly all hole", sparse),
    Scene("sparse-start", "has five files of 4 TiB there at the start", nothing, sparse_at_start),
    Scene("links", "links `/`, `/proc/self`, `/usr` and `/dev/zero` into the folder", make_links, links_out),
    Scene("own-links", "does the same, and owns what they lead to", make_own_links, own_links_out),
    Scene("files", "makes 100,000 small logs", many_files),
    Scene("folders", "moves a folder of 20,000 logs in and out", many_files_moved),
    Scene("large", "has a log of 2 GB there at the start", nothing, large_at_start),
    Scene("rewritten", "writes a log anew 100 times a second", rewritten),
    Scene("documents", "replaces documents of 8 MB 100 times a second", documents),
]
