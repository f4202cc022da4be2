"""One port of UDP used by two processes one after the other, as portlight-report names them where no tracepoint tells. A wrong
name fails, a missing one only where the process lives long enough to be found. In a network namespace of its own; root only.
Argument: portlight-report."""
import sys

sys.dont_write_bytecode = True
REPORT = sys.argv[1]

import os
import select
import signal
import socket
import subprocess
import tempfile
import time

from watched import CLONE_NEWNET, TOO_BUSY, Rest, finish, own_namespaces, start

SINK = 9999
AT_ONCE = 6115 # without any pause: the second waits for the first one's end
UNASKED = 6116 # the same, before the first packet is asked about: the program is stopped meanwhile
UNSEEN = 6117 # the second closes its port before anybody can look
# port: (whether each lives on after it has sent, until it must have been found; seconds between the first one's end and the second)
REUSES = {6111: (False, 0.1), 6112: (True, 0.1), 6113: (False, 1), 6114: (True, 1)}
SENDER = """import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.sendto(b"x", ("127.0.0.1", %d))
print(flush=True)
sys.stdin.read()
""" % SINK

# Binds as soon as the other, which lives on, has closed; and closes again, or does not.
HASTY = """import socket, sys, time
sys.stdin.readline()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.sendto(b"x", ("127.0.0.1", %d))
if len(sys.argv) > 2:
    s.close()
time.sleep(0.8)
""" % SINK
LEAVER = """import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.sendto(b"x", ("127.0.0.1", %d))
time.sleep(float(sys.argv[2]))
s.close()
print(flush=True)
time.sleep(0.8)
""" % SINK


