#!/bin/sh
# What portlight says where there is no window to say it in. TAP. PORTLIGHT: the program.
unset DISPLAY WAYLAND_DISPLAY GDK_BACKEND DBUS_SESSION_BUS_ADDRESS
n=0
check() { # NAME STATUS PATTERN-OF-OUTPUT ARGUMENT…
  name=$1 status=$2 pattern=$3; shift 3
  n=$((n + 1))
  output=$("$PORTLIGHT" "$@" 2>&1 </dev/null); got=$?
  if [ $got = "$status" ] && printf '%s\n' "$output" | grep -qE -e "$pattern"; then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name: status $got, said:"
    printf '%s\n' "$output" | sed 's/^/# /'
  fi
}
check 'the version' 0 '^portlight [0-9]+\.[0-9]+' --version
check 'help names the options' 0 '--interface=IFACE' --help
check 'an unknown option is an error' 1 '^Unknown option --nonsense$' --nonsense
check 'without a display it names portlight-report' 2 '^portlight: .*display.*portlight-report'
check 'with a file, too' 2 '^portlight: .*portlight-report' /nonexistent.pcap
n=$((n + 1))
lines=$("$PORTLIGHT" 2>&1 </dev/null | wc -l)
[ "$lines" = 1 ] && echo "ok $n - in one line" || echo "not ok $n - in $lines lines"
n=$((n + 1))
if DISPLAY=:4711 "$PORTLIGHT" 2>&1 </dev/null | grep -q '^portlight: The display cannot be reached'; then
  echo "ok $n - a display that is not there"
else
  echo "not ok $n - a display that is not there"
fi
echo "1..$n"
