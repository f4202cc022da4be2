"""What a generator sent is what portlight-report counts, to the packet and the byte, on loopback and over a veth pair
between two network namespaces made for it. Root only. Arguments: portlight-report, the generator,
portlight-helper, the shared test module's folder, and "counts", "events" or the names of single tests."""
import sys

sys.dont_write_bytecode = True
PROGRAM, TRAFFIC, HELPER = sys.argv[1:4]
sys.path.insert(0, sys.argv[4])

import atexit
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

from report_tests import *

HERE, THERE = "pl-live-a-%d" % os.getpid(), "pl-live-b-%d" % os.getpid()
LINK_HERE, LINK_THERE = "plv0", "plv1"
# name: (interface, address that sends, address that takes, where the taker lives)
PATHS = {
    "veth4": (LINK_HERE, "10.99.0.1", "10.99.0.2", THERE),
    "veth6": (LINK_HERE, "fd99::1", "fd99::2", THERE),
    "lo4": ("lo", "127.0.0.1", "127.0.0.1", HERE),
    "lo6": ("lo", "::1", "::1", HERE),
}
HEADERS = {"4": 14 + 20, "6": 14 + 40}  # Ethernet and IP; Linux gives lo an Ethernet header too
SOCKETS = 3  # of each capture: the bulk, and the first packets of datagrams and of all else
# Tests that send so much that another program's load could make the kernel drop some of it.
COUNTS = ("test_udp_", "test_any_counts_", "test_tcp_", "test_interface_")
SCRATCH = tempfile.TemporaryDirectory(prefix="portlight-live-")


# ---- the two hosts ----

def sh(*command, check=True):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stdout))
    return done.stdout


def inside(namespace, *command):
    return ["ip", "netns", "exec", namespace, *command]


def remove_hosts():
    for namespace in (HERE, THERE):
        sh("ip", "netns", "del", namespace, check=False)


