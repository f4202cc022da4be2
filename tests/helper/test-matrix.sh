#!/bin/bash
# The privilege matrix: what an ordinary user sees of another user's process, and what is said, with each way to have rights. TAP.
# Arguments: portlight-report, the helper, the polkit policy of this build.
set -u
report=$1 helper=$2 policy=$3 here=$(cd "$(dirname "$0")" && pwd) user=daemon
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip_all 'needs root, to become another user and to run a bus of its own'
for tool in unshare dbus-daemon pkexec setpriv python3; do command -v $tool >/dev/null || skip_all "$tool is not installed"; done
id $user >/dev/null 2>&1 || skip_all "there is no user $user"
if [ "${OWN_NET:-}" != 1 ]; then
  unshare -mn true 2>/dev/null || skip_all 'mount and network namespaces cannot be made here'
  OWN_NET=1 exec unshare -n "$0" "$@"
fi
ip link set lo up
work=$(mktemp -d) || exit 1
talker=
trap '[ -z "$talker" ] || kill $talker; rm -rf "$work"' EXIT
chmod 755 "$work"
install -m 755 "$helper" "$work/portlight-helper"
mkdir "$work/actions" "$work/rules"
sed "s|<annotate key=\"org.freedesktop.policykit.exec.path\">.*<|<annotate key=\"org.freedesktop.policykit.exec.path\">$work/portlight-helper<|" \
  "$policy" >"$work/actions/io.github.portlight.portlight.policy"
echo "polkit.addRule(function (action, subject) { if (action.id == 'io.github.portlight.portlight.capture' && subject.user == '$user') return polkit.Result.YES; });" \
  >"$work/rules/10-test.rules"
cat >"$work/talk.py" <<'END'
import socket, time
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(('127.0.0.1', 4040))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.connect(receiver.getsockname())
while True:
    sender.send(b'x')
    receiver.recv(9)
    time.sleep(0.02)
END
chmod -R a+rX "$work"
# Root's own, and without a starter script: of a program of others that has had children the descriptors' flags cannot be read, so
# that a child may have sent, and its name is likely only.
python=$(python3 -c 'import sys; print(sys.executable)')
"$python" "$work/talk.py" &
talker=$!
for _ in $(seq 200); do grep -q ':0FC8 ' /proc/self/net/udp && break; sleep 0.05; done # 4040
n=0
is() { # NAME OUTPUT PATTERN... (!PATTERN: no line matches)
  local name=$1 output=$2 pattern
  n=$((n + 1)); shift 2
  for pattern; do
    if [ "${pattern#!}" != "$pattern" ] && grep -qE "${pattern#!}" <<<"$output" || { [ "${pattern#!}" = "$pattern" ] && ! grep -qE "$pattern" <<<"$output"; }; then
      echo "not ok $n - $name"; echo "# not as expected: $pattern"; sed 's/^/# /' <<<"$output"; return
    fi
  done
  echo "ok $n - $name"
}
as_user=(setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all env PORTLIGHT_HELPER="$work/portlight-helper" LC_ALL=C.UTF-8)
watch=("$report" -i lo -d 2 --format jsonl)
named="\"remote\":\\{\"addr\":\"127.0.0.1\",\"port\":4040.*\"packets\":[1-9].*\"app\":\\{\"name\":\"talk.py\",\"pid\":$talker,.*\"uid\":0,\"confidence\":\"exact\".*\"remote_app\":\\{\"name\":\"talk.py\",\"pid\":$talker,"

is 'no right, nobody to give one: the reason and a way' \
  "$("${as_user[@]}" DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "${watch[@]}" 2>&1; echo "status $?")" \
  'Packets cannot be captured: polkit, which asks for the password, does not run' "sudo $work/portlight-helper" '^status 1$' '!"pid"'
is 'no right: the sockets of all, the uid, and no pid that is guessed' "$("${as_user[@]}" "$report" -s -d 2 --format jsonl 2>&1)" \
  '"port":4040.*"socket_uid":0' '!"pid":' '"packets":null'
is 'pkexec and polkitd: packets, and whose they are' \
  "$("$here/private-bus.sh" "$work/rules" "$work/actions" "${as_user[@]}" "${watch[@]}" 2>&1)" "$named"
is 'pkexec for another user of the same machine: refused' \
  "$("$here/private-bus.sh" "$work/rules" "$work/actions" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all env \
    PORTLIGHT_HELPER="$work/portlight-helper" LC_ALL=C.UTF-8 "${watch[@]}" 2>&1)" 'Packets cannot be captured: .*agent is missing' '!"pid"'
if setcap cap_net_raw,cap_sys_ptrace,cap_dac_read_search=p "$work/portlight-helper" 2>/dev/null; then
  is 'file capabilities: the same without a prompt' \
    "$("${as_user[@]}" DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "${watch[@]}" 2>&1)" "$named"
  setcap cap_net_raw=p "$work/portlight-helper"
  is 'the capability to capture alone: packets, and no pid that is guessed' \
    "$("${as_user[@]}" DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere "${watch[@]}" 2>&1)" '"port":4040.*"packets":[1-9].*"socket_uid":0' '!"pid":'
  setcap -r "$work/portlight-helper"
else
  for name in 'file capabilities' 'the capability to capture alone'; do n=$((n + 1)); echo "ok $n - $name # SKIP setcap does not work here"; done
fi
if "${as_user[@]}" unshare -U -r -p --fork --mount-proc true 2>/dev/null; then
  inside=("${as_user[@]}" unshare -U -r -p --fork --mount-proc)
  is 'root of a user and pid namespace: it may not, and why' "$("${inside[@]}" "${watch[@]}" 2>&1; echo "status $?")" \
    'no right to capture here, as in a container' '^status 1$'
  is 'root of such a namespace: sockets, and no pid of another namespace' "$("${inside[@]}" "$report" -s -d 2 --format jsonl 2>&1)" \
    '"port":4040' '!"pid":'
else
  for name in 'root of a user and pid namespace' 'root of such a namespace'; do n=$((n + 1)); echo "ok $n - $name # SKIP user namespaces cannot be made here"; done
fi
if command -v tshark >/dev/null; then
  is 'the helper alone, piped into tshark' \
    "$("$work/portlight-helper" -i lo </dev/null 2>&1 | timeout 20 tshark -n -i - -c 10 -T fields -e frame.protocols -e udp.dstport 2>&1)" \
    '^sll:ethertype:ip:udp.*4040$'
else
  n=$((n + 1)); echo "ok $n - the helper alone, piped into tshark # SKIP tshark is not installed"
fi
echo "1..$n"
