"""Sockets that a program has been passed (SCM_RIGHTS) by another one, which sent from them and ended at once, as portlight-report
names them for an ordinary user, whose helper captures and, started with --no-owners, tells no more: by the time that anybody looks,
who has the socket is not who sent. No process may be named but who sent. In a network namespace of its own; root only.
Arguments: portlight-report, portlight-helper."""
import sys

sys.dont_write_bytecode = True
REPORT, HELPER = sys.argv[1:3]

import os
import shutil
import socket
import subprocess
import tempfile
import time

from watched import CLONE_NEWNET, finish, own_namespaces, start

UID = 65533
SINK = 9999
TRIES = 6 # of each
FIRST_PORT = 6200
SCRIPTS = {
    # Waits for a socket over a UNIX one.
    "taker.py": """import array, os, socket, sys, time
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.bind(sys.argv[1])
print(flush=True)
_, (control,), _, _ = box.recvmsg(1, 64)
time.sleep(2)
""",
    # Sends, passes on, ends. Arguments: own port, port of the sink, UNIX socket, kind.
    "giver.py": """import array, os, socket, sys, time
is_stream = sys.argv[4] == "tcp"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
box.connect(sys.argv[3])
control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))]
sink = ("127.0.0.1", int(sys.argv[2]))
if is_stream:
    s.connect(sink)
else:
    s.sendto(b"x", sink)
box.sendmsg([b"x"], control)
os._exit(0)
""",
    # Sends and stays, without any such way. Arguments: own port, port of the sink, UNIX socket, kind.
    "alone.py": """import socket, sys, time
is_stream = sys.argv[4] == "tcp"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.connect(("127.0.0.1", int(sys.argv[2])))
s.send(b"x")
time.sleep(1.5)
""",
}


def as_user(command):
    return ["setpriv", "--reuid=%d" % UID, "--regid=%d" % UID, "--clear-groups", "--inh-caps=-all", *command]


def place_helper(folder):
    """A helper that needs no password and tells of no owners; None where the file system keeps no capabilities."""
    helper, wrapper = shutil.copy(HELPER, folder), os.path.join(folder, "no-owners")
    with open(wrapper, "w") as script:
        script.write('#!/bin/sh\nexec %s "$@" --no-owners\n' % helper)
    os.chmod(wrapper, 0o755)
    is_set = all(subprocess.run(["setcap", "cap_net_raw=ep", path]).returncode == 0 for path in (helper, wrapper))
    return wrapper if is_set else None


def run(folder, name, *arguments, **options):
    return subprocess.Popen(as_user([sys.executable, os.path.join(folder, name), *map(str, arguments)]), **options)


def play(folder):
    """[(kind, port, pid of who sent, whether it is alone)]"""
    truth, running = [], []
    port = FIRST_PORT
    for kind in ("udp", "tcp"):
        for i in range(TRIES):
            box = os.path.join(folder, "boxes", "%d" % port)
            running.append(run(folder, "taker.py", box, stdout=subprocess.PIPE))
            running[-1].stdout.readline()
            running.append(run(folder, "giver.py", port, SINK, box, kind))
            truth.append((kind, port, running[-1].pid, False))
            port += 1
        running.append(run(folder, "alone.py", port, SINK, "", kind))
        truth.append((kind, port, running[-1].pid, True))
        port += 1
    for program in running:
        assert program.wait() == 0, program.args
    return truth


def judge(flows, kind, is_alone, truth):
    problems = []
    for _, port, pid, _ in [one for one in truth if one[0] == kind and one[3] == is_alone]:
        said = [flow for flow in flows if flow["local"].get("port") == port and flow["proto"] == kind]
        app = (said[0].get("app") or {}) if said else {}
        print("# %s %d: sent by %d, named is %s, %s" % (kind, port, pid, app.get("pid"), app.get("confidence")))
        if not said:
            problems.append("no flow of port %d" % port)
        elif app.get("pid") not in (None, pid):
            problems.append("sent by %d, reported as %s" % (pid, app))
        elif is_alone and app and "pid" not in app:
            problems.append("it has no way to receive a socket, but it is doubted: %s" % app)
    return problems


def main():
    names = [(kind, is_alone) for kind in ("udp", "tcp") for is_alone in (False, True)]
    print("1..%d" % len(names))
    flows = truth = skip = None
    if not own_namespaces(CLONE_NEWNET):
        skip = "needs root, for a network namespace of its own"
    else:
        sink, server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.create_server(("127.0.0.1", SINK))
        sink.bind(("127.0.0.1", SINK))
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            os.mkdir(os.path.join(folder, "boxes"))
            os.chmod(os.path.join(folder, "boxes"), 0o777)
            for name, text in SCRIPTS.items():
                with open(os.path.join(folder, name), "w") as script:
                    script.write(text)
            helper = place_helper(folder)
            if helper is None:
                skip = "no file capabilities on this file system"
            else:
                report = start(as_user([shutil.copy(REPORT, folder)]), helper)
                truth = play(folder)
                flows, _ = finish(report)
        server.close()
    failed = False
    for i, (kind, is_alone) in enumerate(names):
        name = "%s, by a program that %s" % (kind, "stays, alone with its socket" if is_alone else "passes its socket on and ends")
        problems = judge(flows, kind, is_alone, truth) if skip is None else []
        for problem in problems:
            print("# " + problem)
        failed |= bool(problems)
        print("%sok %d - %s%s" % ("not " if problems else "", i + 1, name, " # SKIP " + skip if skip else ""))
    return 1 if failed else 0


sys.exit(main())
