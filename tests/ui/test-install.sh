#!/bin/bash
# “meson install” into the prefix of this build, as the desktop then sees it, and “ninja remove”. TAP. Root: the prefix is
# an empty file system in a mount namespace of our own.
# PL_BUILD_DIR: the build folder. PL_PREFIX: its prefix.
here=$(cd "$(dirname "$0")" && pwd)
id=io.github.portlight.portlight
prefix=/usr/local
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
n=${N-0}
report() { # NAME COMPLAINTS
  n=$((n + 1))
  if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; printf '%s\n' "$2" | sed 's/^/# /'; fi
}
wait_until() { for _ in $(seq 400); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done; return 1; }
window() { xdotool search --onlyvisible --name "$1"; }
await_window() { # NAME: says what is on the screen and what was printed where it does not come
  wait_until window "$1" || { echo "no window “$1”; on the screen:"; xdotool search --onlyvisible --name . getwindowname %@ 2>&1; cat "$HOME/install.log"; }
}

if [ "${1-}" = in-session ]; then
  timeout 20 gapplication launch $id || echo 'gapplication launch failed' >&2
  report 'D-Bus activation opens a window' "$(await_window '^Portlight$')"
  report 'a panel knows the window for the desktop entry’s' "$(diff \
    <(sed -n 's/^StartupWMClass=//p' "$prefix/share/applications/$id.desktop"; echo $id) \
    <(xprop -id "$(window '^Portlight$' | head -n 1)" WM_CLASS _GTK_APPLICATION_ID | sed 's/.*"\(.*\)"$/\1/'))"
  report 'the actions of the desktop entry are there' "$(diff \
    <(sed -n 's/^Actions=//p' "$prefix/share/applications/$id.desktop" | tr ';' '\n' | grep . | sort) \
    <(gapplication list-actions $id | grep -xE 'new-window|capture|open-file' | sort))"
  gapplication action $id open-file
  report '“Open Capture File…” opens the dialog' "$(await_window 'Open a Capture File')"
  gapplication action $id quit
  wait_until sh -c "! gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetNameOwner $id"

  types=
  for pair in plain.pcap=vnd.tcpdump.pcap nano=vnd.tcpdump.pcap next.pcapng=x-pcapng next=x-pcapng plain.pcap.gz=vnd.tcpdump.pcap next.pcapng.gz=x-pcapng; do
    type=$(gio info -a standard::content-type "$HOME/${pair%=*}" | sed -n 's/.*content-type: //p')
    [ "$type" = "application/${pair#*=}" ] || types+="${pair%=*} is $type"$'\n'
  done
  report 'captures are known by name and by their first bytes' "$types"
  for type in vnd.tcpdump.pcap x-pcapng; do
    report "application/$type has Portlight among its programs" \
      "$(gio mime application/$type | grep -q $id || gio mime application/$type)"
    gio mime application/$type $id.desktop >/dev/null
  done
  gio open "$HOME/next.pcapng"
  report 'the file manager’s way to open a capture opens it here' "$(await_window '^next.pcapng – Portlight$')"
  gapplication action $id quit
  wait_until sh -c "! gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetNameOwner $id"
  echo "$n" >"$HOME/n"
  exit
fi

if [ "${1-}" != in-namespace ]; then
  [ "$(id -u)" = 0 ] || skip_all 'needs root, to install'
  unshare -m true 2>/dev/null || skip_all 'mount namespaces cannot be made here'
  for tool in Xvfb xdotool xprop gapplication gio gsettings dbus-run-session meson update-mime-database update-desktop-database; do
    command -v $tool >/dev/null || skip_all "$tool is not installed"
  done
  [ "$PL_PREFIX" = $prefix ] || skip_all "this build is not for $prefix"
  exec unshare -m --propagation private "$0" in-namespace
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mount -t tmpfs tmpfs $prefix || exit 1
export HOME=$home XDG_RUNTIME_DIR=$home/run XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_CACHE_HOME=$home/cache
mkdir -m 700 "$home/run"
log=$home/install.log
meson install -C "$PL_BUILD_DIR" --no-rebuild >"$log" 2>&1
report 'it installs' "$([ $? = 0 ] || tail -n 20 "$log")"
missing=
for file in bin/portlight bin/portlight-report libexec/portlight-helper share/man/man1/portlight.1 share/man/man1/portlight-report.1 \
  share/man/man1/portlight-helper.1 share/bash-completion/completions/portlight{,-report} \
  share/zsh/site-functions/_portlight{,-report} share/fish/vendor_completions.d/portlight{,-report}.fish share/polkit-1/actions/$id.policy share/metainfo/$id.metainfo.xml \
  share/icons/hicolor/scalable/apps/$id.svg share/icons/hicolor/symbolic/apps/$id-symbolic.svg; do
  [ -s $prefix/$file ] || missing+="$file is missing"$'\n'
