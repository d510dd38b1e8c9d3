# Needs Python >= 3.11 and make, nothing else: each target first makes what it needs in .venv.
# 只需要 Python 3.11 以上和 make，其余的第一次运行时自动装进 .venv。

PYTHON ?= python3
CONFIG ?= config.toml
JOBS   ?= 3
ARGS   ?=

VENV := .venv
PY   := $(VENV)/bin/python
PIP  := $(PY) -m pip install -q --disable-pip-version-check

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo install run test check format bench crash constraints clean

help: ## what there is / 看看能做什么
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo '  e.g. make demo ARGS="--port 8123"   make run CONFIG=town.toml   make test ARGS="tests/unit -x"'

demo: $(VENV)/.demo ## a small town in the browser / 在浏览器里看一个小镇
	@$(PY) -m bot demo $(ARGS)

install: $(VENV)/.run ## the command gridbridge, in .venv / 装好 gridbridge 命令
	@echo 'Now: . $(VENV)/bin/activate && gridbridge --help   # 接着：. $(VENV)/bin/activate'

run: $(VENV)/.run ## the real thing, with CONFIG=config.toml / 正式运行
	@$(PY) -m bot run --config $(CONFIG) $(ARGS)

test: $(VENV)/.dev ## all tests / 全部测试
	@$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev ## style and types / 代码风格和类型
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

format: $(VENV)/.dev ## put the code into its form / 整理代码格式
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(VENV)/.dev ## measure / 性能测量
	@$(PY) -m benchmarks $(ARGS)

crash: $(VENV)/.dev ## kill it and spoil everything around it, print what was lost / 弄坏试试，丢了什么列成表
	@$(PY) -m tests.crash $(ARGS)

constraints: ## take the newest versions into constraints.txt / 更新依赖版本
	@$(PYTHON) -m venv --clear build/constraints
	@build/constraints/bin/python -m pip install -q --disable-pip-version-check -e ".[dev]"
	@{ sed -n '/^#/p' constraints.txt; \
	   build/constraints/bin/python -m pip freeze --exclude-editable; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt && rm -rf build/constraints

clean: ## remove what make made; data and config stay / 清理，数据和配置不动
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find bot classifiers storage tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# A stamp says that .venv has what its targets need; it is made again when the lists change.
$(VENV)/.demo: EXTRAS :=
$(VENV)/.run:  EXTRAS := [postgres,speed]
$(VENV)/.dev:  EXTRAS := [dev]

$(VENV)/.demo $(VENV)/.run $(VENV)/.dev: pyproject.toml constraints.txt | $(PY)
	@echo 'First time or new versions: installing into $(VENV) ... / 正在安装，请稍等……'
	@$(PIP) -c constraints.txt -e ".$(EXTRAS)"
	@touch $@

$(PY):
	@command -v $(PYTHON) >/dev/null || { echo 'No $(PYTHON) here. gridbridge needs Python 3.11 or newer: make ... PYTHON=/path/to/python'; \
	  echo '找不到 $(PYTHON)，请先安装 Python 3.11 以上版本，或用 PYTHON=/路径 指定。'; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gridbridge needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make ... PYTHON=python3.12"; \
	  echo '需要 Python 3.11 以上版本，可用 PYTHON=python3.12 指定。'; exit 1; } >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo 'Python has no working venv module; on Debian and Ubuntu: apt-get install python3-venv'; exit 1; } >&2
