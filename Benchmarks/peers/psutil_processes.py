"""Looks through the processes as psutil's users do, and says the CPU microseconds of a scan: the peer of
`bench-process-scan`. usage: psutil_processes.py PROCESSES MATCHING SCANS"""
import os, subprocess, sys, time
import psutil


def scan(attributes):
    for process in psutil.process_iter(attributes):
        process.info["cmdline"] and "RANK" in " ".join(process.info["cmdline"])


def main():
    count, matching, scans = map(int, sys.argv[1:])
    children = [subprocess.Popen(["sleep", "1000"], env={"PATH": os.defpath, **({"RANK": "1"} if i < matching else {})})
                for i in range(count)]
    try:
        print(f"processes {len(psutil.pids())}")
        for attributes in (["ppid", "name", "cmdline", "cpu_times"],
                           ["ppid", "name", "cmdline", "cpu_times", "memory_info", "num_threads", "environ"]):
            times = []
            for _ in range(scans):
                before = time.process_time()
                scan(attributes)
                times.append((time.process_time() - before) * 1e6)
            further = sorted(times[1:])
            print(f"psutil {' '.join(attributes)}: first {times[0]:.0f}, best {further[0]:.0f}, "
                  f"median {further[len(further) // 2]:.0f} us")
    finally:
        for child in children:
            child.kill()
            child.wait()


if __name__ == "__main__":
    main()
