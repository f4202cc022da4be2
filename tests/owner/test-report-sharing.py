"""Sockets that another program has by the time they are used, as portlight-report names them where no tracepoint tells: shared with a
program that was started, handed to one by a server, passed to a stranger. A wrong name fails; where somebody can be known, a missing
one too. In a network namespace of its own; root only. Argument: portlight-report."""
import sys

sys.dont_write_bytecode = True
REPORT = sys.argv[1]

import os
import resource
import socket
import subprocess
import tempfile
import time

from watched import CLONE_NEWNET, TOO_BUSY, finish, own_namespaces, settle, start

SINK = 9999
SCRIPTS = {
    # Sends from a socket that it was started with, at the descriptor of its argument.
    "talker.py": """import os, socket, sys, time
s = socket.socket(fileno=int(sys.argv[1]))
s.sendto(b"x", ("127.0.0.1", %d))
time.sleep(1)
""" % SINK,
    # Keeps a socket of datagrams that the program it starts sends from. Arguments: port, how the program has it.
    "keeper.py": """import os, socket, subprocess, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
talker = os.path.join(os.path.dirname(sys.argv[0]), "talker.py")
if sys.argv[2] == "fork":
    pid = os.fork()
    if pid == 0:
        s.sendto(b"x", ("127.0.0.1", %d))
        time.sleep(1)
        os._exit(0)
    print(pid, flush=True)
    os.wait()
elif sys.argv[2] == "stdin":
    print(subprocess.Popen([sys.executable, talker, "0"], stdin=s).pid, flush=True)
else:
    os.set_inheritable(s.fileno(), True)
    if sys.argv[2] == "later": # it was alone with it when it sent
        s.sendto(b"x", ("127.0.0.1", %d))
        time.sleep(0.3)
    print(subprocess.Popen([sys.executable, talker, str(s.fileno())], pass_fds=[s.fileno()]).pid, flush=True)
time.sleep(1.2)
""" % (SINK, SINK - 1),
    # Speaks over the connection at its standard input for as long as it is told.
    "worker.py": """import os, sys, time
os.write(0, b"%d " % os.getpid())
time.sleep(float(sys.argv[1]))
os.write(0, b"bye")
""",
    # inetd(8). Arguments: port, seconds its program lives, connections that it keeps for itself first.
    "super.py": """import os, socket, subprocess, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
kept = [server.accept() for _ in range(int(sys.argv[3]))]
connection, _ = server.accept()
worker = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(sys.argv[0]), "worker.py"), sys.argv[2]], stdin=connection)
connection.close()
worker.wait()
""",
    # Waits for a connection over a UNIX socket, and answers it.
    "stranger.py": """import array, os, socket, sys, time
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.bind(sys.argv[1])
print("ready", flush=True)
_, (control,), _, _ = box.recvmsg(1, 64)
connection = socket.socket(fileno=array.array("i", control[2])[0])
connection.send(b"%d " % os.getpid())
time.sleep(4.5)
""",
    # Accepts and passes on. Arguments: port, UNIX socket, connections that it keeps for itself first.
    "doorman.py": """import array, socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
kept = [server.accept() for _ in range(int(sys.argv[3]))]
connection, _ = server.accept()
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))], 0, sys.argv[2])
connection.close()
time.sleep(5)
""",
    # Wine's server, which connects for a program and keeps the socket as well. Arguments: own port, port to call, UNIX socket.
    "server.py": """import array, ctypes, socket, sys, time
ctypes.CDLL(None).prctl(15, b"wineserver64")
connection = socket.create_connection(("127.0.0.1", int(sys.argv[2])), source_address=("127.0.0.1", int(sys.argv[1])))
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))], 0, sys.argv[3])
print("ready", flush=True)
time.sleep(5)
""",
    # Sends from a socket of datagrams, passes it on and keeps it. Arguments: port, UNIX socket.
    "giver.py": """import array, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.sendto(b"x", ("127.0.0.1", %d))
print("ready", flush=True)
time.sleep(0.8)
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))], 0, sys.argv[2])
time.sleep(4)
""" % (SINK - 1),
    # Waits for that socket, and sends from it.
    "taker.py": """import array, socket, sys, time
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.bind(sys.argv[1])
print("ready", flush=True)
_, (control,), _, _ = box.recvmsg(1, 64)
s = socket.socket(fileno=array.array("i", control[2])[0])
s.sendto(b"x", ("127.0.0.1", %d))
time.sleep(4)
""" % SINK,
    # Calls from a socket that its grandchild, whose parent has ended, keeps as well. Arguments: own port, port to call.
    "caller.py": """import os, socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", int(sys.argv[1])))
child = os.fork()
if child == 0:
    if os.fork() == 0:
        time.sleep(7)
    os._exit(0)
os.waitpid(child, 0)
time.sleep(0.5)
s.connect(("127.0.0.1", int(sys.argv[2])))
print("called", flush=True)
time.sleep(6)
""",
    # Calls for a moment from a socket that its younger brother has, too. Arguments: own port, port to call.
    "brother.py": """import os, socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", int(sys.argv[1])))
for is_caller in (True, False):
    if os.fork() == 0:
        time.sleep(0.3)
        if is_caller:
            s.connect(("127.0.0.1", int(sys.argv[2])))
            print(os.getpid(), flush=True)
        time.sleep(0.2 if is_caller else 0.1)
        os._exit(0)
s.close()
os.wait()
os.wait()
""",
    # Passes a socket to its elder brother, who was forked without it, and calls from it. Arguments: own port, port to call.
    "cousin.py": """import array, os, socket, sys, time
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
if os.fork() == 0:
    kept = theirs.recvmsg(1, 64)
    time.sleep(6)
    os._exit(0)
if os.fork() == 0:
    s = socket.socket()
    s.bind(("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.2)
    ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])
    time.sleep(0.2)
    s.connect(("127.0.0.1", int(sys.argv[2])))
    print(os.getpid(), flush=True)
    time.sleep(6)
    os._exit(0)
os.wait()
os.wait()
""",
    # Accepts, and has a grandchild speak, whose parent ends. Arguments: port, connections that it keeps for itself first.
    "twice.py": """import os, socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
kept = [server.accept() for _ in range(int(sys.argv[2]))]
connection, _ = server.accept()
child = os.fork()
if child == 0:
    if os.fork() == 0:
        server.close()
        [one.close() for one, _ in kept]
        connection.send(b"%d " % os.getpid())
        time.sleep(4.5)
    os._exit(0)
connection.close()
os.waitpid(child, 0)
time.sleep(5)
""",
}
SHARED = {6121: "inherit", 6122: "stdin", 6123: "later"}
FORKED, HANDED, HANDED_SHORTLY, PASSED, HANDED_LATE = 6124, 6131, 6132, 6133, 6134
PASSED_LATE, TWICE_LATE = 6135, 6136
WINE, CALLED_BY_WINE, GIVEN, LEFT, COUSIN, BROTHER = 6137, 6138, 6139, 6140, 6141, 6142
CALLERS = {LEFT: "caller.py", COUSIN: "cousin.py", BROTHER: "brother.py"}
KEPT = 12 # enough to be taken for a server that hands on none
CROWD = 2500 # connections; PL_LIMIT_SECOND_LOOKS is 1024
BESIDE = 6 # kept as well, just before the one that is not


