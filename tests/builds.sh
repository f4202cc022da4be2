#!/bin/bash
# tests/builds.sh [--only-build] [SUITE…] (./tests/run builds): builds the whole tree with gcc and with clang on other Debian
# releases (trixie and sid unless named), where a warning is an error, and runs there all tests that a change root can. Root.
#
# Each release is a root of its own in ${PL_DEBIAN_ROOTS:-${XDG_CACHE_HOME:-~/.cache}/portlight-tests/debian}, made with mmdebstrap
# once (about 2 GB and ten minutes each) and brought up to date at every run. Mounts are made in a namespace that ends with the run.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
roots=${PL_DEBIAN_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/portlight-tests/debian}
out=$root/build-debian
skip_all() { echo "skipped: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }

if [ "${1-}" = inside ]; then # SUITE's-ROOT COMMAND: already in namespaces of our own
  top=$2; shift 2
  # A mount of its own and no change root: tests change how / is mounted, and in a change root the kernel makes no user namespace.
  mount --bind "$top" "$top" && mount -t proc proc "$top/proc" && mount --rbind /sys "$top/sys" && mount --rbind /dev "$top/dev" &&
    mount -t tmpfs tmpfs "$top/run" && mount -t tmpfs -o mode=1777 tmpfs "$top/tmp" &&
    mkdir -p "$top/src" "$top/build" && mount --bind -o ro "$root" "$top/src" && mount --bind "$out" "$top/build" || exit 1
  rm -f "$top/etc/resolv.conf" && cp -L /etc/resolv.conf "$top/etc/resolv.conf"
  cd "$top" && pivot_root . . && umount -l . && cd / || exit 1
  # Not in place of this shell, which is process 1 in here: it reaps orphans, and a program that is 1's child passes for a service.
  /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
  exit
fi

[ "$(id -u)" = 0 ] || skip_all 'needs root, to make and enter a root of another release'
unshare --mount --pid --fork true 2>/dev/null || skip_all 'namespaces cannot be made here'
only_build=0
[ "${1-}" = --only-build ] && { only_build=1; shift; }
[ $# -gt 0 ] || set -- trixie sid
mkdir -p "$roots" "$out"
mirror=${MIRROR:-$(awk '/^URIs:.*debian/ {print $2; exit} /^deb / {for (i = 2; i <= NF; i++) if ($i ~ /^http.*debian/) {print $i; exit}}' \
  /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null)}
within() { # SUITE COMMAND…
  local top=$roots/$1; shift
  unshare --mount --pid --fork --kill-child --propagation private "$0" inside "$top" "$@"
}
passed=0 failed=0
is() { # NAME STATUS LOG
  if [ "$2" = 0 ]; then passed=$((passed + 1)); echo "ok - $1"
  else failed=$((failed + 1)); echo "not ok - $1 (see $3)"; grep -E -A6 'error|FAILED' "$3" | head -n 40 | sed 's/^/# /'; fi
}

logs=()
for suite; do
  log=$out/$suite.log
  if [ ! -e "$roots/$suite/etc/os-release" ]; then
    command -v mmdebstrap >/dev/null || skip_all 'mmdebstrap is not installed'
    [ -n "$mirror" ] || skip_all 'no Debian mirror in /etc/apt: set MIRROR'
    echo "== making $roots/$suite: $(date +%T)"
    # A mirror that lags behind has lists of unstable that are past their date.
    mmdebstrap --variant=apt --mode=root --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
      --include=mount "$suite" "$roots/$suite.new" "$mirror" >"$log" 2>&1 || { is "$suite can be had" 1 "$log"; continue; }
    mv "$roots/$suite.new" "$roots/$suite"
  fi
  echo "== bringing $suite up to date: $(date +%T)"
  within "$suite" sh -c 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Options::=--force-confold upgrade >/dev/null &&
    . /src/app/packages.sh && need_packages tests 1' >"$log" 2>&1
  is "$suite has the packages that app/packages.sh names" $? "$log"
  for compiler in gcc clang; do
    # gcc's optimizer warns too; what clang has to say it says before, so that it need not optimize.
    type=debugoptimized
    [ $compiler = gcc ] || type=debug
    dir=$suite-$compiler
    echo "== building $dir: $(date +%T)"
    within "$suite" sh -c "pkg-config --modversion gtk4; $compiler --version; cd /src && export CC=$compiler &&
      { [ -f /build/$dir/build.ninja ] || meson setup /build/$dir -Dwerror=true -Dbuildtype=$type; } && ninja -C /build/$dir" >"$out/$dir.log" 2>&1
    status=$?
    is "$suite, GTK $(head -n 1 "$out/$dir.log"): $compiler builds it without a warning" $status "$out/$dir.log"
  done
  [ $only_build = 0 ] || continue
  echo "== testing $suite: $(date +%T)"
  rm -f "$out/$suite-gcc/meson-logs/testlog.json" # where no test runs, an old log must not speak for it
  within "$suite" sh -c "meson test -C /build/$suite-gcc --no-rebuild --num-processes 2 --no-suite bench" >"$log" 2>&1
  logs+=("$out/$suite-gcc/meson-logs/testlog.json")
done
echo "$passed passed, $failed failed, 0 skipped: roots and builds"
[ ${#logs[@]} -gt 0 ] || { [ $failed = 0 ]; exit; }
cd "$out" && /usr/bin/env python3 "$root/tests/summary.py" $failed "${logs[@]#"$out"/}"
