"""What --sockets tells of real sockets, against what the programs that opened them know: every protocol, three scopes of
listeners, what is unknown, and packets and sockets meeting in one row. In a network namespace of its own where it is root,
once as root and once as an ordinary user; else among everybody's sockets as whoever runs it. Argument: portlight-report."""
import sys

sys.dont_write_bytecode = True
PROGRAM = sys.argv[1]

import ctypes
import encodings.idna  # for names of hosts: another user may not read this Python's files
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import time

from report_tests import *

CLONE_NEWNET = 0x40000000
PR_SET_DUMPABLE = 4
LIBC = ctypes.CDLL(None)
UDPLITE = 136
OTHER_UID, USER_UID = 65533, 65534
IS_ROOT = os.geteuid() == 0
HAS_NETWORK = IS_ROOT and LIBC.unshare(CLONE_NEWNET) == 0
if HAS_NETWORK:
    for command in ("link set lo up", "addr add 192.168.77.1/24 dev lo"):
        subprocess.run(["ip", *command.split()], check=True)


def become(uid):
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after an exec: its user may look into it


class Program:
    """A process that opens what @open says, tells its ports and keeps all until it is let go."""

    def __init__(self, opener, uid=0):
        reader, writer = os.pipe()
        self.release, self.hold = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for fd in range(3, 64):  # others' pipes, which would never end
                    if fd not in (writer, self.release):
                        try:
                            os.close(fd)
                        except OSError:
                            pass
                become(uid)
                kept = []
                os.write(writer, json.dumps(opener(kept)).encode() + b"\n")
                os.read(self.release, 1)
            finally:
                os._exit(0)
        os.close(writer)
        os.close(self.release)
        with os.fdopen(reader) as answer:
            self.knows = json.loads(answer.readline())

    def end(self):
        os.close(self.hold)
        os.waitpid(self.pid, 0)


def connection(kept, family, host, n_out, n_in):
    """A TCP connection to itself over which so much went each way; [port that called, port called]."""
    listener = socket.create_server((host, 0), family=family)
    client = socket.create_connection(listener.getsockname()[:2])
    server, _ = listener.accept()
    for sender, taker, n in ((client, server, n_out), (server, client, n_in)):
        sender.sendall(b"x" * n)
        while n > 0:
            n -= len(taker.recv(65536))
    kept += [listener, client, server]
    return [client.getsockname()[1], listener.getsockname()[1]]


def datagrams(kept, proto):
    """An unconnected and a connected socket; [port that called, port called]."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, proto)
    server.bind(("127.0.0.1", 0))
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, proto)
    client.connect(server.getsockname())
    client.send(b"hello")
    kept += [server, client]
    return [client.getsockname()[1], server.getsockname()[1]]


def report(*arguments, uid=0):
    done = subprocess.run([PROGRAM, "--sockets", *arguments, "--format", "jsonl"], capture_output=True, timeout=30,
                          preexec_fn=lambda: become(uid))
    equal(done.stderr.decode(), "")
    equal(done.returncode, 0)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return rows[:-1], rows[-1]["summary"]


def row_of(rows, proto, local, remote=None, at=None):
    found = [row for row in rows if row["proto"] == proto and row["local"].get("port") == local
             and at in (None, row["local"]["addr"])
             and ("remote" not in row if remote is None else row.get("remote", {}).get("port") == remote)]
    equal(len(found), 1)
    return found[0]


def check_owner(row, pid):
    app = row["app"]
    equal((app["pid"], app["confidence"]), (pid, "exact"))
    equal(app["parent_pid"], os.getpid())
    equal(app["name"], "test-sockets.py")
    true("test-sockets.py" in app["cmdline"], app["cmdline"])
    true(abs(app["started_us"] / 1e6 - time.time()) < 60, "began at %r" % app["started_us"])
    true("user" in app and "exe" in app and "parent" in app, "%r" % app)


PLACES = [("127.0.0.1", "this-computer"), ("0.0.0.0", "everyone"), ("::1", "this-computer"), ("::", "everyone")]
if HAS_NETWORK:
    PLACES.append(("192.168.77.1", "this-network"))


def datagram_protos():
    protos = {"udp": socket.IPPROTO_UDP, "udplite": UDPLITE}
    for name, proto in list(protos.items()):
        try:
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM, proto).close()
        except OSError:
            del protos[name]  # the kernel has none
    return protos


def open_all(kept):
    """An app with connections, datagrams and forty ports that it listens on."""
    listeners = [socket.create_server((PLACES[i % len(PLACES)][0], 0),
                                      family=socket.AF_INET6 if ":" in PLACES[i % len(PLACES)][0] else socket.AF_INET)
                 for i in range(40)]
    on_loopback = [socket.socket(family, socket.SOCK_STREAM) for family in (socket.AF_INET, socket.AF_INET6)]
    for bound in on_loopback:  # any address, but of one device
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        bound.listen()
    kept += listeners + on_loopback
    return {
        "tcp": [connection(kept, socket.AF_INET, "127.0.0.1", 1000, 500), connection(kept, socket.AF_INET6, "::1", 70000, 3)],
        "datagrams": {name: datagrams(kept, proto) for name, proto in datagram_protos().items()},
        "listeners": [listener.getsockname()[1] for listener in listeners],
        "on loopback": [bound.getsockname()[:2] for bound in on_loopback],
    }


class World:
    """What one user's program opened, and what that user is told of it."""

    def __init__(self, uid):
        self.program = Program(open_all, uid)
        self.rows, self.summary = report(uid=uid)
        self.text = subprocess.run([PROGRAM, "--sockets"], capture_output=True, text=True,
                                   preexec_fn=lambda: become(uid)).stdout
        self.program.end()