class Programs:
    def __init__(self, folder):
        self.folder, self.running = folder, []
        for name, text in SCRIPTS.items():
            with open(os.path.join(folder, name), "w") as script:
                script.write(text)

    def start(self, name, *arguments):
        """The program once it has said its first word, and that word."""
        program = subprocess.Popen([sys.executable, os.path.join(self.folder, name), *map(str, arguments)],
                                   stdout=subprocess.PIPE, text=True)
        self.running.append(program)
        return program, program.stdout.readline().strip()

    def connect(self, port):
        """The connection, and the pid of who answers it."""
        connection = socket.create_connection(("127.0.0.1", port))
        return connection, int(connection.recv(16).split()[0])

    def wait(self):
        for program in self.running:
            program.wait()


def run_all(programs, report):
    """{port: (pid of who opened it, pid of who used it)}, {port: port that called its last connection}, and whether @report could look
    at them all while they were there."""
    pids, late = {}, {}
    for port, how in [*SHARED.items(), (FORKED, "fork")]:
        keeper, talker = programs.start("keeper.py", port, how)
        pids[port] = keeper.pid, int(talker)
    box = os.path.join(programs.folder, "box")
    taker, _ = programs.start("taker.py", box)
    giver, _ = programs.start("giver.py", GIVEN, box)
    pids[GIVEN] = giver.pid, taker.pid
    called = socket.create_server(("127.0.0.1", CALLED_BY_WINE))
    caller, _ = programs.start("caller.py", LEFT, CALLED_BY_WINE)
    pids[LEFT] = caller.pid, caller.pid
    connections = [called.accept()[0]]
    cousins, cousin = programs.start("cousin.py", COUSIN, CALLED_BY_WINE)
    pids[COUSIN] = int(cousin), int(cousin)
    connections.append(called.accept()[0])
    _, brother = programs.start("brother.py", BROTHER, CALLED_BY_WINE)
    pids[BROTHER] = int(brother), int(brother)
    connections.append(called.accept()[0])
    for port, lives in ((HANDED, 2.5), (HANDED_SHORTLY, 0)):
        server, _ = programs.start("super.py", port, lives, 0)
        connection, worker = programs.connect(port)
        connections.append(connection)
        pids[port] = server.pid, worker
    boxes = [os.path.join(programs.folder, "box%d" % i) for i in range(3)]
    strangers = [programs.start("stranger.py", box)[0] for box in boxes]
    servers = {HANDED_LATE: programs.start("super.py", HANDED_LATE, 2.5, KEPT + BESIDE)[0],
               PASSED_LATE: programs.start("doorman.py", PASSED_LATE, boxes[1], KEPT + BESIDE)[0],
               TWICE_LATE: programs.start("twice.py", TWICE_LATE, KEPT + BESIDE)[0]}
    for n in (KEPT, BESIDE):
        connections += [socket.create_connection(("127.0.0.1", port)) for port in servers for _ in range(n)]
        time.sleep(0.6 if n == KEPT else 0)
    for port, server in servers.items():
        connection, worker = programs.connect(port)
        connections.append(connection)
        pids[port], late[port] = (server.pid, worker), connection.getsockname()[1]
    server, _ = programs.start("server.py", WINE, CALLED_BY_WINE, boxes[2])
    connections.append(called.accept()[0])
    pids[WINE] = server.pid, int(connections[-1].recv(16).split()[0])
    doorman, _ = programs.start("doorman.py", PASSED, boxes[0], 0)
    lasting = [taker, giver, caller, cousins, doorman, server, strangers[2]]
    connection, stranger = programs.connect(PASSED)
    pids[PASSED] = doorman.pid, stranger
    is_seen = settle(report) and all(program.poll() is None for program in lasting)
    programs.wait()
    return pids, late, is_seen


