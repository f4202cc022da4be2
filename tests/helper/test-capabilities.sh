#!/bin/bash
# What -Dhelper_capabilities=true installs, and what it gives to whom: TAP. In a mount namespace with a group file of its own.
# Arguments: the install script, the start-client program, the helper.
set -u
script=$1 client=$2 helper=$3 group=portlight
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip_all 'needs root, to give file capabilities and to be another user'
for tool in unshare setcap getcap setpriv; do command -v $tool >/dev/null || skip_all "$tool is not installed"; done
if [ "${OWN_MOUNTS:-}" != 1 ]; then
  unshare -m true 2>/dev/null || skip_all 'mount namespaces cannot be made here'
  OWN_MOUNTS=1 exec unshare -m --propagation private "$0" "$@"
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
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
install_it() { install -D -m 755 "$helper" "$work/root/libexec/portlight-helper"; DESTDIR=$work/root "$script" /libexec/portlight-helper $group 2>&1; }
as() { # GROUPS…: start-client as nobody in these groups, with nobody to ask
  setpriv --reuid=65534 --regid=65534 "$@" --inh-caps=-all env PORTLIGHT_HELPER="$work/root/libexec/portlight-helper" \
    DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere LC_ALL=C.UTF-8 "$client" no-agent 2>&1
}
grep -v "^$group:" /etc/group >"$work/group"
mount --bind "$work/group" /etc/group || skip_all 'no file can be mounted over another here'
is 'without the group it says what to do' "$(install_it; stat -c '%a %U:%G' "$work/root/libexec/portlight-helper")" \
  "groupadd --system $group" '^  chown root:portlight /libexec/portlight-helper$' '^  chmod 0750 ' \
  '^  setcap cap_net_raw,cap_sys_ptrace,cap_dac_read_search,cap_perfmon=p /libexec/portlight-helper$' '^755 root:root$'
echo "$group:x:61234:" >>"$work/group"
said=$(install_it)
getcap "$work/root/libexec/portlight-helper" | grep -q . || skip_all "no file capabilities on $work: $said"
is 'with the group it is root:portlight, 0750, with the capabilities' \
  "$said $(stat -c '%a %U:%G' "$work/root/libexec/portlight-helper") $(getcap "$work/root/libexec/portlight-helper")" \
  'members of the group portlight capture without a password 750 root:portlight .*cap_net_raw.*=p$' 'cap_dac_read_search.*cap_sys_ptrace|cap_sys_ptrace.*cap_dac_read_search'
is 'a member captures without a prompt, and the helper keeps nothing' "$(as --groups=61234)" '^will ask: no$' '^captures$' \
  '^Uid: 65534 65534 65534 65534$' '^CapEff: 0+$' '^CapPrm: 0+$' '^its end was seen$'
is 'anybody else is asked' "$(as --clear-groups)" '^will ask: yes$' '^error: pl-helper-client-error-quark '
# Like a member, but no capability can be had: in a container without them.
is 'a member without the right to have them' "$(as --groups=61234 --bounding-set=-net_raw)" '^error: pl-helper-client-error-quark '
echo "1..$n"
