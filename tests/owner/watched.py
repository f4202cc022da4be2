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
REST_PATIENCE_S = 12  # for a search that takes some 30 ms of processor time, behind everybody else
TOO_BUSY = "nobody wrong, but the machine is too busy to find the right one in time"


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
    settle(report)
    return report


def look_at_threads(report):
    """(whether none of @report's runs or wants to, processor time of the one that looks into all processes)."""
    sleeps, spent_ns = True, 0
    for task in os.listdir("/proc/%d/task" % report.pid):
        task = "/proc/%d/task/%s/" % (report.pid, task)
        try:
            with open(task + "stat", encoding="utf-8") as stat, open(task + "schedstat", encoding="ascii") as times:
                name, fields = stat.read().rsplit(")", 1)
                spent_ns += int(times.read().split()[0]) if name.endswith("(owner-scan") else 0
                sleeps &= fields.split()[0] != "R"
        except FileNotFoundError:  # it ended
            pass
    return sleeps, spent_ns


class Rest:
    """Tells when @report has had its chance to find who sent what was sent before. The search through all processes is of low
    priority: half a second on a quiet machine, many on a busy one."""

    def __init__(self, report):
        self.report, self.spent_ns = report, -1
        self.since = self.began = time.monotonic()

    def is_long(self):
        sleeps, spent_ns = look_at_threads(self.report)
        if not sleeps or spent_ns != self.spent_ns:
            self.since, self.spent_ns = time.monotonic(), spent_ns
        return time.monotonic() - self.since >= SETTLE_S

    def is_too_late(self):
        return time.monotonic() - self.began >= REST_PATIENCE_S


def settle(report):
    """Waits for that. False when the machine is too busy."""
    rest = Rest(report)
    while report.poll() is None and not rest.is_long() and not rest.is_too_late():
        time.sleep(0.02)
    return not rest.is_too_late()


def finish(report):
    """(flows, summary) of all that it saw."""
    report.send_signal(signal.SIGINT)
    *flows, last = [json.loads(line) for line in report.communicate()[0].splitlines()]
    return flows, last["summary"]