def be_crowded():
    """More connections at once than are looked at again."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server = socket.create_server(("127.0.0.1", 0), backlog=CROWD)
    connections = [socket.create_connection(server.getsockname()) for _ in range(CROWD)]
    time.sleep(0.5)
    for connection in connections:
        connection.close()


def owner_of(flows, port, other):
    """What was said of who is at @port, in the flow to @other, a port or None for any."""
    for flow in flows:
        for here, there, app in (("local", "remote", "app"), ("remote", "local", "remote_app")):
            if flow[here].get("port") == port and other in (None, flow[there].get("port")):
                return flow.get(app) or {}
    return None


def judge(flows, port, other, is_seen, opened, used):
    """What is wrong, or None."""
    said = owner_of(flows, port, SINK if port in SHARED or port in (FORKED, GIVEN) else other)
    if said is None:
        return "no such flow"
    pid, sure = said.get("pid"), said.get("confidence")
    if port in SHARED: # nobody can know, but it was not the keeper for sure
        right = pid in (None, used)
    elif port == GIVEN: # either may have sent it
        right = pid in (None, used)
        if not right and not is_seen:
            return TOO_BUSY
    elif port in CALLERS: # either may have called
        right = pid in (None, used) and said.get("name") in (None, CALLERS[port])
        if not right and not is_seen:
            return TOO_BUSY
    elif port == FORKED: # one app, either process
        right = sure == "likely" and pid in (None, used) and said.get("name") == "keeper.py"
    elif port == HANDED_SHORTLY: # whose port it is may be said
        right = pid in (None, used) or (pid == opened and sure == "listener")
    elif port == WINE and sure == "likely": # it was met with the socket first, which may have come to it: rightly so
        right = pid is None and said.get("name") == "stranger.py"
    elif not is_seen and (sure in (None, "listener") or (port == WINE and pid == opened)):
        return TOO_BUSY # a scan comes too late: the program may have ended, and its server is alone
    else:
        right = pid == used and sure == "exact"
    return None if right else "opened by %d, used by %d, reported as %s" % (opened, used, said)


def main():
    names = {port: "shared with a program that sends: " + how for port, how in SHARED.items()}
    names |= {FORKED: "shared by fork", HANDED: "accepted, and handed to a program", PASSED: "accepted, and passed to a stranger",
              HANDED_SHORTLY: "accepted, and handed to a program that ends at once",
              HANDED_LATE: "accepted, and handed to a program after others that were not",
              PASSED_LATE: "accepted, and passed to a stranger after others that were not",
              WINE: "connected by Wine's server for a program",
              TWICE_LATE: "accepted, and left to a grandchild after others that were not",
              GIVEN: "a socket of datagrams that was passed to a stranger after it was learnt whose it is"}
    names[COUSIN] = "a socket that an elder brother was passed, too, before it calls"
    names[BROTHER] = "a socket that a younger brother has, too, for a moment"
    names[LEFT] = "a socket that a grandchild without a parent keeps, too, before it calls"
    names[None] = "more connections than are looked at again are counted"
    print("1..%d" % len(names))
    if not own_namespaces(CLONE_NEWNET):
        for i, name in enumerate(names.values()):
            print("ok %d - %s # SKIP needs root, for a network namespace of its own" % (i + 1, name))
        return 0
    sinks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for i, sink in enumerate(sinks):
        sink.bind(("127.0.0.1", SINK - i))
    report = start([REPORT], "/bin/false")
    with tempfile.TemporaryDirectory() as folder:
        pids, late, is_seen = run_all(Programs(folder), report)
    be_crowded()
    flows, summary = finish(report)
    problems = {port: judge(flows, port, late.get(port), is_seen, *pids[port]) for port in pids}
    n_cut = summary["owners"]["looks_cut"]
    problems[None] = None if 0 < n_cut <= CROWD else "%d of %d were not looked at again" % (n_cut, CROWD)
    for i, (port, name) in enumerate(names.items()):
        if problems[port] == TOO_BUSY:
            name, problems[port] = name + " # SKIP " + TOO_BUSY, None
        if problems[port]:
            print("# " + problems[port])
        print("%sok %d - %s" % ("not " if problems[port] else "", i + 1, name))
    return 1 if any(problems.values()) else 0


sys.exit(main())