def make_hosts():
    atexit.register(remove_hosts)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))  # atexit runs
    for namespace in (HERE, THERE):
        sh("ip", "netns", "add", namespace)
        sh(*inside(namespace, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0"))
        sh("ip", "-n", namespace, "link", "set", "lo", "up")
        offloads_off(namespace, "lo")
    make_link()


def offloads_off(namespace, device):
    sh(*inside(namespace, "ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off"))


def make_link():
    sh("ip", "-n", HERE, "link", "add", LINK_HERE, "type", "veth", "peer", "name", LINK_THERE, "netns", THERE)
    for namespace, device, v4, v6 in ((HERE, LINK_HERE, "10.99.0.1/24", "fd99::1/64"), (THERE, LINK_THERE, "10.99.0.2/24", "fd99::2/64")):
        offloads_off(namespace, device)
        sh("ip", "-n", namespace, "addr", "add", v4, "dev", device)
        sh("ip", "-n", namespace, "addr", "add", v6, "dev", device, "nodad")
        sh("ip", "-n", namespace, "link", "set", device, "up")
    for address in ("10.99.0.2", "fd99::2"):  # neighbours known, so that no flow begins with a wait
        sh(*inside(HERE, "ping", "-c", "1", "-W", "5", address))


# ---- programs ----

class Report:
    """portlight-report in the first namespace, capturing when this returns."""

    def __init__(self, device, *args, form="jsonl", program=(PROGRAM,), **environment):
        environment = dict(os.environ, LC_ALL="C.UTF-8", **environment)
        self.n_before = running_sockets()
        self.process = subprocess.Popen(inside(HERE, *program, "-i", device, "--format", form, *args), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment)
        wait_for(lambda: self.process.poll() is not None or running_sockets() == self.n_before + SOCKETS,
                 "its packet sockets")

    def finish(self, signal_number=signal.SIGINT):
        """Ends it at once: what was sent before counts, also what the kernel has not handed over yet."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        out, err = self.process.communicate(timeout=30)
        wait_for(lambda: running_sockets() <= self.n_before, "the end of its packet sockets")  # a helper ends a little later
        return Run(self.process.returncode, out, err)


def running_sockets():
    """Packet sockets that are bound, which libpcap does last (packet(7); the column R of /proc/net/packet)."""
    return sum(line.split()[5] == "1" for line in sh(*inside(HERE, "cat", "/proc/net/packet")).splitlines()[1:])


def wait_for(condition, what, timeout=10):
    end = time.monotonic() + timeout
    while not condition():
        true(time.monotonic() < end, "waited too long for " + what)
        time.sleep(0.02)


class Server:
    """A mode of the generator that waits."""

    def __init__(self, namespace, *args):
        self.process = subprocess.Popen(inside(namespace, TRAFFIC, *map(str, args)), stdout=subprocess.PIPE, text=True)
        equal(self.process.stdout.readline(), "ready\n")

    def finish(self):
        if "udp-sink" in self.process.args:
            self.process.terminate()
        out, _ = self.process.communicate(timeout=30)
        equal(self.process.returncode, 0)
        return json.loads(out)


def send(*args):
    """Runs the generator to its end and returns the facts it prints."""
    done = subprocess.run(inside(HERE, TRAFFIC, *map(str, args)), stdout=subprocess.PIPE, timeout=60, check=True)
    return json.loads(done.stdout)


def flow_of(flows, proto, local_port=None):
    found = [flow for flow in flows if flow["proto"] == proto and local_port in (None, flow["local"].get("port"))]
    true(len(found) == 1, "%d %s flows with local port %s in %r" % (len(found), proto, local_port, flows))
    return found[0]


def nothing_lost(summary):
    equal((summary["dropped"]["kernel"], summary["undecodable"]["cut-network"] + summary["undecodable"]["bad-network"]), (0, 0))
    equal(summary["others"]["flows"], 0)


def backlog_drops():
    with open("/proc/net/softnet_stat") as file:
        return sum(int(line.split()[1], 16) for line in file)


# ---- what was sent is what is counted ----

def count_udp(path, count, per_second, n_bytes=64):
    device, source, target, namespace = PATHS[path]
    sink = Server(namespace, "udp-sink", target, 9999)
    report = Report(device)
    drops = backlog_drops()
    sent = send("udp-send", target, 9999, count, per_second, n_bytes)
    drops = backlog_drops() - drops
    flows, summary = report.finish().fine().flows()
    sink.finish()
    equal((sent["sent"], sent["errors"]), (count, 0))
    nothing_lost(summary)
    flow = flow_of(flows, "udp", sent["port"])
    frame_bytes = HEADERS[path[-1]] + 8 + n_bytes
    lost = drops if device == "lo" else 0  # the kernel's own backlog drops a datagram on lo before anyone can see it
    equal(lost, 0)
    equal(flow["out"], {"packets": count, "bytes": count * frame_bytes, "payload_bytes": sent["payload_bytes"]})
    equal(flow["in"], {"packets": 0, "bytes": 0, "payload_bytes": 0})
    equal((flow["local"]["addr"], flow["remote"]["addr"], flow["remote"]["port"]), (source, target, 9999))
    equal((flow["initiator"], flow["iface"]), ("local", device))
    return flow, sent


def test_udp_paced_veth4():
    count_udp("veth4", 5000, 5000)


def test_udp_paced_veth6():
    count_udp("veth6", 5000, 5000)


def test_udp_paced_lo4():
    flow, sent = count_udp("lo4", 5000, 5000)
    equal((flow["app"]["pid"], flow["app"]["exe"]), (sent["pid"], os.path.realpath(TRAFFIC)))


def test_udp_paced_lo6():
    count_udp("lo6", 5000, 5000)


def test_udp_burst_veth4():
    count_udp("veth4", 100000, 0)


def test_udp_burst_veth6():
    count_udp("veth6", 100000, 0)


def test_udp_burst_lo4():
    count_udp("lo4", 100000, 0)


def test_udp_burst_lo6():
    count_udp("lo6", 100000, 0)


def test_any_counts_each_packet_once():
    """On "any" both of our interfaces at once, each flow under its own name."""
    sinks = [Server(PATHS[path][3], "udp-sink", PATHS[path][2], 9999) for path in ("veth4", "lo6")]
    report = Report("any")
    sent = {path: send("udp-send", PATHS[path][2], 9999, 2000, 5000, 64) for path in ("veth4", "lo6")}
    flows, summary = report.finish().fine().flows()
    for sink in sinks:
        sink.finish()
    nothing_lost(summary)
    for path, facts in sent.items():
        flow = flow_of(flows, "udp", facts["port"])
        equal((flow["iface"], flow["out"]["packets"], flow["out"]["payload_bytes"]), (PATHS[path][0], 2000, 2000 * 64))
        equal(flow["in"]["packets"], 0)


UP, DOWN = 3000000, 5000017


def count_tcp(path):
    """Payload is what the two programs passed; packets and bytes are what tcpdump wrote at the same time."""
    device, source, target, namespace = PATHS[path]
    capture = os.path.join(SCRATCH.name, path + ".pcap")
    server = Server(namespace, "tcp-serve", target, 9998, UP, DOWN)
    tcpdump = subprocess.Popen(inside(HERE, "tcpdump", "-Z", "root", "-U", "--immediate-mode", "-s", "128", "-B", "32768", "-i", device, "-w", capture, "tcp port 9998"),
                               stderr=subprocess.PIPE, text=True)
    true("listening on" in tcpdump.stderr.readline(), "tcpdump does not listen")
    report = Report(device)
    sent = send("tcp-send", target, 9998, UP, DOWN)
    server.finish()
    flows, summary = report.finish().fine().flows()
    wait_until_it_rests(capture)
    tcpdump.terminate()
    said = tcpdump.communicate(timeout=20)[1]
    equal(re.search(r"(\d+) packets dropped by kernel", said).group(1), "0")
    nothing_lost(summary)
    flow = flow_of(flows, "tcp", sent["port"])
    seen, n_passed = tcpdump_counts(capture, sent["port"])
    equal(n_passed, {"out": UP, "in": DOWN})
    for way in ("out", "in"):
        equal(flow[way], seen[way])
        if seen[way]["payload_bytes"] != n_passed[way]:
            print("# %s %s: %d bytes were sent again" % (path, way, seen[way]["payload_bytes"] - n_passed[way]))
    equal((flow["state"], flow["initiator"], flow["local"]["role"]), ("closed", "local", "temporary"))
    true("midstream" not in flow and "failure" not in flow, "%r" % flow)


def wait_until_it_rests(path):
    """tcpdump leaves what it has not read when it ends."""
    sizes = [-1]

    def rests():
        sizes.append(os.path.getsize(path))
        return sizes[-10:-1] == [sizes[-1]] * 9

    wait_for(rests, "the end of " + path)


def tcpdump_counts(capture, local_port):
    """Counters each way as the report should have them, and the bytes of the stream that were passed each way, which are
    fewer when a segment was sent again. Read from the file without any library."""
    counts = {way: {"packets": 0, "bytes": 0, "payload_bytes": 0} for way in ("out", "in")}
    first_seq, passed = {}, {"out": set(), "in": set()}
    with open(capture, "rb") as file:
        data = file.read()
    equal(struct.unpack_from("<I", data)[0], 0xA1B2C3D4)
    at = 24
    while at < len(data):
        n_captured, n_wire = struct.unpack_from("<II", data, at + 8)
        ip = at + 16 + 14
        is_v6 = data[ip - 2 : ip] == b"\x86\xdd"
        tcp_at = ip + (40 if is_v6 else 20)
        n_segment = struct.unpack_from(">H", data, ip + 4)[0] if is_v6 else struct.unpack_from(">H", data, ip + 2)[0] - 20
        source, _, seq, _, offset, flags = struct.unpack_from(">HHIIBB", data, tcp_at)
        n_payload = n_segment - (offset >> 4) * 4
        way = "out" if source == local_port else "in"
        if flags & SYN:
            first_seq[way] = seq + 1
        if n_payload > 0:
            passed[way].add(((seq - first_seq[way]) % 2**32, n_payload))
        counts[way]["packets"] += 1
        counts[way]["bytes"] += n_wire
        counts[way]["payload_bytes"] += n_payload
        at += 16 + n_captured
    return counts, {way: covered(ranges) for way, ranges in passed.items()}


def covered(ranges):
    """Bytes that ranges of (begin, length) cover together."""
    n_bytes = end = 0
    for begin, length in sorted(ranges):
        n_bytes += max(0, begin + length - max(end, begin))
        end = max(end, begin + length)
    return n_bytes


def test_tcp_veth4():
    count_tcp("veth4")


def test_tcp_veth6():
    count_tcp("veth6")


def test_tcp_lo4():
    count_tcp("lo4")


def test_tcp_lo6():
    count_tcp("lo6")


def test_interface_counters_agree():
    """The sum over all flows and what is no flow is what the kernel counted on the interface. Neighbours ask for each
    other when they like: a round in which they did while the report began or ended says nothing."""
    for _ in range(8):
        sink = Server(THERE, "udp-sink", "10.99.0.2", 9999)
        before = interface_counters()
        report = Report(LINK_HERE)
        is_quiet = interface_counters() == before
        send("udp-send", "10.99.0.2", 9999, 3000, 0, 200)
        sh(*inside(HERE, "ping", "-c", "2", "-i", "0.2", "10.99.0.2"))
        after = interface_counters()
        flows, summary = report.finish().fine().flows()
        is_quiet = is_quiet and interface_counters() == after
        sink.finish()
        if is_quiet:
            break
    true(is_quiet, "the neighbours never were silent")
    true(len(flows) >= 2, "%r" % flows)
    equal(summary["received"], after[0] - before[0])
    equal(summary["totals"]["packets"] + summary["undecodable_total"], summary["received"])
    if summary["undecodable_total"] == 0:
        equal(summary["totals"]["bytes"], after[1] - before[1])


def interface_counters():
    stats = json.loads(sh("ip", "-n", HERE, "-s", "-j", "link", "show", LINK_HERE))[0]["stats64"]
    return (stats["rx"]["packets"] + stats["tx"]["packets"], stats["rx"]["bytes"] + stats["tx"]["bytes"])


# ---- what happens to a flow ----

def test_refused():
    for path in PATHS:
        report = Report(PATHS[path][0])
        facts = send("tcp-send", PATHS[path][2], 9997, 1, 1)
        flows, _ = report.finish().fine().flows()
        flow = flow_of(flows, "tcp", facts["port"])
        equal((facts["errno"] != 0, flow["state"], flow["initiator"]), (True, "reset", "local"))
        equal(flow["failure"], {"kind": "refused", "certain": True})
        equal((flow["out"]["packets"], flow["in"]["packets"]), (1, 1))


def test_ping():
    for target, proto, headers in (("10.99.0.2", "icmp", 14 + 20), ("fd99::2", "icmpv6", 14 + 40)):
        report = Report(LINK_HERE)
        sh(*inside(HERE, "ping", "-c", "3", "-i", "0.2", "-s", "56", target))
        flows, _ = report.finish().fine().flows()
        flow = flow_of([flow for flow in flows if "echo_id" in flow], proto)
        for way in ("out", "in"):
            equal((flow[way]["packets"], flow[way]["bytes"]), (3, 3 * (headers + 8 + 56)))
        equal((flow["remote"], flow["initiator"]), ({"addr": target}, "local"))


def test_port_unreachable():
    """The ICMP error belongs to the flow it quotes; where the called host itself sends it, nobody has the port there."""
    for path, error in (("veth4", {"type": 3, "code": 3}), ("veth6", {"type": 1, "code": 4}), ("lo4", {"type": 3, "code": 3})):
        report = Report(PATHS[path][0])
        facts = send("udp-send", PATHS[path][2], 9996, 1, 0, 64)
        flows, _ = report.finish().fine().flows()
        flow = flow_of(flows, "udp", facts["port"])
        equal(flow["icmp_error"], dict(error, **{"from": PATHS[path][2]}))
        equal(flow["failure"], {"kind": "refused", "certain": True})


def test_fragments_join_their_flow():
    """4000 bytes over an MTU of 1500 are three fragments, of which only the first has ports."""
    for path, fragments in (("veth4", [1480, 1480, 1048]), ("veth6", [1448, 1448, 1112])):
        device, _, target, namespace = PATHS[path]
        sink = Server(namespace, "udp-sink", target, 9999)
        report = Report(device)
        facts = send("udp-send", target, 9999, 50, 1000, 4000)
        flows, summary = report.finish().fine().flows()
        sink.finish()
        nothing_lost(summary)
        flow = flow_of(flows, "udp", facts["port"])
        headers = HEADERS[path[-1]] + (8 if path == "veth6" else 0)
        equal(sum(fragments), 4008)
        equal(flow["out"], {"packets": 150, "bytes": 50 * (4008 + 3 * headers), "payload_bytes": 50 * 4000})
        equal(summary["undecodable"]["stray-fragment"], 0)


# ---- how it ends ----

def test_duration_ends_it():
    begin = time.monotonic()
    run_ = Report("lo", "-d", "0.5").finish(signal_number=None)
    run_.fine().flows()
    # It ends by itself: how soon after is the machine's matter, and finish() does not wait for ever.
    true(0.5 <= time.monotonic() - begin, "took %.1f s" % (time.monotonic() - begin))


def test_signals_end_it():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for form in ("text", "csv"):
            report = Report("any", form=form)
            send("udp-send", "127.0.0.1", 9999, 3, 0, 10)
            run_ = report.finish(number).fine()
            true(b"127.0.0.1" in run_.out, "%r" % run_.out)


def test_device_goes_down():
    for kill, restore in ((("link", "set", LINK_HERE, "down"), None), (("link", "del", LINK_HERE), make_link)):
        report = Report(LINK_HERE)
        facts = send("udp-send", "10.99.0.2", 9995, 1, 0, 10)
        sh("ip", "-n", HERE, *kill)
        run_ = report.finish(signal_number=None).failed(1, LINK_HERE)
        flow_of(run_.flows()[0], "udp", facts["port"])
        if restore is None:
            sh("ip", "-n", HERE, "link", "set", LINK_HERE, "up")
            sh("ip", "-n", HERE, "addr", "replace", "fd99::1/64", "dev", LINK_HERE, "nodad")
        else:
            restore()


def test_any_outlives_a_device():
    report = Report("any")
    sh("ip", "-n", HERE, "link", "del", LINK_HERE)
    make_link()
    sink = Server(THERE, "udp-sink", "10.99.0.2", 9999)
    facts = send("udp-send", "10.99.0.2", 9999, 10, 0, 64)
    flows, _ = report.finish().fine().flows()
    sink.finish()
    flow = flow_of(flows, "udp", facts["port"])
    equal((flow["out"]["packets"], flow["iface"]), (10, LINK_HERE))


def test_ordinary_user_through_the_helper():
    """Without rights the report captures through a helper that has them, and counts the same."""
    for tool in ("setpriv", "setcap"):
        if shutil.which(tool) is None:
            raise Skip("%s is not installed" % tool)
    os.chmod(SCRATCH.name, 0o755)
    program, helper = (shutil.copy(path, SCRATCH.name) for path in (PROGRAM, HELPER))
    if subprocess.run(["setcap", "cap_net_raw+ep", helper], stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("no file capabilities on this file system")
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", program)
    for device in ("lo", "any"):
        report = Report(device, program=nobody, PORTLIGHT_HELPER=helper)
        facts = send("udp-send", "127.0.0.1", 9999, 1000, 5000, 64)
        flows, summary = report.finish().fine().flows()
        nothing_lost(summary)
        equal(flow_of(flows, "udp", facts["port"])["out"]["packets"], 1000)
    report = Report("lo", program=nobody, PORTLIGHT_HELPER="/nowhere/portlight-helper")
    equal(report.finish(None).failed(1, "may not capture", "sudo").out, b"")


def test_pipe_from_tcpdump():
    tcpdump = subprocess.Popen(inside(HERE, "tcpdump", "-Z", "root", "-U", "-c", "500", "-i", "lo", "-w", "-", "udp"), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    reader = subprocess.Popen([PROGRAM, "-", "--format=jsonl"], stdin=tcpdump.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ, LC_ALL="C.UTF-8"))
    tcpdump.stdout.close()
    true(b"listening on" in tcpdump.stderr.readline(), "tcpdump does not listen")
    facts = send("udp-send", "127.0.0.1", 9999, 500, 5000, 64)
    tcpdump.wait(20)
    tcpdump.stderr.close()
    out, err = reader.communicate(timeout=30)
    flows, _ = Run(reader.returncode, out, err).fine().flows()
    equal(flow_of(flows, "udp", facts["port"])["out"]["packets"], 500)


if os.geteuid() != 0:
    skip_all("needs root: it makes network namespaces and captures")
for tool in ("ip", "ethtool", "tcpdump", "ping", "sysctl"):
    if shutil.which(tool) is None:
        skip_all("%s is not installed" % tool)
try:
    make_hosts()
except RuntimeError as reason:
    skip_all("no network namespaces here: " + str(reason).strip().replace("\n", "; "))
chosen = sys.argv[5:]
counts = {name for name in globals() if name.startswith(COUNTS)}
run_tests([value for name, value in list(globals().items()) if name.startswith("test_") and (
    not chosen or name.removeprefix("test_") in chosen or ("counts" if name in counts else "events") in chosen)])
