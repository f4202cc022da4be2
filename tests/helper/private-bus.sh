#!/bin/bash
# private-bus.sh [--no-polkit] RULES ACTIONS CMD...
# Runs CMD in a mount namespace of its own with its own system bus and polkitd, which know the rules in the folder RULES
# and, besides the machine's actions, those in the folder ACTIONS. Nothing of the machine's is touched. CMD starts as root and has polkitd's number in POLKITD.
set -u
polkit=1
[ "$1" = --no-polkit ] && { polkit=0; shift; }
export polkit RULES=$1 ACTIONS=$2; shift 2
exec unshare -m --propagation private bash -c '
set -eu
work=$(mktemp -d); pids=
stop() { for pid in $pids; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done; rm -rf "$work"; }
trap "stop || true" EXIT
mkdir "$work/actions"
cp /usr/share/polkit-1/actions/* "$ACTIONS"/* "$work/actions/"
chmod -R a+rX "$work"
mount --bind "$work/actions" /usr/share/polkit-1/actions
mount --bind "$RULES" /etc/polkit-1/rules.d
mkdir -p /run/dbus
mount -t tmpfs -o mode=755 tmpfs /run/dbus
wait_for() { for _ in $(seq 100); do "$@" 2>/dev/null && return; sleep 0.05; done; echo "gave up: $*" >&2; exit 77; }
if [ "$polkit" = 1 ]; then
  dbus-daemon --system --nofork --nopidfile --nosyslog >/dev/null 2>&1 & pids=$!
  wait_for test -S /run/dbus/system_bus_socket
  for daemon in /usr/lib/polkit-1/polkitd /usr/libexec/polkit-1/polkitd /usr/lib/policykit-1/polkitd /usr/libexec/polkitd; do
    [ -x "$daemon" ] && break
  done
  env -u G_DEBUG "$daemon" >"$work/log" 2>&1 & export POLKITD=$!; pids="$! $pids"
  wait_for dbus-send --system --print-reply \
    --dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.GetNameOwner string:org.freedesktop.PolicyKit1 >"$work/owner"
fi
"$@"' private-bus "$@"