class Scripts:
    """Written before the first is started: what is written anew is empty for a moment, and an empty script ends well."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in {"alpha.py": SENDER, "beta.py": SENDER, "hasty.py": HASTY, "leaver.py": LEAVER}.items():
            with open(os.path.join(folder, name), "w") as script:
                script.write(text)

    def start(self, name, *arguments, **options):
        return subprocess.Popen([sys.executable, os.path.join(self.folder, name), *arguments], **options)


class Sender:
    """One that sends from @port, and lives on until @report has had its chance, or ends at once."""

    def __init__(self, scripts, name, port, report):
        self.name, self.report, self.rest, self.is_late = name, report, None, False
        self.process = scripts.start(name, str(port), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not REUSES[port][0]:
            self.process.stdin.close()

    def is_over(self):
        if self.rest is None and select.select([self.process.stdout], [], [], 0)[0]:
            assert os.read(self.process.stdout.fileno(), 1), "%s has not sent" % self.name
            self.rest = Rest(self.report)
        if self.rest and not self.process.stdin.closed and (self.rest.is_long() or self.rest.is_too_late()):
            self.is_late = self.rest.is_too_late()
            self.process.stdin.close()
        return self.process.poll() is not None


def change_hands(scripts, report):
    """{port: pids that sent from it, in order}, and the ports with one that could not be found in time; all ports at once."""
    pids, late = {port: [] for port in REUSES}, set()
    due = [(0, "alpha.py", port) for port in REUSES]
    running = {}
    while due or running:
        now = time.monotonic()
        for item in [item for item in due if item[0] <= now]:
            due.remove(item)
            _, name, port = item
            running[port] = Sender(scripts, name, port, report)
            pids[port].append(running[port].process.pid)
        for port, sender in list(running.items()):
            if not sender.is_over():
                continue
            assert sender.process.returncode == 0, (sender.name, port)
            if sender.is_late:
                late.add(port)
            del running[port]
            if sender.name == "alpha.py":
                due.append((time.monotonic() + REUSES[port][1], "beta.py", port))
        time.sleep(0.02 if running else 0.005)
    return pids, late


def change_at_once(scripts, stopped, port, lives, *arguments):
    """The pids of who had the port first, and then. Nobody looks before both have sent when a process is @stopped."""
    ends = os.pipe()
    hasty = scripts.start("hasty.py", str(port), *arguments, stdin=ends[0])
    time.sleep(0.2)
    if stopped:
        stopped.send_signal(signal.SIGSTOP)
    leaver = scripts.start("leaver.py", str(port), str(lives), stdout=ends[1])
    if stopped:
        time.sleep(0.4)
        stopped.send_signal(signal.SIGCONT)
    pids = [leaver.pid, hasty.pid]
    assert leaver.wait() == 0 and hasty.wait() == 0
    return pids


def judge_at_once(flows, port, pids):
    """One flow of both is nobody's; two are each one's own."""
    said = [(flow["out"]["packets"] + flow["in"]["packets"], (flow.get("app") or {}).get("pid"))
            for flow in sorted(flows, key=lambda flow: flow["first_us"]) if flow["local"].get("port") == port]
    right = said == [(2, None)] or ([n for n, _ in said] == [1, 1] and all(b in (None, a) for a, (_, b) in zip(pids, said)))
    return None if right else "sent by %s, reported as %s" % (pids, said)


def judge_hands(flows, port, pids, is_late):
    """What is wrong with the flows from @port, or None."""
    found = [flow for flow in flows if flow["local"].get("port") == port or flow["remote"].get("port") == port]
    found.sort(key=lambda flow: flow["first_us"])
    said = []
    for flow in found:
        app = flow.get("app" if flow["local"]["port"] == port else "remote_app") or {}
        said.append((flow["out"]["packets"] + flow["in"]["packets"], app.get("pid"), app.get("name"), app.get("confidence")))
    lives, _ = REUSES[port]
    if [n for n, *_ in said] == [1, 1]:
        is_right = all(named in (None, pid) for (_, named, *_), pid in zip(said, pids))
        is_complete = not lives or [named for _, named, *_ in said] == pids
    else:
        # Whoever ended at once is met by chance, and without it nobody knows of the change: then one flow of both is nobody's.
        is_right = all(named is None for _, named, *_ in said)
        is_complete = not lives
    if is_right and not is_complete and is_late and sum(n for n, *_ in said) == 2:
        return TOO_BUSY
    return None if is_right and is_complete else "sent by %s, reported as %s" % (pids, said)


def main():
    names = ["port %d: %s, then %g s of nobody" % (port, "lives on" if lives else "ends at once", pause) for port, (lives, pause) in REUSES.items()]
    names += ["port %d: at once" % AT_ONCE, "port %d: before it is asked about" % UNASKED,
              "port %d: and closed at once" % UNSEEN]
    print("1..%d" % len(names))
    if not own_namespaces(CLONE_NEWNET):
        for i, name in enumerate(names):
            print("ok %d - %s # SKIP needs root, for a network namespace of its own" % (i + 1, name))
        return 0
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", SINK))
    report = start([REPORT], "/bin/false")
    with tempfile.TemporaryDirectory() as folder:
        scripts = Scripts(folder)
        pids, late = change_hands(scripts, report)
        at_once = {AT_ONCE: change_at_once(scripts, None, AT_ONCE, 0.001),
                   UNASKED: change_at_once(scripts, report, UNASKED, 0),
                   UNSEEN: change_at_once(scripts, None, UNSEEN, 0.1, "close")}
    flows, _ = finish(report)
    problems = [judge_hands(flows, port, pids[port], port in late) for port in REUSES] + [judge_at_once(flows, port, pair) for port, pair in at_once.items()]
    for i, (name, problem) in enumerate(zip(names, problems)):
        if problem == TOO_BUSY:
            name, problem, problems[i] = name + " # SKIP " + TOO_BUSY, None, None
        if problem:
            print("# " + problem)
        print("%sok %d - %s" % ("not " if problem else "", i + 1, name))
    return 1 if any(problems) else 0


sys.exit(main())
