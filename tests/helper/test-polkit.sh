#!/bin/bash
# The client with the real pkexec and a real polkitd on a bus of its own, as an ordinary user: TAP.
# Arguments: the start-client program, the helper, the polkit policy of this build.
set -u
client=$1 helper=$2 policy=$3 here=$(cd "$(dirname "$0")" && pwd)
user=daemon
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip_all 'needs root, to become another user and to run a bus of its own'
for tool in unshare dbus-daemon pkexec setpriv; do command -v $tool >/dev/null || skip_all "$tool is not installed"; done
id $user >/dev/null 2>&1 || skip_all "there is no user $user"
unshare -m true 2>/dev/null || skip_all 'mount namespaces cannot be made here'
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
install -m 755 "$helper" "$work/portlight-helper"
mkdir "$work/actions" "$work/no-actions" "$work/other" "$work/older" "$work/yes" "$work/no" "$work/no-general" "$work/ask"
cp "$policy" "$work/older"
cp "$policy" "$work/no-actions/another.policy" # of a helper at another path
sed 's|<action id=".*"|<action id="org.example.other"|' "$policy" >"$work/other/other.policy"
sed "s|<annotate key=\"org.freedesktop.policykit.exec.path\">.*<|<annotate key=\"org.freedesktop.policykit.exec.path\">$work/portlight-helper<|" \
  "$policy" >"$work/actions/io.github.portlight.portlight.policy"
rule() { printf 'polkit.addRule(function (action, subject) { if (action.id == "%s" && subject.user == "%s") return polkit.Result.%s; });\n' "$1" $user "$2"; }
rule io.github.portlight.portlight.capture YES >"$work/yes/10-test.rules"
rule io.github.portlight.portlight.capture NO >"$work/no/10-test.rules"
rule org.freedesktop.policykit.exec NO >"$work/no-general/10-test.rules"
chmod -R a+rX "$work"
run_client() { # RULES ACTIONS AGENT [BEFORE...]: what root does before, in the same namespace
  "$here/private-bus.sh" "$work/$1" "$work/$2" "${@:4}" setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all \
    env PORTLIGHT_HELPER="$work/portlight-helper" SHELL=/no/such/shell LC_ALL=C.UTF-8 "$client" "$3" 2>&1
}
n=0
is() { # NAME OUTPUT PATTERN...
  local name=$1 output=$2 pattern
  n=$((n + 1)); shift 2
  for pattern; do
    if ! grep -qE "$pattern" <<<"$output"; then
      echo "not ok $n - $name"; echo "# no line matches: $pattern"; sed 's/^/# /' <<<"$output"; return
    fi
  done
  echo "ok $n - $name"
}
uid=$(id -u $user)
is 'a rule allows: it captures, as the user, without rights' "$(run_client yes actions no-agent)" '^will ask: yes$' '^captures$' \
  "^Uid: $uid $uid $uid $uid\$" '^Gid: 65534 65534 65534 65534$' '^Groups: *$' '^CapEff: 0+$' '^CapPrm: 0+$' '^CapBnd: 0+$' \
  '^its end was seen$'
by_rule="^error: pl-helper-client-error-quark 13: .*do not let this user capture\. A password does not help\. Ask the administrator, or let them run: sudo $work/portlight-helper \\| portlight -\$"
by_password='^error: pl-helper-client-error-quark 15: .*the password was not accepted\.'
is 'a rule refuses' "$(run_client no actions no-agent)" "$by_rule" '^its end was seen$'
is 'a rule refuses, and polkitd takes its time' "$(run_client no actions no-agent sh -c \
  'kill -STOP $POLKITD; ((sleep 2; kill -CONT $POLKITD) &); exec "$@"' late 2>&1)" "$by_rule" '^its end was seen$'
is 'a wrong password, sooner than anybody types' "$(run_client ask actions give-up)" \
  '^asked: io.github.portlight.portlight.capture;' "$by_password" '^its end was seen$'
is 'a rule of the general action refuses' "$(run_client no-general no-actions no-agent)" \
  '^error: pl-helper-client-error-quark 13: .*do not let this user capture\. If a password was asked for all the same, it was wrong'
hide() { run_client "$1" actions "$2" sh -c 'mount --bind /dev/null "$(command -v pkcheck)"; exec "$@"' hide; }
both='^error: pl-helper-client-error-quark 3: .*either the password was wrong, or the rules of this computer \(polkit\) do not let this user capture; neither'
is 'no pkcheck: a rule refuses' "$(hide no no-agent)" "$both" '^its end was seen$'
is 'no pkcheck: a wrong password' "$(hide ask give-up)" '^asked: ' "$both" '^its end was seen$'
is 'nobody can ask' "$(run_client ask actions no-agent)" \
  "^error: pl-helper-client-error-quark 7: .*a polkit agent is missing.*run: sudo $work/portlight-helper \\| portlight -\$"