WORLDS = [World(uid) for uid in ((0, USER_UID) if IS_ROOT else (0,))]


def test_tcp():
    for world in WORLDS:
        for (caller, called), sent, taken in zip(world.program.knows["tcp"], (1000, 70000), (500, 3)):
            row = row_of(world.rows, "tcp", caller, called)
            check_owner(row, world.program.pid)
            equal(row["remote_app"]["pid"], world.program.pid)
            equal((row["initiator"], row["state"]), ("local", "established"))
            equal(row["out"], {"packets": None, "bytes": None, "payload_bytes": sent})
            equal(row["in"], {"packets": None, "bytes": None, "payload_bytes": taken})
            told = row["socket"]
            true(told["rtt_us"] > 0 and told["min_rtt_us"] > 0 and told["retransmits"] == 0, "%r" % told)


def test_datagrams_are_unknown_not_0():
    for world in WORLDS:
        for name, (caller, called) in world.program.knows["datagrams"].items():
            row = row_of(world.rows, name, caller, called)
            check_owner(row, world.program.pid)
            for way in ("out", "in"):
                equal(row[way], {"packets": None, "bytes": None, "payload_bytes": None})
            equal(set(row["socket"].values()), {False, None})
            equal((row["remote_app"]["pid"], row["remote_app"]["confidence"]), (world.program.pid, "listener"))
            equal(row_of(world.rows, name, called)["reach"], "this-computer")
            line = next(line for line in world.text.splitlines() if line.startswith(name + " ") and ":%d " % caller in line)
            true(line.count("unknown") == 4 and " 0" not in line, line)


def test_raw_sockets_have_no_port():
    if not HAS_NETWORK:
        raise Skip("raw sockets need root")

    def opener(kept):
        kept += [socket.socket(socket.AF_INET, socket.SOCK_RAW, 89), socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)]
        return []

    program = Program(opener)
    rows, _ = report()
    program.end()
    for proto in ("ospf", "icmpv6"):
        row = row_of(rows, proto, None)
        check_owner(row, program.pid)
        equal(row["reach"], "everyone")
        true("port" not in row["local"], "%r" % row)


def test_listeners_and_who_can_reach_them():
    for world in WORLDS:
        for i, port in enumerate(world.program.knows["listeners"]):
            row = row_of(world.rows, "tcp", port, at=PLACES[i % len(PLACES)][0])
            check_owner(row, world.program.pid)
            equal((row["state"], row["reach"]), ("listen", PLACES[i % len(PLACES)][1]))
        for addr, port in world.program.knows["on loopback"]:
            equal(row_of(world.rows, "tcp", port, at=addr)["reach"], "this-computer")
        true(world.summary["listeners"] >= 42, "%r" % world.summary)
        true("this computer only" in world.text and "everyone" in world.text, world.text)


def test_a_busy_processor_takes_longer_and_tells_as_much():
    cpus = os.sched_getaffinity(0)
    program = Program(open_all)
    os.sched_setaffinity(0, {min(cpus)})
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(24)]
    try:
        rows, _ = report()
    finally:
        os.sched_setaffinity(0, cpus)
        for one in busy:
            one.kill()
            one.wait()
        program.end()
    for ports in program.knows["tcp"]:
        check_owner(row_of(rows, "tcp", *ports), program.pid)


def test_an_ordinary_user_names_no_stranger():
    if not HAS_NETWORK:
        raise Skip("two users need root")
    program = Program(lambda kept: connection(kept, socket.AF_INET, "127.0.0.1", 10, 0), OTHER_UID)
    rows, _ = report(uid=USER_UID)
    row = row_of(rows, "tcp", *program.knows)
    program.end()
    equal(row["out"]["payload_bytes"], 10)
    equal(row["socket_uid"], OTHER_UID)
    app = row.get("app", {"confidence": "unknown"})
    true(app["confidence"] in ("cgroup", "unknown") and "pid" not in app and "exe" not in app, "%r" % row)
    if app["confidence"] == "unknown":
        equal(app["uid"], OTHER_UID)


