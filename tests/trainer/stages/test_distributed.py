"""Two processes on gloo compute what one computes, but for the order of their sums.

The learning rate is small, so that a difference in the last digits stays one: Adam would make much of it, see
`training_bounds`.
"""

import json
import os
import re

import pytest
import torch
from tiny_run import build_tiny, fork, wait, write_run, write_tiny_folders
from training_bounds import RATE, TrainingBounds, check_close

from trainer.data.collate import Collator
from trainer.data.encode import make_encoder
from trainer.data.prepare import prepare
from trainer.data.reading import Request
from trainer.recipe import DataPart, Recipe
from trainer.stages import freezing
from trainer.stages.align_run import run_align
from trainer.stages.collect import collect_model
from trainer.stages.losses import compute_loss
from trainer.stages.sft_run import run_sft


def make_recipe(device_batch):
    folders = write_tiny_folders()
    common = {"global_batch": 8, "device_batch": device_batch, "max_steps": 4, "save_every": 2, "learning_rate": RATE}
    model = {"llm": folders.llm, "tower": folders.tower}
    return Recipe.model_validate({"model": model, "align": common, "sft": common})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """18 pairs and 9 dialogues: neither fills its last batch of 8, which the filler has to."""
    return write_run(tmp_path_factory.mktemp("distributed"), 9)


@pytest.fixture(scope="module")
def single(run, tmp_path_factory):
    out = tmp_path_factory.mktemp("single")
    run_align(make_recipe(8), run, out / "align")
    run_sft(make_recipe(8), run, out / "align", out / "sft")
    return out


def run_twice(work):
    """`work` in two processes that find each other as torchrun's do: through a store that their parent holds."""
    store = torch.distributed.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)

    def begin():
        from accelerate.state import AcceleratorState, GradientState, PartialState

        AcceleratorState._reset_state(True)
        GradientState._reset_state()
        PartialState._reset_state()
        work()

    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "TORCHELASTIC_USE_AGENT_STORE": "True"}
    common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port), "TORCHELASTIC_RESTART_COUNT": "0"}
    children = [fork(begin, RANK=str(rank), LOCAL_RANK=str(rank), **common) for rank in range(2)]
    return [wait(child) for child in children]


@pytest.fixture(scope="module")
def bounds():
    return TrainingBounds(build_tiny().model.config.text_config)


@pytest.mark.parametrize("stage", ["align", "sft"])
def test_one_process_with_batch_8_equals_two_with_batch_4(stage, run, single, bounds, tmp_path):
    out = tmp_path / stage

    def work():
        recipe = make_recipe(4)
        run_align(recipe, run, out) if stage == "align" else run_sft(recipe, run, single / "align", out)

    assert run_twice(work) == [0, 0]
    check_close(out, single / stage, bounds)


def test_a_picture_that_breaks_is_named_once_by_two_processes_and_weighs_the_same(bounds, tmp_path):
    mine = write_run(tmp_path, 9)
    victim = mine / "images/03/3.png"
    victim.write_bytes(victim.read_bytes()[:100])
    run_align(make_recipe(8), mine, tmp_path / "one")
    assert run_twice(lambda: run_align(make_recipe(4), mine, tmp_path / "two")) == [0, 0]
    check_close(tmp_path / "two", tmp_path / "one", bounds)
    names = {json.loads(line)["id"] for line in (tmp_path / "two/rejected.jsonl").read_text().splitlines()}
    assert names == {"3-0", "3-1"}


def test_fully_shard_equals_a_single_process(run, bounds, tmp_path):
    """FSDP2's own sharding on gloo, three steps of the loss and optimizer of training."""
    steps, longest = 3, 10.0  # no gradient is longer

    def train(model, rows, shards):
        encoder = make_encoder(build_tiny().processor)
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
        losses = []
        for step in range(steps):
            batch = Collator(encoder)(rows[step * 4 : step * 4 + 4])
            count = int((batch["labels"] != -100).sum())
            rank = int(os.environ.get("RANK", "0"))
            mine = {name: batch[name][rank::shards] for name in ("input_ids", "labels", "pixel_values")}
            loss = compute_loss(model, mine, count) * shards  # gradients are averaged over the shards
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach())
        return torch.stack(losses)

    encoder = make_encoder(build_tiny().processor)
    prepared = prepare(Request(run, "sft"), encoder, DataPart(), "instruction", 512)
    rows = [prepared.dataset[place] for place in range(9)] * 2

    def make_model():
        model = build_tiny().model
        freezing.freeze(model, "both")
        return model

    alone, half = make_model(), make_model()
    expected = train(alone, rows, 1)
    train(half, rows, 2)  # as if the other shard's gradients got lost

    def work():
        import torch.distributed as dist
        from torch.distributed.fsdp import fully_shard
        from torch.distributed.tensor import DTensor

        dist.init_process_group("gloo")
        model = make_model()
        for layer in model.model.language_model.layers:
            fully_shard(layer)
        fully_shard(model)
        if not all(isinstance(parameter, DTensor) for parameter in model.parameters()):
            raise RuntimeError("nothing is sharded")
        losses = train(model, rows, 2)
        dist.all_reduce(losses, op=dist.ReduceOp.SUM)
        is_writer = dist.get_rank() == 0
        whole = collect_model(model, is_writer, make_model)
        if is_writer:
            torch.save({"losses": losses / 2, "weights": dict(whole.named_parameters())}, tmp_path / "sharded.pt")
        dist.destroy_process_group()

    assert run_twice(work) == [0, 0]
    found = torch.load(tmp_path / "sharded.pt", weights_only=True)
    for step, (loss, alone_loss) in enumerate(zip(found["losses"], expected, strict=True), 1):
        assert abs(loss - alone_loss) < bounds.bound_loss(step, float(alone_loss), longest), step
    lost = []
    for name, parameter in alone.state_dict().items():
        bound = bounds.bound_weights(parameter, steps)
        assert (found["weights"][name] - parameter).abs().mean() < bound, name
        lost.append(float((half.state_dict()[name] - parameter).abs().mean()) / bound)
    assert max(lost) > 10


def test_devices_that_cannot_share_the_batch_are_refused(run, tmp_path, monkeypatch):
    from tools.errors import UsageError

    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(UsageError, match=re.escape("global_batch 8 cannot be shared evenly by 3 devices; launch 2")):
        run_align(make_recipe(4), run, tmp_path)