is 'the prompt is closed; it says our words with our icon' "$(run_client ask actions dismiss)" \
  '^foretold: io.github.portlight.portlight.capture$' '^asked: io.github.portlight.portlight.capture; icon io.github.portlight.portlight; Portlight wants to see which app talks to whom' \
  '^error: pl-helper-client-error-quark 2: The password prompt was closed'
if command -v pkttyagent >/dev/null && su=$(command -v /usr/lib/polkit-1/polkit-agent-helper-1) && [ -u "$su" ]; then
  is 'a wrong password, typed at the real agent in a terminal' "$("$here/private-bus.sh" "$work/ask" "$work/actions" setpriv --reuid=$user \
    --regid=$user --clear-groups --inh-caps=-all env PORTLIGHT_HELPER="$work/portlight-helper" LC_ALL=C.UTF-8 \
    /usr/bin/python3 "$here/wrong-password.py" "$client" 2>&1)" 'AUTHENTICATING FOR io.github.portlight.portlight.capture' \
    'Portlight wants to see which app talks to whom' "$by_password"
else
  n=$((n + 1)); echo "ok $n - a wrong password # SKIP there is no pkttyagent, or no way for it to ask PAM"
fi
is 'cancelled while it asks' "$(run_client ask actions hang)" '^asked: ' '^error: g-io-error-quark 19: ' '^its end was seen$' \
  '^its prompt was withdrawn$'
is 'without our policy the general action asks' "$(run_client yes no-actions dismiss)" '^asked: org.freedesktop.policykit.exec;' \
  '^error: pl-helper-client-error-quark 2: '
