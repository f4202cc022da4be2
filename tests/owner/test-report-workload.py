"""The workload of the owner thread once more, through the whole program: what portlight-report says of exec'd clients that
live 0 to 50 ms, against what they wrote about themselves. Any wrong process fails. In a network namespace of its own; root
only. Arguments: portlight-report, workload-client. PL_WORKLOAD_FLOWS, PL_WORKLOAD_IDLE: other numbers."""
import sys

sys.dont_write_bytecode = True
REPORT, CLIENT = sys.argv[1:3]

import ctypes
import json
import os
import random
import socket
import subprocess
import time

KINDS = ["tcp4", "tcp6", "tcpm", "udp4", "udp6", "udpm", "udp4u", "udp6u"]
LIFETIMES_MS = [0, 1, 5, 10, 20, 50]
LASTING_MS = 20
FLOWS = int(os.environ.get("PL_WORKLOAD_FLOWS", "1000"))
IDLE = int(os.environ.get("PL_WORKLOAD_IDLE", "300"))
CLONE_NEWNET = 0x40000000


def own_network():
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        return False
    return subprocess.run(["ip", "link", "set", "lo", "up"]).returncode == 0


def open_server(kind):
    server = socket.socket(socket.AF_INET6, kind | socket.SOCK_NONBLOCK)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", 0))
    if kind == socket.SOCK_STREAM:
        server.listen(1024)
    return server


class Run:
    def __init__(self):
        self.tcp, self.udp = open_server(socket.SOCK_STREAM), open_server(socket.SOCK_DGRAM)
        self.truth_read, self.truth_write = os.pipe()
        self.hold_read, self.hold_write = os.pipe()
        fds = (self.tcp.fileno(), self.udp.fileno())
        self.ports = {"t": self.tcp.getsockname()[1], "u": self.udp.getsockname()[1]}
        self.server = subprocess.Popen([CLIENT, "serve", str(fds[0]), str(fds[1])], stdin=self.hold_read, pass_fds=fds)
        self.tcp.close()
        self.udp.close()
        self.idle = [subprocess.Popen([CLIENT, "idle", "30"], stdin=self.hold_read) for _ in range(IDLE)]

    def play(self):
        """Runs the clients; returns [(kind, lifetime, port, pid)] as they wrote them."""
        clients = []
        for i in range(FLOWS):
            kind = KINDS[i % len(KINDS)]
            lifetime = LIFETIMES_MS[i // len(KINDS) % len(LIFETIMES_MS)]
            clients.append(subprocess.Popen(
                [CLIENT, kind, str(lifetime), str(self.ports[kind[0]]), str(self.truth_write)],
                pass_fds=(self.truth_write,), stdin=subprocess.DEVNULL))
            time.sleep(random.random() * 0.004)
        for client in clients:
            client.wait()
        os.close(self.truth_write)
        with os.fdopen(self.truth_read) as truth:
            lines = [line.split() for line in truth]
        return [(kind, int(lifetime), int(port), int(pid)) for kind, lifetime, port, pid in lines]

    def end(self):
        os.close(self.hold_write)
        os.close(self.hold_read)
        for process in [self.server] + self.idle:
            process.wait()


def watch(run):
    report = subprocess.Popen([REPORT, "-i", "lo", "--format", "jsonl"], stdout=subprocess.PIPE, text=True)
    time.sleep(1.5)
    truth = run.play()
    time.sleep(1.5)
    report.send_signal(2)
    flows = [json.loads(line) for line in report.communicate()[0].splitlines()]
    return truth, flows, report.returncode


class Score:
    def __init__(self):
        self.hits = self.likely = self.without = self.wrong = 0

    def add(self, app, pid):
        if app is None or not app.get("pid"):
            self.without += 1
        elif app["pid"] != pid:
            self.wrong += 1
        elif app["confidence"] in ("exact", "listener"):
            self.hits += 1
        else:
            self.likely += 1

    def __str__(self):
        n = max(self.hits + self.likely + self.without + self.wrong, 1)
        return "%4d flows: %6.2f %% exact, %d likely, %d without, %d wrong" % (
            n, 100 * self.hits / n, self.likely, self.without, self.wrong)


def main():
    print("1..1")
    if not own_network():
        print("ok 1 - workload # SKIP needs root, for a network namespace of its own")
        return 0
    run = Run()
    truth, flows, status = watch(run)
    by_port = {}
    for flow in flows:
        if "local" not in flow or "port" not in flow["local"]:
            continue
        for end, app in (("local", "app"), ("remote", "remote_app")):
            other = "remote" if end == "local" else "local"
            if flow[other]["port"] in run.ports.values():
                by_port.setdefault((flow["proto"], flow[end]["port"]), (flow.get(app), flow.get(
                    "remote_app" if app == "app" else "app")))
    callers, called, lasting, unseen, told = Score(), Score(), Score(), 0, set()
    for kind, lifetime, port, pid in truth:
        key = ("tcp" if kind[0] == "t" else "udp", port)
        if key in told:
            continue  # the port was used again
        told.add(key)
        if key not in by_port:
            unseen += 1
            continue
        callers.add(by_port[key][0], pid)
        called.add(by_port[key][1], run.server.pid)
        if lifetime >= LASTING_MS:
            lasting.add(by_port[key][0], pid)
    run.end()
    print("# clients    %s" % callers)
    print("# lasting    %s" % lasting)
    print("# server end %s" % called)
    print("# unseen     %4d flows; load %.1f" % (unseen, os.getloadavg()[0]))
    is_busy = os.getloadavg()[0] > 2 * os.cpu_count()
    wrong = callers.wrong + called.wrong
    enough = is_busy or (lasting.hits >= 0.85 * (lasting.hits + lasting.without + lasting.likely)
                         and callers.hits >= 0.6 * len(told))
    good = status == 0 and wrong == 0 and unseen == 0 and len(told) > 0.9 * FLOWS and enough
    print("%sok 1 - workload" % ("" if good else "not "))
    return 0 if good else 1


sys.exit(main())
