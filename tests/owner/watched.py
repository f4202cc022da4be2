"""What the tests of whom portlight-report names share: a network of their own, and the program while it captures there."""
import ctypes
import json
import os
import signal
import subprocess
import time

CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x20000
SOCKETS = 3  # of a capture: the bulk, and the first packets of datagrams and of all else
PATIENCE_S = 5  # in the first network another's sockets may go meanwhile
SETTLE_S = 0.5  # the helper's tracepoints come a moment after its sockets, as does what this machine's processes hold


def own_namespaces(flags):
    """For this process and its children: their own network, if that is among the flags, and tracefs, which a machine without
    systemd has not mounted. FALSE where that is not allowed."""
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        return False
    # A new network forwards where the first one does, and what may be forwarded may be anybody's packet.
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        path = os.path.join("/proc/sys/net", name)
        if flags & CLONE_NEWNET and os.path.exists(path):
            with open(path, "w", encoding="ascii") as file:
                file.write("0")
    if flags & CLONE_NEWNS:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        if not os.path.exists("/sys/kernel/tracing/events"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"], stderr=subprocess.DEVNULL)
    return subprocess.run(["ip", "link", "set", "lo", "up"]).returncode == 0


def has_tracepoints():
    return os.path.exists("/sys/kernel/tracing/events/fib/fib_table_lookup/format")


def running_sockets():
    """Packet sockets in this network that are bound, which libpcap does last (packet(7), the column R)."""
    with open("/proc/self/net/packet", encoding="ascii") as table:
        return sum(line.split()[5] == "1" for line in table.read().splitlines()[1:])


def start(command, helper, **options):
    """portlight-report by @command, capturing on the loopback interface when this returns."""
    before = running_sockets()
    report = subprocess.Popen([*command, "-i", "lo", "--format", "jsonl"], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, PORTLIGHT_HELPER=helper, LC_ALL="C.UTF-8"), **options)
    end = time.monotonic() + PATIENCE_S
    while report.poll() is None and running_sockets() < before + SOCKETS and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(SETTLE_S)
    return report


def finish(report):
    """(flows, summary) of all that it saw."""
    report.send_signal(signal.SIGINT)
    *flows, last = [json.loads(line) for line in report.communicate()[0].splitlines()]
    return flows, last["summary"]
