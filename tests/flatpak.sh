#!/bin/bash
# tests/flatpak.sh [PART…] (./tests/run flatpak): builds the shipping manifest unchanged, installs the bundle and tries it as an
# ordinary user in the real sandbox, with a real pkexec and a real polkitd on a bus of its own. Root.
#
# Where no Flatpak remote can be reached the runtime is a stand-in made of Debian packages (flatpak/make-runtime.sh), kept in
# ${XDG_CACHE_HOME:-~/.cache}/portlight-tests. Nothing of this machine's own Flatpak is touched: the runtime and what is
# installed for all users go to a system installation of their own, and the users are made for this test and removed after it.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
here=$root/tests/flatpak
for part in "$@"; do
  grep -q "^    '$part': " "$here/test-sandbox.py" ||
    { echo "tests/flatpak.sh: there is no part “$part”: $(sed -n "s/^    '\([a-z-]*\)': .*/\1/p" "$here/test-sandbox.py" | tr '\n' ' ')" >&2; exit 2; }
done
id=io.github.portlight.portlight
cache=${XDG_CACHE_HOME:-$HOME/.cache}/portlight-tests
out=$root/build-flatpak
user1=portlight-test1 user2=portlight-test2
passed=0 failed=0 skipped=0 started=$SECONDS

