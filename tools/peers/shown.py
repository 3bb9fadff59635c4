"""How the benches show what they measured: the machine, durations, tables; and how sure a median is."""

import math
import os
import platform


def machine():
    name = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        name = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), name)
    return f"{name}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"


def interval(values):
    """Of the median: the ranks that a fair coin leaves between them with at least 95 %."""
    n, outside, low = len(values), 0.0, 0
    while True:
        outside += 2 * math.comb(n, low) / 2**n
        if outside > 0.05:
            break
        low += 1
    ordered = sorted(values)
    return (ordered[low - 1], ordered[n - low]) if low > 0 else (ordered[0], ordered[-1])


def duration(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.4g} {unit}"
    return f"{ns:.4g} ns"


def print_head(cells):
    print("| " + " | ".join(cells) + " |\n|" + " --- |" * len(cells), flush=True)
