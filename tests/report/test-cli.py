"""portlight-report's command line, faults and output, on captures made here. Arguments: the program."""
import sys

sys.dont_write_bytecode = True
import csv
import fcntl
import gzip
import io
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import xml.etree.ElementTree

from report_tests import *

PROGRAM = sys.argv[1]
SCRATCH = tempfile.TemporaryDirectory(prefix="portlight-report-")
T0 = 1700000000000000
CLIENT, SERVER = "192.168.1.20", "93.184.216.34"


def path_of(name, data):
    path = os.path.join(SCRATCH.name, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def report(*args, **kwargs):
    return run(PROGRAM, *args, **kwargs)


def session():
    """A TCP connection, a DNS question over IPv6, an echo, and a frame that is no flow."""
    c, s = (CLIENT, SERVER), (SERVER, CLIENT)
    packets = [
        (T0, frame(*c, 6, tcp(51514, 443, SYN, 100))),
        (T0 + 1000, frame(*s, 6, tcp(443, 51514, SYN | ACK, 500, 101))),
        (T0 + 2000, frame(*c, 6, tcp(51514, 443, ACK, 101, 501))),
        (T0 + 3000, frame(*c, 6, tcp(51514, 443, ACK, 101, 501, b"r" * 100))),
        (T0 + 4000, frame(*s, 6, tcp(443, 51514, ACK, 501, 201, b"a" * 1000))),
        (T0 + 5000, frame("2001:db8::1", "2001:db8::53", 17, udp(33000, 53, b"q" * 30))),
        (T0 + 6000, frame("2001:db8::53", "2001:db8::1", 17, udp(53, 33000, b"a" * 60))),
        (T0 + 7000, frame(*c, 1, struct.pack(">BBHHH", 8, 0, 0, 77, 1) + b"e" * 56)),
        (T0 + 8000, ethernet(b"\0" * 46, 0x0806)),
    ]
    return packets


def whole():
    return path_of("whole.pcap", pcap(session()))


# ---- output ----

def test_jsonl_flows():
    flows, summary = report("--format", "jsonl", whole()).fine().flows()
    equal([flow["proto"] for flow in flows], ["tcp", "udp", "icmp"])
    tcp_flow = flows[0]
    equal({k: tcp_flow[k] for k in ("id", "initiator", "state", "first_us", "last_us")},
          {"id": 1, "initiator": "local", "state": "established", "first_us": T0, "last_us": T0 + 4000})
    equal(tcp_flow["local"], {"addr": CLIENT, "port": 51514, "range": "dynamic", "role": "temporary"})
    equal(tcp_flow["remote"], {"addr": SERVER, "port": 443, "range": "well-known", "role": "service", "service": "https"})
    equal(tcp_flow["out"], {"packets": 3, "bytes": 3 * 54 + 100, "payload_bytes": 100})
    equal(tcp_flow["in"], {"packets": 2, "bytes": 2 * 54 + 1000, "payload_bytes": 1000})
    true("app" not in tcp_flow and "remote_app" not in tcp_flow, "a file knows no apps")
    true("iface" in tcp_flow, "iface is always there")
    equal(flows[1]["local"], {"addr": "2001:db8::1", "port": 33000, "range": "registered", "role": "temporary"})
    equal(flows[1]["remote"]["addr"], "2001:db8::53")
    equal((flows[2]["local"], flows[2]["remote"], flows[2]["echo_id"]), ({"addr": CLIENT}, {"addr": SERVER}, 77))
    equal((summary["shown"], summary["not_shown"], summary["live"], summary["received"]), (3, 0, False, 9))
    equal(summary["totals"], {"flows": 3, "packets": 8, "bytes": sum(len(p[1]) for p in session()[:8]),
                              "payload_bytes": sum(flow[way]["payload_bytes"] for flow in flows for way in ("out", "in"))})
    equal((summary["undecodable_total"], summary["undecodable"]["not-ip"]), (1, 1))
    equal(sum(summary["undecodable"].values()), 1)
    equal(summary["others"], {"flows": 0, "packets": 0, "bytes": 0, "payload_bytes": 0})
    equal(sorted(summary["dropped"]), ["interface", "kernel", "questions"])
    true("error" not in summary, "no fault")


def test_csv_agrees_with_jsonl():
    flows, _ = report("--format=jsonl", whole()).fine().flows()
    text = report("--format=csv", whole()).fine().out.decode()
    true(text.endswith("\r\n") and text.count("\n") == text.count("\r\n"), "RFC 4180 ends lines with CRLF")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    equal(len(rows), len(flows))
    for row, flow in zip(rows, flows):
        equal([row[k] for k in ("id", "proto", "initiator", "state", "first_us", "last_us")],
              [str(flow[k]) for k in ("id", "proto", "initiator", "state", "first_us", "last_us")])
        for end in ("local", "remote"):
            for key in ("addr", "port", "range", "role", "service"):
                equal(row["%s_%s" % (end, key)], str(flow[end].get(key, "")))
        for way in ("out", "in"):
            for key in ("packets", "bytes", "payload_bytes"):
                equal(row["%s_%s" % (way, key)], str(flow[way][key]))


def test_text():
    lines = report(whole()).fine().out.decode().split("\n")
    equal(lines[0].split()[:4], ["PROTO", "LOCAL", "RANGE", "REMOTE"])
    equal(lines[1].split()[:8], ["tcp", CLIENT + ":51514", "dynamic", "→", SERVER + ":443", "well-known", "https", "established"])
    true(any("[2001:db8::53]:53" in line for line in lines), "IPv6 endpoints wear brackets")
    true(any("whole.pcap: 3 flows, 8 packets" in line for line in lines), "no summary in %r" % lines)
    true(any("undecodable 1 (not-ip 1)" in line for line in lines), "no undecodable in %r" % lines)
    true("\033" not in "".join(lines), "escapes where there is no terminal")


def test_text_in_ascii():
    done = subprocess.run([PROGRAM, whole()], stdout=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"), check=True)
    true(all(byte < 128 for byte in done.stdout), "bytes past ASCII in the C locale")
    true(b"->" in done.stdout, "no arrow")


def test_numbers_do_not_follow_the_locale():
    for locale in ("de_DE.UTF-8", "ar_EG.UTF-8", "C"):
        done = subprocess.run([PROGRAM, "--format=jsonl", whole()], stdout=subprocess.PIPE, check=True,
                              env=dict(os.environ, LC_ALL=locale))
        equal(done.stdout, report("--format=jsonl", whole()).out)


def test_sort_and_top():
    flows, summary = report("--format=jsonl", "--sort=port", "--top=2", whole()).fine().flows()
    equal([flow["proto"] for flow in flows], ["udp", "tcp"])
    equal((summary["shown"], summary["not_shown"], summary["totals"]["flows"]), (2, 1, 3))
    flows, _ = report("--format=jsonl", "--top=1", whole()).fine().flows()
    equal(flows[0]["proto"], "tcp")  # with --top the greatest
    true("… 2 more" in report("--top", "1", whole()).fine().out.decode(), "text says how many are left out")


def test_local():
    flows, _ = report("--format=jsonl", "--local", "93.184.216.0/24", whole()).fine().flows()
    equal((flows[0]["local"]["addr"], flows[0]["initiator"], flows[0]["local"]["role"]), (SERVER, "remote", "listening"))
    flows, _ = report("--format=jsonl", "--local", SERVER, "--local=2001:db8::53", whole()).fine().flows()
    equal([flow["local"]["addr"] for flow in flows[:2]], [SERVER, "2001:db8::53"])


def test_capture_filter():
    flows, summary = report("--format=jsonl", "--capture-filter", "udp port 53", whole()).fine().flows()
    equal(([flow["proto"] for flow in flows], summary["totals"]["packets"]), (["udp"], 2))


def test_stdin_and_gzip():
    expected = report("--format=csv", whole()).fine().out
    with open(whole(), "rb") as file:
        data = file.read()
    equal(report("--format=csv", "-", data=data).fine().out, expected)
    equal(report("--format=csv", "-", data=gzip.compress(data)).fine().out, expected)
    equal(report("--format=csv", path_of("whole.pcap.gz", gzip.compress(data))).fine().out, expected)


def test_no_flows():
    empty = path_of("no-packets.pcap", pcap([]))
    flows, summary = report("--format=jsonl", empty).fine().flows()
    equal((flows, summary["totals"]["packets"], summary["first_us"]), ([], 0, 0))
    true("No flows." in report(empty).fine().out.decode(), "text says it")
    equal(report("--format=csv", empty).fine().out.count(b"\r\n"), 1)


def test_hostile_file_name():
    path = path_of("a\033]0;pwned\007\n\u202e\".pcap", pcap(session()))
    flows, summary = report("--format=jsonl", path).fine().flows()
    true("pwned" in summary["source"] or len(flows) == 3, "named")
    for args in ((path,), ("--format=csv", path)):
        out = report(*args).fine().out
        true(b"\033" not in out and b"\007" not in out and "\u202e".encode() not in out, "raw control characters in %r" % out)
    report(path + "\033.missing").failed(1, "pwned")
    os.rename(path, os.fsencode(SCRATCH.name) + b"/\xff\xfe.pcap")
    report("--format=jsonl", os.fsencode(SCRATCH.name) + b"/\xff\xfe.pcap").fine().flows()


def test_help_and_version():
    out = report("--help").fine().out.decode()
    for word in ("--interface", "--duration", "--capture-filter", "--local", "--format", "--sort", "--top", "--version",
                 "bytes, packets", "FILE"):
        true(word in out, "%s is not in --help" % word)
    equal(report("--version").fine().out.decode().split()[0], "portlight-report")


# ---- faults of the source ----

def test_missing_file():
    equal(report(os.path.join(SCRATCH.name, "nowhere.pcap")).failed(1, "nowhere.pcap").out, b"")


def test_directory():
    equal(report(SCRATCH.name).failed(1, "director").out, b"")


def test_empty_file():
    for args in ((path_of("empty.pcap", b""),), ("-",)):
        equal(report(*args, data=b"").failed(1, "empty").out, b"")


def test_wrong_magic():
    for data in (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"abc", b"#!/bin/sh\necho no capture\n", gzip.compress(b"text in gzip" * 9)):
        path = path_of("picture.png", data)
        equal(report(path).failed(1, "picture.png").out, b"")


def test_truncated_file():
    data = pcap(session())
    path = path_of("cut.pcap", data[:-10])
    run_ = report("--format=jsonl", path).failed(1, "cut.pcap")
    flows, summary = run_.flows()
    equal((len(flows), summary["totals"]["packets"]), (3, 8))
    true(summary["error"] in run_.err.decode(), "the summary names the fault")
    for n_bytes in (24 + 5, 24 + 16 + 3):  # inside the first record
        flows, summary = report("--format=jsonl", path_of("cut.pcap", data[:n_bytes])).failed(1).flows()
        equal((flows, summary["totals"]["packets"]), ([], 0))
    report(path_of("cut.pcap", data[:10])).failed(1)


def test_truncated_stdin_and_gzip():
    data = pcap(session())
    flows, _ = report("--format=jsonl", "-", data=data[:-10]).failed(1).flows()
    equal(len(flows), 3)
    packed = gzip.compress(pcap(session() * 500))
    flows, _ = report("--format=jsonl", path_of("cut.gz", packed[: len(packed) // 2])).failed(1).flows()
    true(len(flows) >= 1, "what could be unpacked is reported")


def test_corrupt_record():
    data = bytearray(pcap(session()))
    at = 24 + 16 + len(session()[0][1])  # the second record's header
    data[at + 8 : at + 12] = b"\xff\xff\xff\x7f"
    flows, summary = report("--format=jsonl", path_of("bad.pcap", bytes(data))).failed(1, "bad.pcap").flows()
    equal((len(flows), summary["totals"]["packets"]), (1, 1))


def test_unknown_link_type():
    equal(report(path_of("usb.pcap", pcap(session(), linktype=USB))).failed(1, "link").out, b"")


def test_unreadable_file():
    if os.geteuid() != 0:
        path = path_of("secret.pcap", pcap(session()))
        os.chmod(path, 0)
        report(path).failed(1, "may not read")
        return
    path = path_of("secret.pcap", pcap(session()))
    os.chmod(path, 0o600)
    os.chmod(SCRATCH.name, 0o755)
    as_nobody(path).failed(1, "may not read")


def as_nobody(*args):
    if shutil.which("setpriv") is None:
        raise Skip("setpriv is not here")
    directory = os.path.join(SCRATCH.name, "nobody")
    if not os.path.isdir(directory):
        os.mkdir(directory, 0o755)
        os.chmod(SCRATCH.name, 0o755)
        shutil.copy(PROGRAM, directory)
    return run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
               os.path.join(directory, os.path.basename(PROGRAM)), *args)


def test_no_permission():
    for args in ((), ("-i", "lo"), ("-i", "any", "-d", "1", "--format=jsonl")):
        done = report(*args) if os.geteuid() != 0 else as_nobody(*args)
        equal(done.failed(1, "captur", "sudo").out, b"")  # in which words depends on what stands in the way: polkit may not even run


def test_no_such_interface():
    if os.geteuid() != 0:
        raise Skip("only root is told whether an interface is there")
    equal(report("-i", "pl-nowhere0").failed(1, "pl-nowhere0").out, b"")
    for name in ("nfqueue", "usbmon0", "dbus-system", "bluetooth0", "../../etc/passwd", "a" * 300, "lo\n"):
        report("-i", name).failed(1)


def test_bad_filter():
    equal(report("--capture-filter", "port what", whole()).failed(1, "filter").out, b"")
    report("--capture-filter", "tcp and (", whole()).failed(1, "filter")
    report("--capture-filter", "x" * 5000, whole()).failed(1, "filter")


# ---- faults of the command line ----

def test_wrong_options():
    report("--local", "300.1.1.1", whole()).failed(2, "300.1.1.1", "--local")
    report("--local", "10.0.0.0/33", whole()).failed(2, "10.0.0.0/33")
    report("--sort", "colour", whole()).failed(2, "colour", "bytes, packets")
    report("--format", "xml", whole()).failed(2, "xml", "jsonl")
    report("--top", "0", whole()).failed(2, "--top")
    report("--top=-3", whole()).failed(2, "--top")
    report("--top", "many", whole()).failed(2, "many")
    report("--colour", whole()).failed(2, "--colour", "--help")
    report("-i").failed(2, "-i")
    report("-i", "").failed(2, "-i")
    report("").failed(2)
    for seconds in ("0", "-1", "soon", "nan", "inf", "1e99", "5s", ""):
        report("-i", "lo", "-d", seconds).failed(2, "-d")


def test_options_in_conflict():
    report("-i", "lo", whole()).failed(2, "-i")
    report("-i", "lo", "-").failed(2, "-i")
    report("-d", "1", whole()).failed(2, "-d")
    report(whole(), whole()).failed(2)
    report("-i", "lo", "-i", "any").failed(2, "-i")


# ---- the graph ----

def graph_of(*args):
    path = os.path.join(SCRATCH.name, "graph.svg")
    done = report("--graph=" + path, *args).fine()
    with open(path, encoding="utf-8") as file:
        svg = file.read()
    xml.etree.ElementTree.fromstring(svg)
    return svg, done


def test_graph():
    path = os.path.join(SCRATCH.name, "graph.svg")
    with open(path, "w") as file:
        file.write("x" * 500000)
    svg, done = graph_of(whole())
    for word in (">:51514<", ">:443<", ">https<", SERVER, "2001:db8::53", ">ping<", "whole.pcap", "3 flows"):
        true(word in svg, "%r is not in the graph" % word)
    true("x" * 100 not in svg, "the old file shows")
    true(SCRATCH.name not in svg, "the folder is in the graph")
    equal(done.out, report(whole()).fine().out)
    equal(graph_of(whole())[0], svg)
    equal(report("--graph=-", whole()).fine().out.decode(), svg)
    true(graph_of("--graph-style=dark", whole())[0] != svg, "dark is light")


def test_graph_redacted():
    svg, _ = graph_of("--redact", whole())
    for word in (CLIENT, SERVER, "2001:db8", "whole"):
        true(word not in svg, "%r is in the redacted graph" % word)
    for word in ("address 1", "address 2", ">:443<", ">https<"):
        true(word in svg, "%r is not in the graph" % word)


def test_graph_is_whole_or_not_there():
    """What fails leaves no file, no remains beside it, and what was there as it was; a link leads to what is replaced."""
    folder = os.path.join(SCRATCH.name, "whole")
    path, link = os.path.join(folder, "graph.svg"), os.path.join(folder, "link.svg")
    os.mkdir(folder)
    report("--graph=" + path, os.path.join(folder, "none.pcap")).failed(1, "none.pcap")
    equal(os.listdir(folder), [])
    with open(path, "w", encoding="utf-8") as file:
        file.write("kept")
    os.chmod(path, 0o640)
    os.symlink(path, link)
    report("--graph=" + path, os.path.join(folder, "none.pcap")).failed(1, "none.pcap")
    equal(open(path, encoding="utf-8").read(), "kept")
    report("--graph=" + link, whole()).fine()
    true(os.path.islink(link) and "<svg" in open(path, encoding="utf-8").read(), "the link's file is not the graph")
    equal(os.stat(path).st_mode & 0o777, 0o640)
    equal(sorted(os.listdir(folder)), ["graph.svg", "link.svg"])


def test_graph_faults():
    nowhere = os.path.join(SCRATCH.name, "none", "graph.svg")
    report("--graph=" + nowhere, whole()).failed(2, nowhere)
    report("--graph=" + SCRATCH.name, whole()).failed(2, SCRATCH.name)
    report("--graph=", whole()).failed(2, "--graph")
    report("--redact", whole()).failed(2, "--graph")
    report("--graph=-", "--graph-style=pink", whole()).failed(2, "pink", "dark")
    if os.path.exists("/dev/full"):
        report("--graph=/dev/full", whole()).failed(1, "/dev/full")


def test_graph_in_a_folder_of_others():
    """A new file can't be made there, and that is what is said; a file of ours that is there is written to."""
    folder = os.path.join(SCRATCH.name, "others")
    kept = os.path.join(folder, "ours.svg")
    os.mkdir(folder)
    with open(kept, "w") as file:
        file.write("old")
    os.chmod(kept, 0o666)
    os.chmod(folder, 0o555)
    program = report if os.geteuid() != 0 else as_nobody
    capture = whole()
    os.chmod(capture, 0o644)
    program("--graph=" + os.path.join(folder, "new.svg"), capture).failed(2, "Permission denied")
    program("--graph=" + kept, capture).fine()
    true("<svg" in open(kept, encoding="utf-8").read(), "the graph is not in the file")


def test_graph_without_a_home():
    """The desktop's icon theme is asked for where that can be; where not, nobody is told of what he did not ask for."""
    home = os.path.join(SCRATCH.name, "home")
    os.mkdir(home, 0o555)
    capture, kept = whole(), dict(os.environ)
    os.chmod(capture, 0o644)
    for name in ("GSETTINGS_BACKEND", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        os.environ.pop(name, None)
    os.environ.update(HOME=home, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    try:
        program = report if os.geteuid() != 0 else as_nobody
        true("<svg" in program("--graph=-", capture).fine().out.decode(), "there is no graph")
    finally:
        os.environ.clear()
        os.environ.update(kept)


# ---- where the output goes ----

def test_reader_leaves():
    big = path_of("big.pcap", pcap([(T0, frame("10.%d.%d.1" % (i >> 8, i & 255), SERVER, 17, udp(1000, 53, b"")))
                                    for i in range(20000)]))
    for form in ("text", "jsonl", "csv"):
        process = subprocess.Popen([PROGRAM, "--format", form, big], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.read(10)
        process.stdout.close()
        equal((process.wait(60), process.stderr.read()), (0, b""))
        process.stderr.close()


def test_reader_leaves_while_nothing_comes():
    process = subprocess.Popen([PROGRAM, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(pcap(session()))
    process.stdin.flush()
    time.sleep(0.5)
    equal(process.poll(), None)
    process.stdout.close()
    equal((process.wait(20), process.stderr.read()), (0, b""))
    process.stdin.close()
    process.stderr.close()


def test_interrupted_file():
    """Ctrl-C in the middle of a file (here one that never ends) reports what was read, and says that it is not all."""
    path = os.path.join(SCRATCH.name, "endless")
    os.mkfifo(path)
    process = subprocess.Popen([PROGRAM, "--format=jsonl", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(path, "wb") as file:
        file.write(pcap(session()))
        file.flush()
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        status = process.wait(20)
    done = Run(status, process.stdout.read(), process.stderr.read()).failed(1, "interrupted")
    flows, summary = done.flows()
    equal((len(flows), summary["error"] in done.err.decode()), (3, True))
    process.stdout.close()
    process.stderr.close()


def test_output_fails():
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full here")
    with open("/dev/full", "wb") as full:
        for form in ("text", "jsonl", "csv"):
            report("--format", form, whole(), stdout=full).failed(1, "written", "space")
        true(report("--version", stdout=full).status == 1, "--version")


def test_closed_stdout():
    done = subprocess.run(["/bin/sh", "-c", '"$0" "$1" >&-', PROGRAM, whole()], stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"))
    Run(done.returncode, b"", done.stderr).failed(1, "output")
    done = subprocess.run(["/bin/sh", "-c", '"$0" --format=jsonl "$1" <&- 2>&-', PROGRAM, whole()], stdout=subprocess.PIPE)
    equal(len(Run(done.returncode, done.stdout, b"").fine().flows()[0]), 3)


def test_many_flows():
    """200,000 flows: the lines go out as they are made."""
    n_flows = 200000
    big = path_of("many.pcap", pcap([(T0 + i, frame("10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i & 255), SERVER, 17, udp(1000, 53, b"x")))
                                     for i in range(n_flows)]))
    flows, summary = report("--format=jsonl", big, timeout=120).fine().flows()
    equal((len(flows), summary["totals"]["packets"], summary["totals"]["flows"]), (n_flows, n_flows, n_flows))
    equal(len({(flow["local"]["addr"], flow["remote"]["addr"]) for flow in flows}), n_flows)


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *args, columns=100, lines=20, env=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen([PROGRAM, *args], stdin=subprocess.PIPE, stdout=slave, stderr=subprocess.PIPE,
                                        env=dict(os.environ, LC_ALL="C.UTF-8", **(env or {"TERM": "xterm"})))
        os.close(slave)
        self.seen = b""

    def read_until(self, done, timeout=20):
        end = time.monotonic() + timeout
        while not done(self.seen):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            true(ready, "not seen in time: %r" % self.seen[-2000:])
            try:
                data = os.read(self.master, 65536)
            except OSError:  # EIO: the program ended
                data = b""
            if not data:
                break
            self.seen += data

    def finish(self):
        self.read_until(lambda seen: False)
        self.process.stdin.close()
        os.close(self.master)
        return Run(self.process.wait(20), self.seen, self.process.stderr.read())


def test_table_is_live_on_a_terminal():
    terminal = Terminal("-")
    packets = session()
    terminal.process.stdin.write(pcap(packets[:1]))
    terminal.process.stdin.flush()
    terminal.read_until(lambda seen: b"syn-sent" in seen)
    terminal.process.stdin.write(pcap(packets[1:])[24:])
    terminal.process.stdin.flush()
    terminal.read_until(lambda seen: b"established" in seen)
    terminal.process.send_signal(signal.SIGINT)
    out = terminal.finish().fine().out
    before, _, final = out.partition(b"\033[?1049l")
    true(before.startswith(b"\033[?1049h") and before.count(b"\033[H") >= 2, "no frames in %r" % before)
    true(b"established" in final and b"3 flows, 8 packets" in final, "no final table in %r" % final)
    true(b"\033[33m:51514\033[0m" in final, "the range has no colour in %r" % final)
    frames = before.split(b"\033[H")[1:]
    true(all(frame_.count(b"\n") < 20 for frame_ in frames), "a frame is longer than the terminal")


def test_terminal_without_colour_or_cursor():
    for env in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}):
        terminal = Terminal(whole(), env=env)
        out = terminal.finish().fine().out
        true(b"\033" not in out and b":51514" in out, "%r" % out)


def test_narrow_terminal():
    out = Terminal(whole(), columns=64, env={"TERM": "xterm", "NO_COLOR": "1"}).finish().fine().out.decode()
    table = out.split("\r\n\r\n")[0].split("\r\n")
    true(all(len(line) <= 64 for line in table), "%r" % table)
    true(all(CLIENT + ":51514" in line and SERVER + ":443" in line for line in table if line.startswith("tcp")), "%r" % table)


def test_stdin_is_a_terminal():
    master, slave = pty.openpty()
    report("-", stdin=slave).failed(2, "terminal", "tcpdump")
    os.close(master)
    os.close(slave)


def test_endless_stdin_ends():
    """-d and each signal end it with a report."""
    for end, args in ((None, ("-d", "1")), (signal.SIGINT, ()), (signal.SIGTERM, ()), (signal.SIGHUP, ())):
        process = subprocess.Popen([PROGRAM, "--format=jsonl", *args, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdin.write(pcap(session()))
        process.stdin.flush()
        if end is not None:
            time.sleep(0.7)
            process.send_signal(end)
        status = process.wait(20)
        flows, _ = Run(status, process.stdout.read(), process.stderr.read()).fine().flows()
        equal(len(flows), 3)
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


run_tests([value for name, value in list(globals().items()) if name.startswith("test_")])
