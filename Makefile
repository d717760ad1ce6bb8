# Candide's commands for those who build it. `make` builds, `make test` tests.

GO ?= go
BROWSERTEST := bot/web/browsertest

.PHONY: build test compiler check e2e chaos bench fuzz model model-check screenshots browser clean

build: ## one static binary, ./candide
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o candide ./cmd/candide

test: compiler browser ## every test, with the race detector
	$(GO) test -race ./...

# The race detector is linked by a C compiler.
compiler:
	@if ! command -v cc >/dev/null && ! command -v gcc >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gcc libc6-dev >/dev/null; \
		else echo "A C compiler is needed for the race detector: install gcc, or run “go test ./...”."; exit 1; fi; fi

# What the browser tests need. Without it they are skipped, and say so, unless CANDIDE_BROWSER=1.
browser:
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; fi
	@if [ ! -d $(BROWSERTEST)/node_modules/axe-core ] && command -v npm >/dev/null; then \
		cd $(BROWSERTEST) && npm ci --no-audit --no-fund --silent; fi
	@command -v chromium >/dev/null || echo "Chromium is not installed: the browser tests will be skipped."
	@[ -d $(BROWSERTEST)/node_modules/axe-core ] || echo "axe-core is not installed (npm is missing): the accessibility tests will be skipped."

check: ## formatting, vet, staticcheck, known vulnerabilities
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "gofmt these files:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	cd e2e && $(GO) vet ./...
	@out=$$($(GO) tool govulncheck ./... 2>&1); code=$$?; case "$$out" in \
		*"no such host"*|*"dial tcp"*|*"connection refused"*|*"fetching vulnerabilities"*|*"server misbehaving"*|*"i/o timeout"*) echo "govulncheck: its database cannot be reached from here, known vulnerabilities were not checked" ;; \
		*) echo "$$out"; exit $$code ;; esac

e2e: ## the same job on a real Mattermost server
	e2e/run.sh

chaos: ## the full chaos test: a hundred cuts and kills, restarts, a frozen server; a thousand questions at once; a quarter of an hour
	CANDIDE_CHAOS=full e2e/run.sh -run '^(TestChaos|TestOverload)$$' -v -timeout 40m

model: ## train the topic model from the corpus
	$(GO) run ./faq/topics/train

model-check: ## retrain and compare with the model in the repository
	$(GO) run ./faq/topics/train -check

fuzz: ## each fuzz test for ten seconds
	@for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep ^Fuzz); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$pkg || exit 1; done; done

bench: ## how well and how fast questions are understood, with the peers beside, then the Go benchmarks
	$(GO) run ./bench
	$(GO) test -run '^$$' -bench . -benchmem ./faq/... ./internal/dates ./storage/boltdb ./bot/...

screenshots: browser ## the README's pictures, from the running program
	CANDIDE_SCREENSHOTS=$(CURDIR)/docs/images $(GO) test -count=1 -run '^TestScreenshots$$' ./cmd/candide

clean:
	rm -rf candide e2e/.cache $(BROWSERTEST)/node_modules
