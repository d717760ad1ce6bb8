#!/bin/sh
# Runs the end-to-end tests from nothing: installs PostgreSQL where it may,
# builds the Mattermost server once, and tests. Arguments go to "go test".
# Leaves nothing behind but the built server in .cache.
set -eu
cd "$(dirname "$0")"

# Everything temporary goes below one folder, so that it is removed even when
# the tests are killed. PostgreSQL runs under another account than root and
# must be able to pass through it.
tmp=$(mktemp -d "${TMPDIR:-/tmp}/candide-e2e-run-XXXXXX")
chmod 711 "$tmp"
child=
clean() {
	trap - EXIT INT TERM HUP
	if [ -n "$child" ]; then
		kill -TERM "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
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
	"$@" &
	child=$!
	status=0
	wait "$child" || status=$?
	child=
	return "$status"
}

if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
		echo "e2e: installing PostgreSQL" >&2
		# The tests start a cluster of their own: no service is wanted.
		mkdir -p /etc/postgresql-common
		[ -e /etc/postgresql-common/createcluster.conf ] ||
			echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
		run apt-get update -qq
		run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
	else
		echo "e2e: PostgreSQL is needed: install it (Debian: apt-get install postgresql; macOS: brew install postgresql)" >&2
		exit 3
	fi
fi

export TMPDIR="$tmp" CANDIDE_E2E=1
run nice go build -o "$tmp/buildserver" ./cmd/buildserver
echo "e2e: building the Mattermost server, unless it is built already (minutes, the first time)" >&2
run nice "$tmp/buildserver" >/dev/null

# The test binary is compiled first and run directly, so that a signal
# reaches it and not only the go command.
run go test -race -count=1 -timeout 20m "$@" ./...