def test_a_port_of_several():
    """A listener that a server shares with its workers, and one port of two sockets (SO_REUSEPORT)."""
    def opener(kept):
        shared = socket.create_server(("127.0.0.1", 0))
        own = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for one in own:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(own[0].getsockname() if one is own[1] else ("127.0.0.1", 0))
        worker = os.fork()
        own.pop(0 if worker == 0 else 1).close()
        if worker == 0:
            signal.alarm(60)
            signal.pause()
        kept += [shared, *own]
        return [shared.getsockname()[1], own[0].getsockname()[1], worker]

    program = Program(opener)
    rows, _ = report()
    os.kill(program.knows[2], signal.SIGKILL)
    program.end()
    for proto, port in zip(("tcp", "udp"), program.knows):
        row = row_of(rows, proto, port)
        equal((proto, row["app"]["name"], row["app"]["confidence"]), (proto, "test-sockets.py", "listener"))
        true(row["app"]["pid"] in (program.pid, program.knows[2]), "%r" % row["app"])


def wait_for_capture():
    """Until a packet socket of this network namespace takes packets (column R)."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        with open("/proc/self/net/packet") as packets:
            if any(line.split()[5] == "1" for line in packets.readlines()[1:]):
                return
        time.sleep(0.02)
    raise AssertionError("no capture has begun")


def test_both_sources_meet_in_one_row():
    if not HAS_NETWORK:
        raise Skip("capture needs root")
    before = Program(lambda kept: connection(kept, socket.AF_INET, "127.0.0.1", 2000, 100))  # older than the capture
    watcher = subprocess.Popen([PROGRAM, "--sockets", "-i", "lo", "--format", "jsonl"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    wait_for_capture()
    now = Program(lambda kept: connection(kept, socket.AF_INET, "127.0.0.1", 100000, 7000))
    time.sleep(1.5)
    watcher.send_signal(signal.SIGTERM)
    output, errors = watcher.communicate(timeout=20)
    before.end()
    now.end()
    equal(errors, b"")
    rows = [json.loads(line) for line in output.splitlines()]
    row = row_of(rows[:-1], "tcp", *now.knows)
    for way, n_bytes in (("out", 100000), ("in", 7000)):  # packets carry again what TCP takes for lost, as where it waits long
        true(row[way]["payload_bytes"] >= n_bytes, "%r" % row)
    true(row["out"]["payload_bytes"] == 100000 or row["socket"]["retransmits"] > 0, "%r" % row)
    true(row["out"]["packets"] > 0, "%r" % row)
    equal(row["socket"]["packets_seen"], True)
    equal((row["socket"]["payload_sent"], row["socket"]["payload_received"]), (100000, 7000))
    app = row["app"]  # likely, and without a pid, where relatives by fork(2) that have ended might have sent
    equal((app["name"], app.get("pid", now.pid)), ("test-sockets.py", now.pid))
    row = row_of(rows[:-1], "tcp", *before.knows)
    equal((row["socket"]["packets_seen"], row["out"]["packets"], row["out"]["payload_bytes"]), (False, None, 2000))
    summary = rows[-1]["summary"]
    counted = sum(row[way]["packets"] for row in rows[:-1] if "out" in row and row["socket"]["packets_seen"]
                  for way in ("out", "in"))
    equal(summary["totals"]["packets"], counted)


def test_what_is_sent_again_is_payload_of_packets():
    """Packets carry it twice, and the socket counts it once."""
    def opener(kept):
        listener = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listener.getsockname())
        kept += [listener, client]
        ports = [client.getsockname()[1], listener.getsockname()[1]]
        table = "table ip late { chain acks { type filter hook input priority 0; tcp sport %d drop; }; }" % ports[1]
        if subprocess.run(["nft", table], capture_output=True).returncode != 0:
            return None
        client.sendall(b"x" * 100000)
        n_again = 0
        while n_again == 0:
            n_again, = struct.unpack_from("Q", client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 216), 208)
        subprocess.run(["nft", "delete table ip late"], check=True)
        server, _ = listener.accept()
        n = 100000
        while n > 0:
            n -= len(server.recv(65536))
        while struct.unpack_from("I", client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 216), 24)[0] > 0:
            pass  # until all is acknowledged: from then on nothing is sent again
        n_again, = struct.unpack_from("Q", client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 216), 208)
        kept.append(server)
        return [*ports, n_again]

    if not HAS_NETWORK or shutil.which("nft") is None:
        raise Skip("dropping packets needs root and nft")
    watcher = subprocess.Popen([PROGRAM, "--sockets", "-i", "lo", "--format", "jsonl"], stdout=subprocess.PIPE)
    wait_for_capture()
    program = Program(opener)
    time.sleep(1.5)
    watcher.send_signal(signal.SIGTERM)
    output, _ = watcher.communicate(timeout=20)
    program.end()
    if program.knows is None:
        raise Skip("this kernel has no nftables")
    *ports, n_again = program.knows
    row = row_of([json.loads(line) for line in output.splitlines()][:-1], "tcp", *ports)
    equal((row["out"]["payload_bytes"], row["socket"]["payload_sent"]), (100000 + n_again, 100000))
    true(row["socket"]["retransmits"] > 0, "%r" % row)


run_tests([value for name, value in list(globals().items()) if name.startswith("test_")])
