#!/bin/bash
# run-polkit-window.sh HELPER POLICY TEST.py: runs a window test as an ordinary user, with the real pkexec and a real polkitd on a
# bus of its own that lets this user start this helper. In a network namespace, so that no other traffic is in the picture.
# PORTLIGHT: the program.
set -u
helper=$1 policy=$2 test=$3 here=$(cd "$(dirname "$0")" && pwd) user=daemon
skip() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip 'needs root, to become another user and to run a bus of its own'
for tool in unshare dbus-daemon pkexec setpriv; do command -v $tool >/dev/null || skip "$tool is not installed"; done
id $user >/dev/null 2>&1 || skip "there is no user $user"
unshare -mn true 2>/dev/null || skip 'mount and network namespaces cannot be made here'
as_user=(setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all)
"${as_user[@]}" test -x "$PORTLIGHT" -a -r "$test" 2>/dev/null || skip 'nobody but root can read this build'
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
install -m 755 "$helper" "$work/portlight-helper"
mkdir "$work/actions" "$work/rules"
sed "s|<annotate key=\"org.freedesktop.policykit.exec.path\">.*<|<annotate key=\"org.freedesktop.policykit.exec.path\">$work/portlight-helper<|" \
  "$policy" >"$work/actions/io.github.portlight.portlight.policy"
cat >"$work/rules/10-test.rules" <<END
polkit.addRule(function (action, subject) {
  if (action.id == "io.github.portlight.portlight.capture" && subject.user == "$user") return polkit.Result.YES;
});
END
chmod -R a+rX "$work"
unshare -n "$here/../helper/private-bus.sh" "$work/rules" "$work/actions" sh -c 'ip link set lo up; exec "$@"' sh \
  "${as_user[@]}" env PORTLIGHT_HELPER="$work/portlight-helper" LC_ALL=C.UTF-8 "$here/run-window-test.sh" "$test"
