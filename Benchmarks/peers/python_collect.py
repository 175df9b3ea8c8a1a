"""What psutil's reading of the machine costs: the same things that the exporter's `system` collector reads.

usage: python_collect.py COLLECTIONS

Says the milliseconds of CPU of one collection, in that of five rounds that took least.
"""
import sys, time
import psutil


def collect():
    psutil.cpu_times()
    psutil.cpu_times(percpu=True)
    psutil.cpu_percent()
    psutil.cpu_percent(percpu=True)
    psutil.cpu_stats()
    psutil.getloadavg()
    psutil.virtual_memory()
    psutil.swap_memory()
    psutil.disk_io_counters(perdisk=True)
    psutil.net_io_counters(pernic=True)
    psutil.boot_time()
    for partition in psutil.disk_partitions():
        psutil.disk_usage(partition.mountpoint)
    psutil.disk_usage("/dev/shm")


def main():
    count, best = int(sys.argv[1]), float("inf")
    for _ in range(5):
        before = time.process_time()
        for _ in range(count):
            collect()
        best = min(best, (time.process_time() - before) / count)
    print(best * 1e3)


main()
