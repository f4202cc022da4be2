#!/bin/sh
# take.sh [FOLDER]: takes the pictures of README.md and the metainfo anew, into data/screenshots/ or FOLDER: real programs (programs/) talk
# to others (others.py) in network namespaces of their own, at documentation addresses, and the real window shows them. Builds first. Root.
cd "$(dirname "$0")/../.." || exit 1
[ "$(id -u)" = 0 ] || { echo 'Network namespaces and the capture need root.' >&2; exit 1; }
for program in curl wget ip openssl; do
  command -v $program >/dev/null || { echo "$program is not installed." >&2; exit 1; }
done
folder=$(realpath -m "${1:-data/screenshots}")
mkdir -p "$folder" && { [ -f build/build.ninja ] || meson setup build; } && ninja -C build || exit 1
export PORTLIGHT="$PWD/build/ui/portlight" GSETTINGS_SCHEMA_DIR="$PWD/build/data" XVFB_SCREEN=1600x900x24
exec unshare --mount tests/ui/run-window-test.sh --own-network "$PWD/tests/pictures/take.py" "$folder"
