"""Work of every simulated kind in this very process, unconfined: to be run on an emulated processor.

``python emulated_work.py`` prints one line for each job: its name and the digest of its checkpoints and output.
"""

from __future__ import annotations

import hashlib

from compute_jobs import JOBS, SIMULATED

from thenar.adapters.compute.simulating import Simulating

UNIT, SEGMENTS = 2, 2


def main() -> None:
    """Run the first segments of a unit of every job."""
    for name in SIMULATED:
        job, digest = JOBS[name], hashlib.sha256()
        working = Simulating(job.spec, job.files, lanes=1, threads=1)
        at = working.first(UNIT)
        for _ in range(SEGMENTS):
            ((at, output),) = working.advance([at])
            digest.update(at.encode() + output)
        print(name, digest.hexdigest())


if __name__ == "__main__":
    main()
