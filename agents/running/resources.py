"""What a run is made with: how every process makes its translator, scorer and backend."""

from agents.backends.parts import spec_backend
from agents.config import RunConfig
from agents.conversation.process import ResourcesSpec
from tools.registry import BACKENDS
from tools.scoring import spec_scorer
from tools.translation import spec_translator


def spec_resources(config: RunConfig) -> ResourcesSpec:
    """How every process of this run opens its resources."""
    backend = config.choose("backend")
    blind = BACKENDS.get_trait(backend.name, "blind") if config.arm == "blind-judge" else None
    return ResourcesSpec(
        backend=spec_backend(backend, blind),
        pack=config.pack,
        translator=spec_translator(config.choose("translator"), config.seed),
        scorer=spec_scorer(config.choose("scorer")),
        out=config.out,
        workers=config.workers,
        replies=config.replies,
        candidates=config.candidates,
        max_rounds=config.max_rounds,
        deadline_seconds=config.deadline,
        concurrency=config.concurrency,
        skips_clean=getattr(backend.read(), "skip_clean_captions", False),
        arm=config.arm,
        best_of=config.best_of,
        measures=config.measures,
        debates_captions=config.debates_captions,
        breaches_may_win=config.breaches_may_win,
        prices=config.prices,
        gathers=config.asks_in_waves,
    )
