"""What the benches build first: the compiler as tools/try does, and small C programs that tell what the machine can do."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "tools" / "peers"


def compiler(given):
    """The path of mdlc: the given one, or that of build-try, built now."""
    if given:
        return str(Path(given).resolve())
    script = f'. "{ROOT}/tools/common.sh"; need "${{build_packages[@]}}"; build "$root/build-try" -DBUILD_TESTING=OFF'
    subprocess.run(["bash", "-c", script], check=True)
    return str(ROOT / "build-try" / "bin" / "mdlc")


def compile_c(folder, source, *options, compiler="cc"):
    """A program from one file of this folder."""
    exe = f"{folder}/{Path(source).stem}"
    subprocess.run([compiler, "-O2", "-march=native", "-o", exe, PEERS / source, *options], check=True)
    return exe


def number(*command):
    """What a program prints."""
    return float(subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout)


def peak_of_processor(folder):
    """GFLOP/s in float32 of one processor."""
    return number(compile_c(folder, "peak.c"))
