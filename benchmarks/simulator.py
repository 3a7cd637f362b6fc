"""What a film costs: CPU seconds and peak memory per region, cold and as a twin.

Run as ``python -m benchmarks.simulator [columns]``. Series of slices come last, always at 320
columns. Each region is measured in its own process, so that peak memory is its own; kernels are
warm, bodies are not. Each figure is the least of three runs, for other load on the machine only
ever adds. A run has a session of its own and begins with nothing remembered, so a film stays cold
and a twin has what its authentic film left and no more.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

COLUMNS = 1024
SEED = 3
RUNS = 3


def measure(name: str, view: str, columns: int) -> dict[str, Any]:
    """Return the costs of one region in this process."""
    from trainer.imaging.simulator.anatomy import region
    from trainer.imaging.simulator.ct.series import Scan
    from trainer.imaging.simulator.film import Session
    from trainer.imaging.simulator.memo import forget

    place = region(name, view)
    machine = Scan if place.stack else Session
    machine(place, place.case(0), 96).authentic()  # compile, load, make templates
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cold, twins = [], {hallmark: [] for hallmark in place.structural}
    for _ in range(RUNS):
        forget()
        start = time.process_time()
        film = machine(place, place.case(SEED), columns).authentic().film
        cold.append(time.process_time() - start)
        for hallmark, spent in twins.items():
            forget()
            session = machine(place, place.case(SEED, hallmark=hallmark), columns)
            session.authentic()
            start = time.process_time()
            shot = session.forged(place.case(SEED, hallmark=hallmark, dose=0.8))
            spent.append(time.process_time() - start)
            assert shot.mask is not None
            del session, shot  # a film and its twin are alive at a time, as in use
    result: dict[str, Any] = {
        "region": f"{name} {view}",
        "pixels": film.pixels.size,
        "cold_cpu_s": round(min(cold), 2),
        "twin_cpu_s": {str(hallmark): round(min(spent), 2) for hallmark, spent in twins.items()},
    }
    result["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    result["idle_mib"] = round(before)
    return result


def main() -> None:
    """Measure every region and print a table."""
    if len(sys.argv) == 4:
        print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
        return
    columns = int(sys.argv[1]) if len(sys.argv) > 1 else COLUMNS
    from trainer.imaging.simulator.anatomy import REGIONS, SCANS
    from trainer.imaging.simulator.ct.series import COLUMNS as SLICE_COLUMNS

    print(f"{'region':20} {'Mpx':>5} {'cold':>6} {'per Mpx':>8} {'peak MiB':>9}  twins, CPU-s")
    for place in (*REGIONS, *SCANS):
        command = [
            sys.executable,
            "-m",
            "benchmarks.simulator",
            place.name,
            place.view,
            str(SLICE_COLUMNS if place.stack else columns),
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        size = found["pixels"] / 2**20
        twins = ", ".join(f"{k} {v}" for k, v in found["twin_cpu_s"].items())
        print(
            f"{found['region']:20} {size:5.2f} {found['cold_cpu_s']:6.2f} "
            f"{found['cold_cpu_s'] / size:8.2f} {found['peak_mib']:9}  {twins}"
        )


if __name__ == "__main__":
    main()
