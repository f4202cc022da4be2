#!/bin/sh
# network.sh COMMAND…: runs COMMAND in a network namespace of its own, or says what is missing for it. What is sent to 10.0.0.0/16 leaves
# through a veth pair into a second namespace, where nobody takes it.
[ "$(id -u)" = 0 ] || { echo 'skipped: capturing in a network namespace needs root'; exit 77; }
for program in Xvfb dbus-run-session unshare nsenter ip; do
  command -v $program >/dev/null || { echo "skipped: $program is missing"; exit 77; }
done
if [ "$1" != --inside ]; then
  exec unshare --net -- "$0" --inside "$@"
fi
shift
unshare --net sleep infinity &
other=$!
trap 'kill $other' EXIT
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link set lo up
for net in self $other; do # no neighbour discovery: idle is to be idle
  for which in all default; do
    nsenter --net=/proc/$net/ns/net sh -c "echo 1 >/proc/sys/net/ipv6/conf/$which/disable_ipv6" 2>/dev/null
  done
done
ip link add veth0 type veth peer name veth1 && ip link set veth1 netns $other &&
  nsenter --net=/proc/$other/ns/net ip link set veth1 up &&
  ip addr add 10.0.0.1/16 dev veth0 && ip link set veth0 arp off up || { echo 'skipped: no veth devices can be made here'; exit 77; }
"$@"
