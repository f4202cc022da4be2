"""Connections that are over before the kernel's sockets are listed, as portlight-report has them with --sockets and packets: what went
over each to the byte, though the kernel counts the peer's FIN for one, and the round trip. And a socket without packets whose port
two other programs share by the next list, so that nobody can be named. In a network namespace of its own; root only. Argument: portlight-report."""
import sys

sys.dont_write_bytecode = True
REPORT = sys.argv[1]

import socket
import subprocess
import time

from watched import CLONE_NEWNET, finish, own_namespaces, start

SENT, RECEIVED = 170, 8000
REUSED = 6141
REUSER = """import socket, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", %d))
s.connect(("127.0.0.1", %d))
sharers = [subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, pass_fds=[s.fileno()]) for name in sys.argv[1:]]
print("ready", flush=True)
sys.stdin.read()
for sharer in sharers:
    sharer.kill()
""" % (REUSED, REUSED + 1)
NAMES = ("the client closes first", "the server closes first", "nothing went over")
REUSE = "a socket without packets, whose port changed hands"


def read(connection, n):
    while n > 0:
        n -= len(connection.recv(n))


def talk(server, name):
    """The client's port."""
    client = socket.create_connection(server.getsockname())
    accepted, _ = server.accept()
    port = client.getsockname()[1]
    if name != NAMES[2]:
        client.send(b"x" * SENT)
        read(accepted, SENT)
        accepted.send(b"y" * RECEIVED)
        read(client, RECEIVED)
    for end in (accepted, client) if name == NAMES[1] else (client, accepted):
        end.close()
        time.sleep(0.002)
    return port


class Holder:
    """Has the port until it is let go, alone or with another program."""

    def __init__(self, *sharers):
        self.process = subprocess.Popen([sys.executable, "-c", REUSER, *sharers], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def let_go(self):
        self.process.stdin.close()
        self.process.wait()


def judge_reuse(flows, before, now):
    said = [(flow.get("app") or {}).get("pid") for flow in flows if flow["local"].get("port") == REUSED]
    return None if said == [None] else "had by %d, then shared by %d, reported as %s" % (before, now, said)


def judge(flows, port, name):
    """What is wrong, or None."""
    sent, received = (0, 0) if name == NAMES[2] else (SENT, RECEIVED)
    said = next((flow.get("socket") for flow in flows if flow["local"].get("port") == port), None)
    right = said and said["payload_sent"] == sent and said["payload_received"] == received and said["rtt_us"] > 0
    return None if right else "%d sent and %d received, reported as %s" % (sent, received, said)


def main():
    print("1..%d" % (len(NAMES) + 1))
    if not own_namespaces(CLONE_NEWNET):
        for i, name in enumerate((*NAMES, REUSE)):
            print("ok %d - %s # SKIP needs root, for a network namespace of its own" % (i + 1, name))
        return 0
    server = socket.create_server(("127.0.0.1", 0))
    before = Holder()
    report = start([REPORT, "--sockets"], "/bin/false")
    time.sleep(1)  # a dump passes
    ports = {name: talk(server, name) for name in NAMES}
    before.let_go()
    now = Holder("sharer")
    time.sleep(2.5)
    flows, _ = finish(report)
    now.let_go()
    problems = [judge(flows, ports[name], name) for name in NAMES]
    problems.append(judge_reuse(flows, before.process.pid, now.process.pid))
    for i, (name, problem) in enumerate(zip((*NAMES, REUSE), problems)):
        if problem:
            print("# " + problem)
        print("%sok %d - %s" % ("not " if problem else "", i + 1, name))
    return 1 if any(problems) else 0


sys.exit(main())