finish() {
  clean_up
  left=$(remains)
  log=$(mktemp)
  printf '%s\n' "$left" >"$log"
  [ -z "$left" ]
  is 'no user, process, cgroup or file of this test is left' $? "$log"
  rm -f "$log"
  echo "it took $((SECONDS - started)) s"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ $failed = 0 ] && [ $passed -gt 0 ]
  exit
}
skip_all() { echo "skipped: $1"; skipped=1; passed=0; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
is() { # NAME STATUS [LOG]: one point from a command's status
  if [ "$2" = 0 ]; then passed=$((passed + 1)); echo "ok - $1"
  else failed=$((failed + 1)); echo "not ok - $1"; [ -z "${3-}" ] || tail -n 25 "$3" | sed 's/^/# /'; fi
}
skip() { skipped=$((skipped + 1)); echo "ok - $1 # SKIP $2"; }

[ "$(id -u)" = 0 ] || skip_all 'needs root, to become other users and to run a system bus of its own'
for tool in flatpak flatpak-builder ostree mmdebstrap eu-strip unshare setcap chpasswd dbus-daemon dbus-run-session pkexec sudo setpriv Xvfb import tcpdump dumpcap useradd gpg xdotool xclip; do
  command -v $tool >/dev/null || skip_all "$tool is not installed"
done
/usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0"); from gi.repository import Atspi' 2>/dev/null ||
  skip_all 'the system’s Python has no AT-SPI binding (gir1.2-atspi-2.0)'
unshare -m true 2>/dev/null || skip_all 'mount namespaces cannot be made here'

# One place for all runs: flatpak-builder's cache goes by the path of the manifest.
work=/var/tmp/portlight-flatpak.tests
exec 9>/run/lock/portlight-flatpak.lock
flock -n 9 || skip_all 'another run is under way'
pids=() uids=()
unset ON_HOST
hierarchy=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
remove_user() { # USER: made by this test, now or when it was cut short: all that runs as it, or is its, is ours
  local uid home
  uid=$(id -u "$1" 2>/dev/null) || return 0
  home=$(getent passwd "$1" | cut -d: -f6)
  case $home in "$work"/*) ;; *) return 1 ;; esac
  uids+=("$uid")
  pkill -KILL -U "$uid"
  for _ in $(seq 50); do pgrep -U "$uid" >/dev/null || break; sleep 0.1; done
  find /tmp /var/tmp /dev/shm -xdev -uid "$uid" -prune -exec rm -rf {} + 2>/dev/null
  rm -rf "/run/user/$uid"
  userdel -r "$1" >/dev/null 2>&1
}
clean_up() {
  [ ${#pids[@]} = 0 ] || { kill "${pids[@]}"; wait "${pids[@]}"; } 2>/dev/null
  for user in $user1 $user2; do remove_user $user; done
  [ -z "$hierarchy" ] || for cgroup in "$hierarchy"/*org.example.*-4711.*; do rmdir "$cgroup" 2>/dev/null; done
  umount "$work/small" 2>/dev/null
  rm -rf "$work"
}
remains() {
  local uid pid
  getent passwd $user1 $user2
  for uid in "${uids[@]}"; do
    ps -o pid=,args= -U "$uid"
    find /tmp /var/tmp /dev/shm "/run/user/$uid" -xdev -uid "$uid" 2>/dev/null
  done
  for pid in "${pids[@]}"; do ps -o pid=,args= -p "$pid"; done
  ls -d "$work" ${hierarchy:+"$hierarchy"/*org.example.*-4711.*} 2>/dev/null
  grep -F "$work" /proc/mounts
}
trap clean_up EXIT
trap 'exit 1' INT TERM
as() { # USER COMMAND…
  local user=$1; shift
  setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all ${limits:+"$limits"} env -i HOME="$work/home/$user" USER="$user" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SHELL=/bin/sh XDG_RUNTIME_DIR="/run/user/$(id -u "$user")" LC_ALL=C.UTF-8 \
    FLATPAK_SYSTEM_DIR="$FLATPAK_SYSTEM_DIR" FLATPAK_SYSTEM_HELPER_ON_SESSION=1 XDG_CURRENT_DESKTOP=GNOME \
    XDG_DATA_DIRS="$work/home/$user/.local/share/flatpak/exports/share:$FLATPAK_SYSTEM_DIR/exports/share:/usr/share" "$@"
}
for user in $user1 $user2; do
  remove_user $user || skip_all "there is a user $user already, who is not of this test"
done
clean_up
mkdir -m 755 "$work" || skip_all "$work cannot be made"
export FLATPAK_SYSTEM_DIR=$work/system
mkdir -p "$out/screenshots" "$cache" "$work/home"
for user in $user1 $user2; do
  useradd --create-home --base-dir "$work/home" --shell /bin/sh $user || skip_all 'users cannot be made here'
  mkdir -p -m 755 /run/user
  install -d -m 700 -o $user -g $user "/run/user/$(id -u $user)" # where sandboxes expect it: the document portal's files are there
done

# ---- runtime and sources ----

branch=$(sed -n "s/^runtime-version: *'\(.*\)'/\1/p" "$root/flatpak/$id.yml")
runtime=$cache/runtime-$branch
log=$out/test.log
# By what it is made from, not by when: a fresh clone's files are all new.
made_from="$(sha256sum <"$here/make-runtime.sh") ${SUITE-}"
if [ "$(cat "$runtime.made" 2>/dev/null)" != "$made_from" ]; then
  echo "== making the stand-in runtime (kept in $runtime): $(date +%T)"
  rm -rf "$runtime" "$runtime.made"
  "$here/make-runtime.sh" "$runtime" "$branch" >"$log" 2>&1 || { is 'the stand-in runtime is made' 1 "$log"; finish; }
  printf '%s\n' "$made_from" >"$runtime.made"
fi
"$here/sources.sh" "$cache/downloads" >"$log" 2>&1 || { is 'the manifest’s sources are there' 1 "$log"; finish; }
echo "== installing the runtime: $(date +%T)"
flatpak --system remote-add --no-gpg-verify stand-in "file://$runtime" >"$log" 2>&1 &&
  flatpak --system install -y --noninteractive stand-in "org.gnome.Sdk//$branch" "org.gnome.Platform//$branch" >>"$log" 2>&1 ||
  { is 'the runtime is installed' 1 "$log"; finish; }
# What the real Sdk builds all with (those of its flags that every processor has).
sdk=$(flatpak --system info --show-location "org.gnome.Sdk//$branch")/files
mkdir -p "$sdk/etc/flatpak-builder"
cat >"$sdk/etc/flatpak-builder/defaults.json" <<'END'
{"cflags": "-O2 -pipe -g -Wp,-D_FORTIFY_SOURCE=3 -fexceptions -fstack-protector-strong -grecord-gcc-switches -fasynchronous-unwind-tables -fno-omit-frame-pointer",
 "ldflags": "-L/app/lib -Wl,-z,relro,-z,now -Wl,--as-needed"}
END

# ---- build, bundle, install for one user ----

echo "== building the Flatpak: $(date +%T)"
mkdir "$work/src" "$work/flatpak"
if [ -e "$root/.git" ]; then
  (cd "$root" && git ls-files -z --cached --others --exclude-standard) | (cd "$root" && tar --null -T - --ignore-failed-read -cf - 2>/dev/null) | tar -C "$work/src" -xf -
else
  tar -C "$root" --exclude='./build*' -cf - . | tar -C "$work/src" -xf -
fi
mkdir -p "$work/flatpak/state"
cp -r "$cache/downloads" "$work/flatpak/state/"
[ ! -d "$cache/built" ] || cp -a "$cache/built" "$work/flatpak/state/cache" # libpcap and musl, while manifest and runtime stay
chown -R $user1: "$work/src" "$work/flatpak"
# A key for this run alone signs what a project would publish.
as $user1 gpg --batch --quiet --passphrase '' --quick-generate-key 'Test <test@example.org>' ed25519 sign 1d >"$log" 2>&1 ||
  { is 'a key to sign with is made' 1 "$log"; finish; }
key=$(as $user1 gpg --batch --with-colons --list-keys | awk -F: '$1 == "fpr" {print $10; exit}')
! as $user1 "$work/src/flatpak/build.sh" --sign nobody@example.org --url "file://$work" --out "$work/flatpak/none" >"$log" 2>&1 </dev/null &&
  grep -q 'nobody@example.org' "$log" && [ ! -e "$work/flatpak/none" ]
is 'a key that is missing is told before anything is built' $? "$log"
! as $user1 "$work/src/flatpak/build.sh" --url "file://$work" --out "$work/flatpak/none" >"$log" 2>&1 </dev/null &&
  grep -q -e '--url needs --sign' "$log" && [ ! -e "$work/flatpak/none" ]
is 'an address without a key is told, too' $? "$log"
! as $user1 flock -o "$work/flatpak/.lock" "$work/src/flatpak/build.sh" --offline --no-install --out "$work/flatpak" >"$log" 2>&1 </dev/null &&
  grep -q 'is at work in' "$log"
is 'a second build in the same folder is refused' $? "$log"
mkdir "$work/small" && mount -t tmpfs -o mode=1777,size=100m tmpfs "$work/small"
! as $user1 "$work/src/flatpak/build.sh" --offline --no-install --out "$work/small" >"$log" 2>&1 </dev/null &&
  grep -q '100 MB free' "$log"
is 'that a disk is too full is told before anything is built' $? "$log"
umount "$work/small"
! as $user1 "$work/src/flatpak/build.sh" --offline --no-install --out "$work/system" >"$log" 2>&1 </dev/null &&
  grep -q 'no folder that you may write to: choose another with --out' "$log"
is 'a folder that is not the person’s is told, too' $? "$log"
! as $user1 "$work/src/flatpak/build.sh" --offline --no-install --out "$work/flatpak/none" >"$log" 2>&1 </dev/null &&
  grep -q "libpcap.* as $work/flatpak/none/state/downloads/" "$log" && grep -q "musl.* as $work/flatpak/none/state/downloads/" "$log"
is 'sources that are missing are named, and where they go' $? "$log"
# The Sdk has had no appstream-compose since 47. What flatpak-builder before 1.3.4 makes of that shows with the least of apps.
composer=$sdk/bin/appstream-compose
mv "$composer" "$work/"
least="$work/it's 100% least"
mkdir -p "$least/flatpak"
cp "$root/flatpak/build.sh" "$least/flatpak/"
cp "$root/data/$id.metainfo.xml.in" "$least/"
{ sed '/^modules:/q' "$root/flatpak/$id.yml" && cat <<END; } >"$least/flatpak/$id.yml"
  - name: least
    buildsystem: simple
    build-commands:
      - test ! -e fail
      - install -Dm755 /bin/true /app/bin/portlight
      - install -Dm644 $id.metainfo.xml.in /app/share/metainfo/$id.metainfo.xml
    sources:
      - type: dir
        path: ..
END
touch "$least/fail"
chown -R $user1: "$least"
! as $user1 "$least/flatpak/build.sh" --offline --no-install --out "$work/flatpak/least" >"$log" 2>&1 </dev/null &&
  [ -d "$work/flatpak/least/state/build/least-1" ] && rm "$least/fail" &&
  as $user1 "$least/flatpak/build.sh" --offline --no-install --out "$work/flatpak/least" >"$log" 2>&1 </dev/null &&
  [ -s "$work/flatpak/least/portlight.flatpak" ] && [ -z "$(find "$work/flatpak/least/state/build" -name 'least-*' 2>/dev/null)" ]
is 'a Sdk as today’s will do, and a build takes away what one that failed left' $? "$log"
mv "$work/appstream-compose" "$composer"
address="file://$work/flatpak/r&d|x" # as one may be
ln -s repo "${address#file://}"
as $user1 "$work/src/flatpak/build.sh" --user --offline --sign "$key" --url "$address" --out "$work/flatpak" >"$out/build.log" 2>&1 </dev/null
is 'the shipping manifest builds, bundles and installs' $? "$out/build.log"
[ -s "$work/flatpak/portlight.flatpak" ] || finish
cp "$work/flatpak/portlight.flatpak" "$out/"
as $user1 flatpak --user remotes --show-disabled --columns=name,url >"$log" 2>&1
grep -F "$address" "$log" | grep -q '^portlight-origin'
is 'the bundle of a signed build names where it is updated from' $? "$log"
# What the app says of an install differs where nothing can be fetched again: in most of what follows it is of such a bundle.
install -d -o $user1 "$work/plain"
as $user1 sh -c "flatpak build-bundle '$work/flatpak/repo' '$work/plain/portlight.flatpak' $id stable &&
  flatpak --user uninstall -y --noninteractive $id &&
  flatpak --user install -y --noninteractive --no-deps '$work/plain/portlight.flatpak'" >"$log" 2>&1
is 'a bundle that names none installs' $? "$log"
rm -rf "$cache/built"
cp -a "$work/flatpak/state/cache" "$cache/built"
! grep -nE '\.\./(app|ui)/.*warning:' "$out/build.log" >"$log" # the other sources' are not ours to mend
is 'without a warning of our sources' $? "$log"
files=$(as $user1 flatpak info --show-location $id)/files
file=$files/libexec/portlight-helper
! readelf -d "$file" 2>/dev/null | grep -q NEEDED && readelf -h "$file" >/dev/null
is 'the helper needs no library of the host' $?
(cd "$files/share/licenses/$id" && [ -s portlight/LICENSE ] && [ -s libpcap/LICENSE ] && [ -s musl/COPYRIGHT ] && [ ! -e "$files/musl" ])
is 'the licences of all that is in it are there, and nothing that only built it' $?
exports=$work/home/$user1/.local/share/flatpak/exports/share
for exported in applications/$id.desktop dbus-1/services/$id.service mime/packages/$id.xml \
  icons/hicolor/scalable/apps/$id.svg icons/hicolor/symbolic/apps/$id-symbolic.svg; do
  [ -s "$exports/$exported" ] || echo "$exported is not exported"
done >"$log"
for type in application/vnd.tcpdump.pcap application/x-pcapng; do
  as $user1 gio mime $type 2>&1 | grep -qF $id.desktop || echo "nothing says that it opens $type"
done >>"$log"
[ ! -s "$log" ]
is 'the desktop finds it: entry, icons, types of files, D-Bus activation' $? "$log"

# ---- what the tests watch ----

read -r talk_port count_port other_port plain_port < <(/usr/bin/python3 -c 'import socket
s = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(x.getsockname()[1] for x in s))')
serve='import socket,sys; l = socket.create_server(("127.0.0.1", int(sys.argv[1]))); held = [l.accept() for _ in range(9)]'
call='import socket,sys,time; held = socket.create_connection(("127.0.0.1", int(sys.argv[1]))); time.sleep(3600)'
# A network of its own for all of it, where one can be made: what else this machine says is not in the picture, nor in the way.
network=()
mkfifo "$work/network"
unshare --net sh -c 'ip link set lo up && echo up >"$1" && exec sleep infinity' sh "$work/network" 2>/dev/null & network_pid=$!
if [ "$(timeout 5 cat "$work/network")" = up ]; then
  pids+=($network_pid)
  network=(nsenter --net=/proc/$network_pid/ns/net)
else
  echo '# no network of its own can be made here: other traffic may disturb'
fi
in_cgroup() { # USER CGROUP COMMAND…: in a cgroup as a desktop would make it for an app
  local user=$1 cgroup=$2; shift 2
  if [ -n "$cgroup" ]; then
    mkdir "$cgroup" || return
  fi
  (
    [ -z "$cgroup" ] || echo $BASHPID >"$cgroup/cgroup.procs"
    exec "${network[@]}" setpriv --reuid=$user --regid=$user --init-groups "$@"
  ) &
  pids+=($!)
}
# As Flatpak and as GNOME name the groups of apps, the latter by a desktop entry that the sandbox cannot see; and one without a name.
server_name=Server client_name=Caller other_name=Other
other_cgroup=$hierarchy/app-flatpak-org.example.Other-4711.scope
server_cgroup=$hierarchy/app-flatpak-org.example.Server-4711.scope client_cgroup=$hierarchy/app-gnome-org.example.Caller-4711.scope
plain_cgroup=$hierarchy/org.example.plain-4711.slice
if [ -z "$hierarchy" ] || ! mkdir "$hierarchy/portlight-test-$$" 2>/dev/null; then
  skip 'app names by cgroup' 'no cgroup can be made here'
  server_name='' client_name='' other_name='' server_cgroup='' client_cgroup='' other_cgroup='' plain_cgroup=''
else
  rmdir "$hierarchy/portlight-test-$$"
fi
in_cgroup $user1 "$server_cgroup" /usr/bin/python3 -c "$serve" "$talk_port"
sleep 0.5
in_cgroup $user2 "$other_cgroup" /usr/bin/python3 -c "$serve" "$other_port"
other_pid=${pids[-1]}
in_cgroup $user2 "$plain_cgroup" /usr/bin/python3 -c "$serve" "$plain_port"
in_cgroup $user1 "$client_cgroup" /usr/bin/python3 -c "$call" "$talk_port"
# And in a network of their own, as in a container: a server, and a client of whatever listens for it.
serve_away='import socket; l = socket.create_server(("", 7001)); held = [l.accept() for _ in range(99)]'
call_away='import socket, time
while True:
    try:
        with socket.create_connection(("10.98.0.1", 7002)) as held:
            held.recv(1)
    except OSError:
        time.sleep(0.1)'
away_server_pid='' away_client_pid=''
if [ ${#network[@]} != 0 ]; then
  "${network[@]}" unshare --net sh -c 'ip link set lo up && echo up >"$1" && exec sleep infinity' sh "$work/network" & away_pid=$!
  pids+=($away_pid)
  timeout 5 cat "$work/network" >/dev/null
  away=(nsenter --net=/proc/$away_pid/ns/net)
  if "${network[@]}" ip link add away0 type veth peer name eth0 netns $away_pid && "${network[@]}" ip addr add 10.98.0.1/24 dev away0 &&
    "${network[@]}" ip link set away0 up && "${away[@]}" ip addr add 10.98.0.2/24 dev eth0 && "${away[@]}" ip link set eth0 up; then
    "${away[@]}" setpriv --reuid=$user2 --regid=$user2 --init-groups /usr/bin/python3 -c "$serve_away" & away_server_pid=$!
    "${away[@]}" setpriv --reuid=$user2 --regid=$user2 --init-groups /usr/bin/python3 -c "$call_away" & away_client_pid=$!
    pids+=($away_server_pid $away_client_pid)
  fi
fi
count_file=$work/count.pcap
"${network[@]}" tcpdump -i lo -U -Z root -w "$count_file" "tcp port $count_port" >/dev/null 2>&1 &
pids+=($!)

# ---- in the sandbox ----

mkdir -p "$work"/{YES,NO,ASK,actions} "$work/shots"
password=$(head -c 12 /dev/urandom | base64)
printf '%s\n' "$user1:$password" "$user2:$password" | chpasswd
mkdir -m 755 "$work/sudoers.d"
printf '%s\n' "$user1 ALL=(ALL) ALL" "$user2 ALL=(ALL) ALL" 'Defaults env_keep += "FLATPAK_SYSTEM_DIR"' >"$work/sudoers.d/portlight-test"
chmod 440 "$work/sudoers.d/portlight-test"
echo "polkit.addAdminRule(function () { return ['unix-user:$user1']; });" >"$work/ASK/10-test.rules"
printf '<?xml version="1.0" encoding="UTF-8"?>\n<policyconfig/>\n' >"$work/actions/portlight-test.policy"
for answer in YES NO; do
  printf 'polkit.addRule(function (action, subject) { if (action.id == "org.freedesktop.policykit.exec" && subject.user.indexOf("portlight-test") == 0) return polkit.Result.%s; });\n' \
    $answer >"$work/$answer/10-test.rules"
done
chmod -R a+rX "$work"/{YES,NO,ASK,actions}
chmod 1777 "$work/shots"
# The document portal is a file system in user space, which not every machine lets everybody mount. Seen in our own mounts only.
[ -z "$(find /dev/fuse ! -perm -o=rw 2>/dev/null)" ] || { mknod "$work/fuse" c 10 229 && chmod 666 "$work/fuse"; } 2>/dev/null
parts=" $* "
# In $ON_HOST: what is done to this machine, as that part alone sees it, before its user comes.
sandboxed() { # PART USER RULES [--no-polkit]
  local part=$1 user=$2 rules=$3 points; shift 3
  [[ $parts = '  ' || $parts = *" $part "* ]] || return 0
  echo "== $part: $(date +%T)"
  points=$("${network[@]}" "$root/tests/helper/private-bus.sh" "$@" "$work/$rules" "$work/actions" \
    bash -c "$(declare -f as)"'; work=$1 user=$2; shift 2
      # Display numbers are free or taken by network: its file must not be that of another network’s.
      mkdir -p -m 1777 /tmp/.X11-unix && mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix
      [ ! -e "$work/fuse" ] || mount --bind "$work/fuse" /dev/fuse
      mount --bind "$work/sudoers.d" /etc/sudoers.d
      limits=
      eval "$ON_HOST"
      # As in a session: what a shell starts in the background ignores the signal by which Flatpak ends what it started outside,
      # and what nohup starts the one by which a terminal ends what runs in it.
      as $user env --default-signal "$@"' as "$work" "$user" \
    PASSWORD="$password" SHOTS="$work/shots" TALK_PORT="$talk_port" TALK_SERVER="$server_name" TALK_CLIENT="$client_name" OTHER_PORT="$other_port" OTHER_PID="$other_pid" OTHER_NAME="$other_name" AWAY_SERVER_PID="$away_server_pid" PLAIN_PORT="$plain_port" COUNT_PORT="$count_port" \
    COUNT_FILE="$count_file" UPDATED="$work/updated" BUNDLE="$work/plain/portlight.flatpak" GTK_A11Y=atspi NO_AT_BRIDGE=0 "$root_copy/ui/run-xvfb.sh" dbus-run-session -- \
    sh -c 'exec /usr/bin/python3 -B -W ignore::DeprecationWarning "$@" >&3' sh "$root_copy/flatpak/test-sandbox.py" "$part" \
    3>&1 >/dev/null 2>"$out/$part.stderr" </dev/null)
  printf '%s\n' "$points"
  passed=$((passed + $(grep '^ok ' <<<"$points" | grep -vc '# SKIP')))
  failed=$((failed + $(grep -c '^not ok ' <<<"$points")))
  skipped=$((skipped + $(grep -c '^ok .*# SKIP' <<<"$points")))
  grep -qE '^(not )?ok ' <<<"$points" || is "$part" 1 "$out/$part.stderr"
}
root_copy=$work/src/tests # readable for everybody, wherever the tree is
chmod -R a+rX "$work/src"
sandboxed allowed $user1 YES
sandboxed refused $user1 NO
sandboxed ask $user1 ASK
sandboxed no-polkit $user1 YES --no-polkit
sandboxed not-executable $user1 YES
ON_HOST='limits=--bounding-set=-net_raw' sandboxed no-right $user1 YES
ON_HOST='mount -t tmpfs tmpfs /sys/fs/cgroup' sandboxed no-cgroups $user1 YES
mkfifo -m 622 "$work/console" # where root is logged in
ON_HOST='mount --bind /usr/bin /usr/bin && mount -o remount,bind,nosuid /usr/bin
  timeout 300 sh -c "exec bash <\"$work/console\"" 3>&- &' sandboxed nosuid $user1 YES
unmarked='cp /usr/bin/pkexec "$work/one/" && mount --bind "$work/one/pkexec" /usr/bin/pkexec' # without its setuid bit
mkdir "$work/one"
ON_HOST=$unmarked sandboxed no-setuid $user1 YES
ON_HOST="mount -t tmpfs tmpfs \"\$work/one\" && $unmarked && mount -o remount,ro \"\$work/one\"" sandboxed no-setuid-read-only $user1 YES
ON_HOST='limits=--no-new-privs' sandboxed no-new-privileges $user1 YES
mkdir "$work/away" && mknod "$work/away/pkexec" c 0 0 # in an overlay it hides the file of that name
without_pkexec="mount -t overlay overlay -o lowerdir=$work/away:/usr/bin /usr/bin"
if unshare -m $without_pkexec 2>/dev/null; then
  ON_HOST=$without_pkexec sandboxed no-pkexec $user1 YES
else
  skip 'a host without pkexec' 'no overlay can be mounted here'
fi
dumpcap=$(command -v dumpcap)
install -m 750 -g $user1 "$dumpcap" "$work/dumpcap" && setcap cap_net_raw,cap_net_admin+eip "$work/dumpcap"
ON_HOST="mount --bind \"$work/dumpcap\" \"$dumpcap\"
  mount --bind \"${file%/*}\" \"${file%/*}\" && mount -o remount,bind,noexec \"${file%/*}\"" sandboxed fallbacks $user1 YES
sandboxed desktop $user1 YES
portal=$(sed -n 's/^Exec=//p' /usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service 2>/dev/null)
ON_HOST="[ ! -e \"$portal\" ] || mount --bind /bin/false \"$portal\"" sandboxed no-portal $user1 YES
ON_HOST='[ ! -e /dev/fuse ] || mount --bind /dev/null /dev/fuse' sandboxed no-documents $user1 YES
sandboxed displays $user1 YES

# ---- for all users, from the bundle; and away again ----

# What is left of it in these folders. Flatpak's own, without a file, are names in its repository and, as long as the session lasts,
# what it makes for each app that runs, with a lock (.ref) and links into it. The list of recent files is the desktop's: there the
# portal notes which app opened what.
left_in() { # FOLDER…
  find "$@" -iname '*portlight*' -not \( -type d \( -path '*/repo/refs/*' -o -path "/run/user/*/$id" \) \) -not -path '*/repo/objects/*' 2>/dev/null
}
left_of() { # USER
  local home=$work/home/$1 run
  run=/run/user/$(id -u "$1")
  left_in "$home" "$run" | grep -vxF "$home"
  find "$run/app/$id" "$run/.flatpak/$id" -mindepth 1 -not \( -path "$run/.flatpak/*" \( -type d -o -name .ref -o -type l -path "*/xdg-run/*" \) \) 2>/dev/null
  grep -rlF --exclude=recently-used.xbel "$id" "$home/.local" "$home/.config" 2>/dev/null
}
installs_as_readme_says() { # ENDING FOLDER: its line for a file of that kind, typed there; without its questions
  local line
  line=$(sed -nE "s/^    sudo (flatpak install --system .*$1) .*/\1/p" "$root/README.md")
  (cd "$2" && eval "${line/install --system/install --system -y --noninteractive --no-deps}")
}
echo "== the bundle for all users: $(date +%T)"
as $user1 flatpak override --user --share=network $id # as a line of ours that mends it does
as $user1 dbus-run-session -- flatpak --user uninstall -y --noninteractive --delete-data $id >"$log" 2>&1
is 'it uninstalls' $? "$log"
as $user1 flatpak override --user --reset $id # as README says
left_of "$user1" >"$log"
[ ! -s "$log" ]
is 'and leaves no file of ours' $? "$log"
ln -s "$work/flatpak" "$work/src/build-flatpak" # where build.sh puts it unless told
installs_as_readme_says '\.flatpak' "$work/src" >"$log" 2>&1
is 'the bundle installs for all users, by README’s line' $? "$log"
sandboxed second-user $user2 YES
system_app=$(flatpak --system info --show-location $id)/files/libexec
ON_HOST="mount --bind \"$system_app\" \"$system_app\" && mount -o remount,bind,noexec \"$system_app\"" sandboxed noexec $user2 YES
# The system's installation moved to another disk, as people do, into a folder of that user's.
mv "$FLATPAK_SYSTEM_DIR" "$work/home/$user2/moved" && ln -s "$work/home/$user2/moved" "$FLATPAK_SYSTEM_DIR"
sandboxed linked $user2 YES
rm "$FLATPAK_SYSTEM_DIR" && mv "$work/home/$user2/moved" "$FLATPAK_SYSTEM_DIR"
parts='  ' sandboxed starts $user2 YES # so that there are settings
flatpak --system uninstall -y --noninteractive $id >"$log" 2>&1 && ! left_in "$FLATPAK_SYSTEM_DIR" | grep . >>"$log"
is 'and goes away again without a trace in the system' $? "$log"
settings=$work/home/$user2/.var/app/$id
left_of "$user2" | grep -vE "^$settings(/|\$)" >"$log"
[ ! -s "$log" ] && [ -d "$settings" ]
is 'of that user are left the settings' $? "$log"
as $user2 dbus-run-session -- flatpak uninstall -y --noninteractive --delete-data >"$log" 2>&1 && ! left_of "$user2" | grep . >>"$log"
is 'which go, too, as README says' $? "$log"

# Where no network is, --no-deps keeps Flatpak from asking Flathub for the runtime that is there already.
installs_as_readme_says '\.flatpakref' "$work/flatpak" >"$log" 2>&1 &&
  [ "$(flatpak --system info --show-origin $id 2>>"$log")" = portlight ]
is 'it installs from the signed repository, by README’s line' $? "$log"
flatpak --system uninstall -y --noninteractive $id >"$log" 2>&1
flatpak --system remote-delete --force portlight >>"$log" 2>&1
flatpak --system remote-add portlight "$work/flatpak/portlight.flatpakrepo" >>"$log" 2>&1 &&
  flatpak --system install -y --noninteractive --no-deps portlight $id >>"$log" 2>&1
is 'and from the remote that its description adds' $? "$log"
# Another version, for an update.
ref=app/$id/$(flatpak --default-arch)/$(flatpak --system info $id | sed -n 's/^ *Branch: *//p')
cp -r "$work/flatpak/repo" "$work/updated" &&
  flatpak build-commit-from --force --src-repo="$work/flatpak/repo" --src-ref="$ref" --subject=new "$work/updated" "$ref" >"$log" 2>&1
is 'another version can be made' $? "$log"
sandboxed remote $user2 YES
flatpak --system uninstall -y --noninteractive $id >"$log" 2>&1
as $user1 gpg --batch --quiet --passphrase '' --quick-generate-key 'Other <other@example.org>' ed25519 sign 1d >>"$log" 2>&1
other_key=$(as $user1 gpg --batch --export other@example.org | base64 -w0)
sed "s|^GPGKey=.*|GPGKey=$other_key|" "$work/flatpak/portlight.flatpakref" >"$work/forged.flatpakref"
flatpak --system remote-delete --force portlight >>"$log" 2>&1
! flatpak --system install -y --noninteractive --no-deps --from "$work/forged.flatpakref" >>"$log" 2>&1
is 'and not where its signature is another’s' $? "$log"
flatpak --system remote-delete portlight >"$log" 2>&1 &&
  flatpak --system install -y --noninteractive --no-deps --from "$work/flatpak/portlight.flatpakref" >>"$log" 2>&1
is 'but from the right description after that, as README says' $? "$log"
flatpak --system uninstall -y --noninteractive $id >"$log" 2>&1
flatpak --system remote-delete portlight >>"$log" 2>&1
flatpak --system install -y --noninteractive --no-deps "$out/portlight.flatpak" >>"$log" 2>&1 &&
  ! flatpak --system install -y --noninteractive --no-deps --from "$work/flatpak/portlight.flatpakref" >>"$log" 2>&1 &&
  flatpak --system install -y --noninteractive --no-deps --reinstall portlight $id >>"$log" 2>&1 &&
  [ "$(flatpak --system info --show-origin $id 2>>"$log")" = portlight ]
is 'and in the place of a bundle, as README says' $? "$log"
commit() { flatpak --system info --show-commit $id; }
flatpak --system uninstall -y --noninteractive $id >"$log" 2>&1
flatpak --system remote-delete portlight >>"$log" 2>&1
flatpak --system install -y --noninteractive --no-deps "$out/portlight.flatpak" >>"$log" 2>&1 && old=$(commit) &&
  as $user1 flatpak build-commit-from --force --gpg-sign="$key" --src-repo="$work/flatpak/repo" --src-ref="$ref" --subject=newer \
    "$work/flatpak/repo" "$ref" >>"$log" 2>&1 &&
  flatpak --system update -y --noninteractive --no-deps $id >>"$log" 2>&1 && [ "$(commit)" != "$old" ]
is 'the bundle of a signed build is updated from the repository' $? "$log"
flatpak --system uninstall -y --noninteractive $id >"$log" 2>&1
! flatpak --system remotes --show-disabled --columns=name | grep portlight >>"$log"
is 'whose address goes with it' $? "$log"

cp "$work"/shots/*.png "$out/screenshots/" 2>/dev/null
echo "screenshots: ${out#"$root"/}/screenshots; bundle: ${out#"$root"/}/portlight.flatpak"
finish
