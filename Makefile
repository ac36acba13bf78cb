# Go, make, git and bash are all that must be there; .ci/deps installs the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Pinned: a linter that changes by itself fails builds that did not change.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

CRASH_ROUNDS ?= 200
FUZZ_TIME    ?= 30s

.PHONY: help demo build deps test check bench bench-edge crash fuzz plugins widget screenshots

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: ## run everything in one process, with a sample shop and a captured inbox
	go run . demo

build: ## build bin/restock
	go build -trimpath -ldflags "-s -w" -o bin/restock .

deps: ## install what the tests need beside Go (Debian, as root)
	@.ci/deps

test: deps ## vet and test everything, with the race detector
	go vet ./...
	go test -race -timeout 30m ./...

check: ## hold the code to gofmt, go vet and .golangci.yml
	@unformatted=$$(find . -name '*.go' -not -path './widget/node_modules/*' -exec gofmt -l {} +); \
	if [[ -n $$unformatted ]]; then printf 'run gofmt -w on:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet ./...
	go run $(GOLANGCI) run ./...

bench: ## run the benchmarks of all packages
	go test -run '^$$' -bench . -benchmem -timeout 30m ./...

bench-edge: ## captures beside the bare echo of the same POST and beside a sync per request, as ratios (by wrk where it is)
	go test ./edge -run TestLoad -load 10s -v | grep -vE '^(=== RUN|    --- )'

crash: ## kill nodes CRASH_ROUNDS times (200) and look for what was lost
	go test ./core/e2e -run TestCrash -crash.rounds $(CRASH_ROUNDS) -v -timeout 60m

fuzz: ## run each fuzz target for FUZZ_TIME (30s)
	@.ci/fuzz $(FUZZ_TIME)

plugins: ## build the example plugins anew
	@for folder in plugins/examples/*/; do \
		echo "go run . plugin build $${folder%/}"; \
		go run . plugin build "$${folder%/}"; \
	done

widget: ## bundle widget/src to widget/dist anew
	go run ./widget/build

screenshots: deps ## write pictures of the widget's states to widget/test/screenshots
	go test ./widget/test -run TestScreenshots -screenshots "$(CURDIR)/widget/test/screenshots"
