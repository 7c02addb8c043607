# make run, make test: all a newcomer needs. Only Go, make and git are assumed.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X polyhealth/engine/cli.version=$(VERSION))

.PHONY: build run test check bench generate clean

build:
	go build -ldflags '$(LDFLAGS)' -o polyhealth .

run: build
	./polyhealth run checks.yaml

# Tests start the servers they need themselves, on loopback and in temporary
# folders; what is not installed they skip, and the last lines say what that was.
test:
	@./.ci/test $(TESTFLAGS)

# Everything that needs no server: fast, for every save.
check:
	go vet ./...
	go test -short ./...

bench:
	go test -run "^$$" -bench . -benchtime 1s -p 1 -timeout 3h ./...

generate:
	go generate ./...

clean:
	rm -f polyhealth polyhealth.db polyhealth.db-wal polyhealth.db-shm polyhealth.db.lock admin.sock
