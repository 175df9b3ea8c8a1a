"""What a scrape of gauges costs beside the least that it can cost: sending what is there already, and copying the
beginnings of the lines and making their numbers."""
from measures import exposition
from measures.floors import samples
from processes import free_port, get, memory, serving
from programs import OURS, note
from tables import table
from turns import compare

NOTHING_CHANGED, ALL_CHANGED = 100_000, 1_000_000


def measure(programs):
    ours, floor = exposition.build_ours(), programs.floor("render.cpp")
    rows = [nothing_changed(programs, ours), *all_changed(ours, floor)]
    yield from table(["gauges", "floor", OURS, "×"], rows)


def nothing_changed(programs, ours):
    body = programs.path("scraped.txt")
    with exposition.started([*ours, "gauges", str(NOTHING_CHANGED)]) as server:
        with open(body, "wb") as file:
            file.write(get(server.port))
        port = free_port()
        with serving(programs.floor("serve.c", body, str(port)), port) as floor:
            floor.port = port
            result, = compare(lambda: [exposition.cost_once(floor, False)],
                              lambda: [exposition.cost_once(server, False)])
    note(f"nothing changed: {result}")
    return f"{NOTHING_CHANGED:,}, nothing changed: CPU ms per scrape", *result.cells("{:.2f}".format)


def all_changed(ours, floor):
    arguments = ["gauges", str(ALL_CHANGED)]
    with exposition.running(floor + arguments) as small, exposition.running(ours + arguments) as server:
        if samples(get(small.port).decode()) != samples(get(server.port).decode()):
            raise SystemExit("the floor does not show what ours shows")
        scrape, = compare(lambda: [exposition.cost_once(small, True)], lambda: [exposition.cost_once(server, True)])
        bytes_each = [(memory(each.pid)[0] - each.mebibytes) * (1 << 20) / ALL_CHANGED for each in (small, server)]
    note(f"all changed: {scrape}")
    yield f"{ALL_CHANGED:,}, all changed: CPU ms per scrape", *scrape.cells("{:.1f}".format)
    yield "bytes a gauge, scraped", *(f"{each:.0f}" for each in bytes_each), f"{bytes_each[1] / bytes_each[0]:.2f}"