done
report 'all of it' "$missing"
report 'and its settings are known' "$(gsettings --schemadir $prefix/share/glib-2.0/schemas list-keys $id 2>&1 | grep -qx style || echo 'they are not')"
said=$(sed -n 's/^\.B sudo \([^ ]*\) .*/\1/p' $prefix/share/man/man1/portlight-helper.1 | tr -d '\\')
report 'the helper is where its manual page says' "$([ -x "$said" ] || echo "“$said” is not there")"

# Six files of two formats: their names, or where they have none their first bytes, say which.
/usr/bin/python3 - "$home" <<'END'
import gzip, struct, sys
plain = struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
nano = struct.pack('>IHHiIII', 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
following = struct.pack('<IIIHHqI', 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28) + struct.pack('<IIHHII', 1, 20, 1, 0, 65535, 20)
for name, data in {'plain.pcap': plain, 'nano': nano, 'next.pcapng': following, 'next': following,
                   'plain.pcap.gz': gzip.compress(plain), 'next.pcapng.gz': gzip.compress(following)}.items():
    with open(f'{sys.argv[1]}/{name}', 'wb') as file:
        file.write(data)
END
# A bus that starts the installed program and nothing else: the portals of this machine mount what GTK then warns of.
cat >"$home/bus.conf" <<END
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <servicedir>$prefix/share/dbus-1/services</servicedir>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
END
N=$n XDG_DATA_DIRS=$prefix/share:/usr/share GSETTINGS_BACKEND=keyfile GTK_USE_PORTAL=0 ADW_DISABLE_PORTAL=1 GTK_A11Y=none GDK_BACKEND=x11 GSK_RENDERER=cairo \
  LC_ALL=C.UTF-8 "$here/run-xvfb.sh" dbus-run-session --config-file="$home/bus.conf" -- sh -c '"$0" in-session >&3' "$0" 3>&1 >"$log" 2>&1 || sed 's/^/# /' "$log"
n=$(cat "$home/n" 2>/dev/null || echo $n)
ninja -C "$PL_BUILD_DIR" remove >"$log" 2>&1
report 'it is removed' "$([ $? = 0 ] || cat "$log")"
report 'and leaves nothing' "$(find $prefix -mindepth 1)"
{ meson install -C "$PL_BUILD_DIR" --no-rebuild && meson install -C "$PL_BUILD_DIR" --no-rebuild --only-changed &&
  ninja -C "$PL_BUILD_DIR" remove; } >"$log" 2>&1 || cat "$log"
report 'installed a second time over itself it leaves only the folders that every system has' \
  "$(find $prefix -mindepth 1 ! -path $prefix/bin ! -path $prefix/share ! -path $prefix/share/man)"
{ meson install -C "$PL_BUILD_DIR" --no-rebuild --tags runtime && ls $prefix/bin/portlight && ninja -C "$PL_BUILD_DIR" remove; } >"$log" 2>&1
report 'the programs alone, installed by tag, are removed, too' "$([ $? = 0 ] || cat "$log"; find $prefix -mindepth 1 -type f)"
DESTDIR=$home/staged meson install -C "$PL_BUILD_DIR" --no-rebuild >"$log" 2>&1
staged=$(find "$home/staged$prefix" -type f | grep -c /)
report 'what was installed elsewhere is not taken for what is here' "$(ninja -C "$PL_BUILD_DIR" remove 2>&1 |
  grep -q "is not in $prefix/share" || echo 'it does not say so'; [ -d "$home/staged$prefix/share" ] || echo 'it is gone')"
DESTDIR=$home/staged ninja -C "$PL_BUILD_DIR" uninstall >>"$log" 2>&1
report 'installed below DESTDIR, “ninja uninstall” leaves nothing of it' \
  "$([ "$staged" -gt 10 ] || cat "$log"; find "$home/staged" -mindepth 1 2>/dev/null)"
export DESTDIR=$home/twice
{ meson install -C "$PL_BUILD_DIR" --no-rebuild && meson install -C "$PL_BUILD_DIR" --no-rebuild && ninja -C "$PL_BUILD_DIR" remove; } >"$log" 2>&1
report 'installed twice below DESTDIR and removed, nothing is left but that' "$([ $? = 0 ] || cat "$log"; find "$DESTDIR" -mindepth 1)"
odd="$home/an [odd] *place"
mkdir -p "$odd/meson-logs" "$odd/bin"
echo "$odd/bin/portlight" | tee "$odd/bin/portlight" >"$odd/meson-logs/install-log.txt"
report 'a prefix may have any name' "$(env -u DESTDIR MESON_BUILD_ROOT="$odd" "$here/../../data/remove.sh" "$odd" "$odd/share" 2>&1; ls "$odd/bin" 2>/dev/null)"
echo "1..$n"