# Installed below /usr/local, as meson does unless told otherwise: polkit has looked there since 126, before /usr/share.
run_below_local() { # ACTIONS, of /usr/share
  unshare -m --propagation private sh -c 'mkdir -p /usr/local/share && mount -t tmpfs tmpfs /usr/local/share &&
    mkdir -p /usr/local/share/polkit-1/actions && cp "$0"/* /usr/local/share/polkit-1/actions && exec "$@"' "$work/actions" \
    "$here/private-bus.sh" "$work/ask" "$work/$1" setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all \
    env PORTLIGHT_HELPER="$work/portlight-helper" LC_ALL=C.UTF-8 "$client" dismiss 2>&1
}
for other in 'other:below /usr/local, too, the words are foretold that come' 'older:and where another version has its policy in /usr/share'; do
  output=$(run_below_local "${other%%:*}")
  is "${other#*:}" "$output" "^asked: $(sed -n 's/^foretold: //p' <<<"$output");" '^error: pl-helper-client-error-quark 2: '
done
is 'no bus, no polkit' "$("$here/private-bus.sh" --no-polkit "$work/yes" "$work/actions" setpriv --reuid=$user --regid=$user \
  --clear-groups env PORTLIGHT_HELPER="$work/portlight-helper" LC_ALL=C.UTF-8 "$client" no-agent 2>&1)" \
  '^error: pl-helper-client-error-quark 8: .*polkit, which asks for the password, does not run'
# pkexec is told apart from what keeps it from becoming root; what the window says to type (ui/words/failure-words.c) is typed.
mkdir "$work/away"
cp "$(command -v pkexec)" "$work/away/pkexec" && chmod 755 "$work/away/pkexec"
mark='chmod u+s "$(command -v pkexec)"' disk='"$(findmnt -fno TARGET --target "$(command -v pkexec)")"'
without_setuid='mount --bind "$0/away/pkexec" "$(command -v pkexec)"'
mended() { # BEFORE MEND: the client before and after the line, by root in the same namespace
  run_client yes actions no-agent sh -c "set -e; $1; \"\$@\"; $2; echo mended; exec \"\$@\"" "$work"
}
is 'pkexec is not setuid: the line makes it so' "$(mended "$without_setuid" "$mark")" \
  '^error: pl-helper-client-error-quark 16: .*not marked for that \(setuid\)\. Mark it' '^mended$' '^captures$'
chmod 755 "$work/away/pkexec"
is 'the same on a disk that is read-only' "$(mended "$without_setuid; mount -o remount,bind,ro $disk; ! ($mark) 2>/dev/null" "mount -o remount,rw $disk && $mark")" \
  '^error: pl-helper-client-error-quark 18: .*its disk is mounted read-only' '^mended$' '^captures$'
chmod 755 "$work/away/pkexec"
is 'the same where the whole file system is' "$(mended 'mount -t tmpfs tmpfs "$0/older" && cp "$0/away/pkexec" "$0/older" &&
  mount -o remount,ro "$0/older" && mount --bind "$0/older/pkexec" "$(command -v pkexec)"' "mount -o remount,rw $disk && $mark")" \
  '^error: pl-helper-client-error-quark 18: ' '^mended$' '^captures$'
is 'pkexec is on a “nosuid” disk, mounted over another' "$(mended 'at=$(dirname "$(command -v pkexec)"); mount --bind "$at" "$at" && mount --bind "$at" "$at" && mount -o remount,bind,nosuid "$at"' "mount -o remount,bind,suid $disk")" \
  '^error: pl-helper-client-error-quark 19: .*its disk is mounted with .+nosuid' '^mended$' '^captures$'
without_findmnt='mount --bind /dev/null "$(command -v findmnt)"'
is 'the same without findmnt' "$(run_client yes actions no-agent sh -c 'at=$(dirname "$(command -v pkexec)"); mount --bind "$at" "$at" && '"$without_findmnt"' &&
  mount -o remount,bind,nosuid "$at" && exec "$@"' sh)" '^error: pl-helper-client-error-quark 19: '
is 'the same where only its folder can be read' "$(run_client yes actions no-agent sh -c "$without_findmnt"' && mount -t tmpfs -o nosuid,mode=755 tmpfs "$0/older" &&
  cp "$0/away/pkexec" "$0/older" && chmod 4711 "$0/older/pkexec" && PATH=$0/older:$PATH && exec "$@"' "$work")" '^error: pl-helper-client-error-quark 19: '
is 'what started it lets no program gain rights' "$(run_client yes actions no-agent setpriv --no-new-privs)" \
  "^error: pl-helper-client-error-quark 20: .*\\(no_new_privs, or a container\\)\\. Start it from elsewhere, or run there: sudo $work/" '^its end was seen$'
# The helper's own disk: pkexec starts nothing that lies on a “noexec” one.
noexec='mount --bind "$0" "$0" && mount --bind "$0" "$0" && mount -o remount,bind,noexec "$0"'
where='"$(findmnt -fno TARGET --target "$0/portlight-helper")"'
is 'the helper is on a “noexec” disk, mounted over another' "$(mended "$noexec" "mount -o remount,bind,exec $where")" \
  '^error: pl-helper-client-error-quark 9: .*mounted with .+noexec' '^mended$' '^captures$'
# A folder that its user alone may look into, as FUSE mounts it; a home on another computer keeps root out likewise.
if command -v rofiles-fuse >/dev/null && [ -c /dev/fuse ]; then
  mkdir "$work/general" "$work/shown" "$work/hidden" && install -m 755 "$helper" "$work/shown/portlight-helper"
  rule org.freedesktop.policykit.exec YES >"$work/general/10-test.rules" && chown $user "$work/shown" "$work/hidden"
  is 'the helper is where root cannot look' "$("$here/private-bus.sh" "$work/general" "$work/no-actions" setpriv --reuid=$user --regid=$user \
    --clear-groups --inh-caps=-all env PORTLIGHT_HELPER="$work/hidden/portlight-helper" LC_ALL=C.UTF-8 \
    sh -c 'rofiles-fuse "$0/shown" "$0/hidden" || exit; "$@"; fusermount -u "$0/hidden"' "$work" "$client" no-agent 2>&1)" \
    "^error: pl-helper-client-error-quark 9: .*root cannot run $work/hidden/portlight-helper, though you can"
else
  n=$((n + 1)); echo "ok $n - the helper is where root cannot look # SKIP there is no rofiles-fuse, or no FUSE"
fi
if setcap cap_chown=ep "$work/portlight-helper" 2>/dev/null; then
  is 'capabilities that do not suffice: pkexec after all' "$(run_client yes actions no-agent)" '^will ask: no$' '^captures$' "^Uid: $uid "
  setcap cap_net_raw=ep "$work/portlight-helper"
  is 'capabilities that suffice: no pkexec' "$(run_client no actions no-agent)" '^will ask: no$' '^captures$' "^Uid: $uid " \
    "^Gid: $(id -g $user) " '^CapEff: 0+$' '^CapPrm: 0+$'
else
  for name in 'capabilities that do not suffice' 'capabilities that suffice'; do n=$((n + 1)); echo "ok $n - $name # SKIP setcap does not work here"; done
fi
echo "1..$n"
