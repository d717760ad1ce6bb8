#!/usr/bin/env bash
# Runs the end-to-end tests from nothing: installs PostgreSQL where it may,
# builds the Mattermost server once, and tests. Arguments go to "go test".
# Leaves nothing behind but the built server in .cache.
set -euo pipefail
set -m # each background job gets a process group, so that it can be signalled whole
cd "$(dirname "$0")"

# Everything temporary goes below one folder, so that it is removed even when
# the tests are killed. PostgreSQL runs under another account than root and
# must be able to pass through it.
tmp=$(mktemp -d "${TMPDIR:-/tmp}/candide-e2e-run-XXXXXX")
chmod 711 "$tmp"
child=
clean() {
	trap - EXIT
	trap '' INT TERM HUP # the cleaning up is short: it is not interrupted
	if [ -n "$child" ]; then
		# An interrupt, not a termination: "go test" waits for the tests,
		# which stop what they started.
		kill -INT -- "-$child" 2>/dev/null || true
		(sleep 60 && kill -KILL -- "-$child") 2>/dev/null &
		watchdog=$!
		disown "$watchdog" # nothing is said about its end
		wait "$child" 2>/dev/null || true
		kill -KILL -- "-$watchdog" 2>/dev/null || true
	fi
	# A process that was just killed may still be writing.
	for _ in 1 2 3 4 5; do
		rm -rf "$tmp" 2>/dev/null && break
		sleep 1
	done
}
trap clean EXIT
trap 'clean; exit 130' INT
trap 'clean; exit 143' TERM HUP

# run waits for a command in the background: the shell would otherwise see a
# signal only once the command has ended.
run() {
	"$@" </dev/null &
	child=$!
	local status=0
	wait "$child" || status=$?
	child=
	return "$status"
}

have_postgres() {
	command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

if ! have_postgres; then
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "e2e: PostgreSQL is needed: install it (Debian: apt-get install postgresql; macOS: brew install postgresql)" >&2
		exit 3
	fi
	echo "e2e: installing PostgreSQL" >&2
	export DEBIAN_FRONTEND=noninteractive
	run apt-get update -qq
	# The tests start a cluster of their own. The package's default cluster
	# would be a service left running, so it is switched off first.
	run apt-get install -y -qq --no-install-recommends postgresql-common
	sed -ri 's/^#?(create_main_cluster)[ =].*/\1 = false/' /etc/postgresql-common/createcluster.conf
	run apt-get install -y -qq --no-install-recommends postgresql
fi

export TMPDIR="$tmp" CANDIDE_E2E=1
echo "e2e: building the Mattermost server, unless it is built already (minutes, the first time)" >&2
run nice go run ./cmd/buildserver >/dev/null
run go test -race -count=1 -timeout 20m "$@" ./...
