#!/bin/sh
# install-capabilities.sh HELPER GROUP: run by "meson install" with -Dhelper_capabilities=true. Gives the installed helper to
# root:GROUP, mode 0750, with the file capabilities it needs; where that can't be done it says which lines do it.
# Meson shows what a script says only where it fails, so without DESTDIR that is an error; all else is installed by then.
# CAP_PERFMON is Linux 5.8's: without it the tracepoints stay off.
helper=$DESTDIR$1 group=$2
all=cap_net_raw,cap_sys_ptrace,cap_dac_read_search,cap_perfmon=p
grant() { chown "root:$group" "$helper" && chmod 0750 "$helper" && { setcap "$all" "$helper" || setcap "${all%,cap_perfmon=p}=p" "$helper"; }; }

if getent group "$group" >/dev/null && [ "$(id -u)" = 0 ] && grant; then
  echo "portlight-helper: members of the group $group capture without a password"
  exit 0
fi
[ -z "$DESTDIR" ] || where=' (a package does this after it is unpacked)'
cat <<END
portlight-helper was installed without file capabilities${where:-}, so capturing asks for a password. As root:
  getent group $group || groupadd --system $group
  chown root:$group $1
  chmod 0750 $1
  setcap $all $1
  usermod --append --groups $group NAME
END
[ -n "$DESTDIR" ]
