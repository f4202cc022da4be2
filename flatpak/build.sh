#!/bin/bash
# ./flatpak/build.sh [--system|--user] [--out DIR] [--sign KEY --url URL] [--offline] [--no-install | --run [ARGUMENT…]]
# Builds the Flatpak, bundles it as DIR/portlight.flatpak, installs it (for all users unless --user) and runs it.
#   --out DIR        where everything goes (default: build-flatpak)
#   --sign KEY --url URL  also signs the repository DIR/repo with that GnuPG key and writes DIR/portlight.flatpakrepo and
#                    DIR/portlight.flatpakref, ready to be published under URL; the bundle is updated from there, too
#   --offline        download nothing: the sources are in DIR/state/downloads already
# Needs flatpak and flatpak-builder, and the runtime:
#   flatpak remote-add --if-not-exists flathub https://dl.flathub.org/repo/flathub.flatpakrepo
#   flatpak install flathub org.gnome.Platform//50 org.gnome.Sdk//50
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/.." && pwd)
id=io.github.portlight.portlight
manifest=$here/$id.yml
flathub=https://dl.flathub.org/repo/flathub.flatpakrepo
out=$root/build-flatpak scope=--system install=1 run=0 key= url= deps= options=()
fail() { echo "$1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    --system|--user) scope=$1 ;;
    --out|--sign|--url)
      [ -n "${2-}" ] || fail "$1 needs a word after it: see $0 --help"
      case $1 in --out) out=$2 ;; --sign) key=$2 ;; --url) url=$2 ;; esac
      shift ;;
    --offline) options+=(--disable-download); deps=--no-deps ;;
    --no-install) install=0 ;;
    --run) run=1; shift; break ;;
    -h|--help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "Unknown argument “$1”: see $0 --help" ;;
  esac
  shift
done
[ -z "$key" ] || [ -n "$url" ] || fail '--sign needs --url: where the repository will be published.'
[ -z "$url" ] || [ -n "$key" ] || fail '--url needs --sign: only a signed repository is published.'
for tool in flatpak flatpak-builder; do
  command -v $tool >/dev/null || fail "$tool is not installed: install the package $tool of your distribution."
done
# A build takes minutes, and only its end wants the key.
if [ -n "$key" ] && ! said=$(gpg --batch --local-user "$key" --output /dev/null --yes --sign </dev/null 2>&1); then
  fail "GnuPG cannot sign with “$key”, which may be missing or expired: $said"
fi
branch=$(sed -n "s/^runtime-version: *'\(.*\)'/\1/p" "$manifest")
for runtime in org.gnome.Platform org.gnome.Sdk; do
  flatpak info "$runtime//$branch" >/dev/null 2>&1 ||
    fail "$runtime $branch is not installed:
  flatpak remote-add --if-not-exists flathub $flathub
  flatpak install flathub org.gnome.Platform//$branch org.gnome.Sdk//$branch"
done

mkdir -p "$out" 2>/dev/null || true
[ -d "$out" ] && [ -w "$out" ] && { [ ! -e "$out/.lock" ] || [ -w "$out/.lock" ]; } ||
  fail "$out is no folder that you may write to: choose another with --out."
out=$(cd "$out" && pwd)
exec 9>"$out/.lock"
flock -n 9 || fail "Another $0 is at work in $out: wait for its end, or choose another folder with --out."
free=$(($(stat -f -c '%a * %S' "$out") / 1048576))
[ "$free" -ge 200 ] || fail "There are $free MB free in $out, and a build takes 200: choose another folder with --out."
sign=() updates=()
if [ -n "$key" ]; then
  sign=("--gpg-sign=$key")
  gpg --export "$key" >"$out/portlight.gpg"
  updates=("--repo-url=$url" "--gpg-keys=$out/portlight.gpg")
fi

# At the end of a build flatpak-builder before 1.3.4 runs a program that the Sdk has had no more since 47, and fails without it.
builder=$(flatpak-builder --version)
builder=${builder##* }
if [ "$(printf '%s\n' "$builder" 1.3.4 | sort -V | head -n 1)" != 1.3.4 ] &&
  [ ! -e "$(flatpak info --show-location "org.gnome.Sdk//$branch")/files/bin/appstream-compose" ]; then
  echo "Software centres will not find the app in a repository of this build: that wants flatpak-builder 1.3.4, and this is $builder."
  quote="'" text=$(<"$manifest")
  source="path: '${root//$quote/$quote$quote}'"
  manifest=$out/$id.yml
  printf '%s\n' 'appstream-compose: false' "${text/path: ../"$source"}" >"$manifest"
fi
rm -rf "$out/state/build" # what builds that were cut short left
flatpak-builder --force-clean --disable-rofiles-fuse --state-dir="$out/state" --repo="$out/repo" --default-branch=stable \
  "${sign[@]}" "${options[@]}" "$out/build" "$manifest" || {
  missing=$(awk '/^ *url:/ {url = $2} /^ *sha256:/ {print url, $2}' "$manifest" | sort -u | while read -r url sum; do
    file=$out/state/downloads/$sum/${url##*/}
    [ -f "$file" ] || echo "  $url as $file"
  done)
  [ -z "$missing" ] ||
    fail "The build failed, and these sources are missing. Connect to the internet and leave out --offline, or save"$'\n'"$missing"
  fail 'The build failed: see above.'
}
flatpak build-bundle "${sign[@]}" "${updates[@]}" --runtime-repo=$flathub \
  "$out/repo" "$out/portlight.flatpak" "$id" stable
echo "Bundle for $(flatpak --default-arch): $out/portlight.flatpak ($(du -h "$out/portlight.flatpak" | cut -f1))"
if [ -n "$key" ]; then
  flatpak build-update-repo "${sign[@]}" --title=Portlight --default-branch=stable --generate-static-deltas "$out/repo"
  public=$(base64 -w0 "$out/portlight.gpg")
  address=$(printf '%s' "$url" | sed 's/[\\&|]/\\&/g') # what sed would take for its own
  for kind in flatpakrepo flatpakref; do
    sed -e "s|@URL@|$address|" -e "s|@GPGKEY@|$public|" "$here/portlight.$kind.in" >"$out/portlight.$kind"
  done
  echo "To publish: put $out/repo under $url, with portlight.flatpakrepo and portlight.flatpakref beside it."
fi
if [ $install = 1 ]; then
  flatpak install "$scope" -y --noninteractive --reinstall $deps "$out/portlight.flatpak" ||
    fail "The bundle is built, but not installed: see above. Where Flathub cannot be reached:
  flatpak install $scope --reinstall --no-deps ${out@Q}/portlight.flatpak"
fi
exec 9>&-
[ $run = 0 ] || exec flatpak run "$id" "$@"
