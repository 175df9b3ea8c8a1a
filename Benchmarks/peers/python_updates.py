"""Updates of the generated module `metrics`, or of prometheus_client, and what the module's thread takes to write.

usage: python_updates.py ours|client

Says the nanoseconds of each kind of update, in that of seven rounds that took least, as JSON.
"""
import json, sys, threading, time, timeit


def ours():
    import metrics

    return metrics, metrics.c_total, metrics.g, metrics.h


def client():
    import prometheus_client as client

    buckets = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10]
    return (None, client.Counter("c", "Counter", ["k"]), client.Gauge("g", "Gauge", ["k"]),
            client.Histogram("h", "Histogram", ["k"], buckets=buckets))


def writing(module, result):
    """10,000 series change; a thread writes them while this one goes on with its updates."""
    writer = module._writer
    writer.pause(2)
    writer.running = True
    for title, family, change in [("writing 10,000 counters: ms of the thread", module.c_total, "inc"),
                                  ("writing 10,000 gauges: ms of the thread", module.g, "set")]:
        updates = [getattr(family.labels(k=str(number)), change) for number in range(10_000)]
        # Of seven rounds the one in which the machine did least else.
        times, longest, alone = [], [], []
        for _ in range(7):
            for update in updates:
                update(1.5)

            def write():
                begun = time.thread_time()
                writer.flush(threading.Event())
                times.append(time.thread_time() - begun)

            thread = threading.Thread(target=write)
            begun = time.perf_counter()
            thread.start()
            longest.append(wait(updates[0], thread.is_alive))
            thread.join()
            end = 2 * time.perf_counter() - begun
            alone.append(wait(updates[0], lambda end=end: time.perf_counter() < end))
        result[title] = min(times) * 1e3
        for name, waits in [("longest wait of an update meanwhile: ms", longest),
                            ("the same where nothing is written: ms", alone)]:
            result[name] = max(result.get(name, 0), min(waits) * 1e3)


def wait(update, goes_on):
    """The longest that an update took: the machine's own part of it is what it takes where nothing is written."""
    longest = 0.0
    while goes_on():
        begun = time.perf_counter()
        update(2)
        longest = max(longest, time.perf_counter() - begun)
    return longest


def main():
    module, counter, gauge, histogram = ours() if sys.argv[1] == "ours" else client()
    for number in range(100):
        for family in (counter, gauge, histogram):
            family.labels(k=str(number))
    names = {"counter": counter, "histogram": histogram, "inc": counter.labels(k="7").inc,
             "observe": histogram.labels(k="7").observe, "set": gauge.labels(k="7").set}
    statements = {"cached inc": "inc()", "cached observe": "observe(0.3)", "cached set": "set(0.3)",
                  "labels(k=…).inc": "counter.labels(k='7').inc()", "labels(k=…).observe": "histogram.labels(k='7').observe(0.3)"}
    result = {title: min(timeit.repeat(statement, globals=names, number=100_000, repeat=9)) * 1e4
              for title, statement in statements.items()}
    if module:
        writing(module, result)
    json.dump(result, sys.stdout)


main()
