"""How big the core install is, and how long its import takes, beside transformers with torch.

    python benchmarks/install.py [--rounds 7] [--quick]

Sizes are what the installed files take on the disk, by the metadata of this environment: of the packages that are
asked for and all that these need. Where torch is built for processors alone, as "+cpu" says, it is the small one.
Import time is that of a fresh process that imports what a prediction needs, to its end.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import measured
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OURS = "import onnxruntime, tokenizers\nfrom statestance.predict import load"
PEER = "import torch\nfrom transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline"


def closure(wanted: Sequence[str]) -> dict[str, Distribution]:
    """The distributions that these requirements install, by name; what this environment lacks is told."""
    found, waiting = dict[str, Distribution](), [(Requirement(w), "") for w in wanted]
    seen = set[tuple[str, str]]()
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for one in ("", *requirement.extras):
            if (name, one) in seen:
                continue
            seen.add((name, one))
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                print(f"not installed here, not counted: {name}", file=sys.stderr)
                break
            waiting += [(Requirement(r), one) for r in found[name].requires or ()]
    return found


def megabytes(files: Sequence[Path]) -> float:
    """What files take on the disk, in whole blocks of 4,096 bytes."""
    return sum(-(-f.stat().st_size // 4096) * 4096 for f in files if f.is_file()) / 1e6


def size(distributions: dict[str, Distribution]) -> float:
    """What their files take, in MB, with the bytecode where the installer compiled it."""
    return sum(megabytes([Path(str(f.locate())) for f in one.files or ()]) for one in distributions.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="one round")
    args = parser.parse_args()
    print(measured.machine())
    core = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    ours = closure(core)
    package = megabytes([f for f in (ROOT / "src").rglob("*") if "__pycache__" not in f.parts])
    peers = closure(["transformers", "torch"])
    name = ", ".join(f"{n} {peers[n].version}" for n in ("transformers", "torch"))
    print(f"{len(ours) + 1} packages beside {len(peers)}; {package:.0f} MB are statestance with its released model")
    print(measured.HEADER)
    measured.compare("installed size", [package + size(ours)], name, [size(peers)], "MB", "≤ 350 MB")
    run = [lambda code=code: measured.run([sys.executable, "-c", code]) for code in (OURS, PEER)]
    mine, theirs = measured.alternating(1 if args.quick else args.rounds, *run)
    measured.compare("import", [r.seconds for r in mine], name, [r.seconds for r in theirs], "s")
    measured.compare("memory after the import", [r.peak for r in mine], name, [r.peak for r in theirs], "MB")


if __name__ == "__main__":
    main()
