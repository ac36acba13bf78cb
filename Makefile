# Go, make, git and bash are all that must be there; .ci/deps installs the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Pinned: a linter that changes by itself fails builds that did not change.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

CRASH_ROUNDS ?= 200
FUZZ_TIME    ?= 30s
SIM_RUNS     ?= 40

.PHONY: help demo build deps test check bench bench-edge bench-wasm bench-restock bench-journeys bench-send crash-matrix crash simulate soak fuzz plugins widget screenshots pictures

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
	go test -race -timeout 60m ./...
	go test -timeout 30m ./core/machine

check: ## hold the code to gofmt, go vet and .golangci.yml
	@unformatted=$$(find . -name '*.go' -not -path './widget/node_modules/*' -exec gofmt -l {} +); \
	if [[ -n $$unformatted ]]; then printf 'run gofmt -w on:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet ./...
	go run $(GOLANGCI) run ./...

bench: ## run the benchmarks of all packages, and bench-send
	go test -run '^$$' -bench . -benchmem -timeout 30m ./...
	@$(MAKE) --no-print-directory bench-send

bench-edge: ## captures beside the bare echo of the same POST and beside a sync per request, the widget beside nginx, as ratios
	go test ./edge -run TestLoad -load 10s -v | grep -vE '^(=== RUN|    --- )'

bench-wasm: deps ## one condition as a plugin in four languages, beside native Go, CEL, expr and Extism, as a table with ratios
	cd wasm/bench && go run .

bench-restock: ## one restock that 10^4 to 10^7 contacts wait for, with a condition plugin, as a table (the largest takes 10 GB of disk and 10 minutes)
	go test ./core/e2e -run 'TestFanOut$$' -fanout.contacts 10000,100000,1000000,10000000 -v -timeout 60m | grep -E '^ *\||FAIL|_test.go|panic'
	go test ./core/machine -run '^$$' -bench Expand -benchtime 100000x | grep -E 'Expand|FAIL|panic'

bench-journeys: ## journeys moved by the engine alone, filters evaluated, and a million contacts woken from one delay
	go test ./core/journey -run '^$$' -bench Advance
	go test ./core/filter -run '^$$' -bench Holds
	go test ./core/machine -run '^$$' -bench WakeDelays/mail -benchtime 977x -wake.contacts 1000000 -timeout 30m

bench-send: ## mails through the node to an SMTP server on this machine, beside a bare loop of the same library, as rates and a ratio
	go test ./core/e2e -run 'TestSending$$' -send.contacts 5000 -send.lanes 4:0s,32:0s,4:20ms,64:20ms,256:20ms -v -timeout 10m | grep mails

crash-matrix: ## kill the core while a provider's call is at each stage, and count what came of its messages
	go test ./core/e2e -run 'TestCrashMatrix$$' -ledger.contacts 100 -v -timeout 10m | grep ledger_test

crash: ## kill nodes CRASH_ROUNDS times (200) and look for what was lost
	go test ./core/e2e -run TestCrash -crash.rounds $(CRASH_ROUNDS) -v -timeout 60m

simulate: ## live through SIM_RUNS shops (40) of 90 days each, whose webhooks are lost, doubled, late and reordered
	go test ./core/machine -run 'TestSimulation$$' -sim.runs $(SIM_RUNS) -sim.days 90 -v -timeout 60m

soak: ## ten million captures, the answer times of 100,000, and the network cut for minutes under load (10 to 15 minutes)
	go test ./edge -run 'TestSoak$$' -soak.captures 10000000 -v -timeout 30m
	go test ./edge -run 'TestAnswerTimes$$' -timing.requests 100000 -v
	go test ./core/e2e -run 'TestCut$$' -cut.for 40s -v -timeout 30m

fuzz: ## run each fuzz target for FUZZ_TIME (30s)
	@.ci/fuzz $(FUZZ_TIME)

plugins: deps ## build the example plugins anew, and measure them into plugins/examples/MEASURED.md
	go run . plugin build plugins/examples/*/
	{ printf '# Measured\n\nWritten by `make plugins`: the dearest fixture of each, on one core; fuel is the same everywhere.\n\n'; \
	  go run . plugin bench --markdown plugins/examples/*/; } > plugins/examples/MEASURED.new
	mv plugins/examples/MEASURED.new plugins/examples/MEASURED.md

widget: ## bundle widget/src to widget/dist anew
	go run ./widget/build

screenshots: deps ## write pictures of the widget's states to widget/test/screenshots
	go test ./widget/test -run TestScreenshots -screenshots "$(CURDIR)/widget/test/screenshots"

pictures: deps ## write pictures of the ready-made e-mails, light and dark, to core/template/pictures
	go test ./core/template -run 'TestPictures$$' -pictures "$(CURDIR)/core/template/pictures"
