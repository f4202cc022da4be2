"""Flows of other network namespaces, seen on a bridge: named by their process, said to be elsewhere, and no namespace is kept
alive by the watcher, nor one of processes. Two namespaces stand for containers and a third for the computer they run on. Watched by root,
and by an ordinary user, whose helper has the rights. Root only. Arguments: portlight-report, portlight-helper."""
import sys

sys.dont_write_bytecode = True
REPORT, HELPER = sys.argv[1:3]

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import modes

PID = os.getpid()
RIGHTS = "cap_net_raw,cap_sys_ptrace,cap_dac_read_search,cap_perfmon=p"  # as install-capabilities.sh gives them
HOST, ONE, TWO = ("pl-net-%s-%d" % (name, PID) for name in ("host", "one", "two"))
SERVE = """
import socket, sys
if sys.argv[2] == "udp":
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", int(sys.argv[1])))
    while True:
        server.sendto(*server.recvfrom(100))
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
kept = []
while True:
    kept.append(server.accept()[0])
    kept[-1].send(b"hello")
"""
CALL = """
import socket, sys, time
where = sys.argv[1], int(sys.argv[2])
if sys.argv[3] == "udp":
    caller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    caller.sendto(b"hello", where)
else:
    caller = socket.create_connection(where)
caller.recv(10)
print(caller.getsockname()[1], flush=True)
time.sleep(0.3)
"""

# Calls from a pid namespace, by a child of its first process; then makes another, which is allowed once that one is gone.
CONTAIN = """
echo 1 > /proc/sys/user/max_pid_namespaces || exit 2
unshare --pid --fork sh -c '"$@"; exit 0' sh "$@" || exit 2
for i in 1 2 3 4 5 6 7 8 9 10; do
  unshare --pid --fork true && exit 0
  sleep 0.2
done
exit 1
"""


def ip(*words):
    return subprocess.run(["ip", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def make():
    for name in (HOST, ONE, TWO):
        if ip("netns", "add", name).returncode != 0:
            return False
        ip("-n", name, "link", "set", "lo", "up")
    ip("-n", HOST, "link", "add", "bridge0", "type", "bridge")
    ip("-n", HOST, "addr", "add", "10.77.0.1/24", "dev", "bridge0")
    ip("-n", HOST, "link", "set", "bridge0", "up")
    for number, name in ((2, ONE), (3, TWO)):
        link = "veth%d" % number
        if ip("-n", HOST, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name).returncode != 0:
            return False
        ip("-n", HOST, "link", "set", link, "master", "bridge0", "up")
        ip("-n", name, "addr", "add", "10.77.0.%d/24" % number, "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
    return True


def inside(name, *command, **options):
    return subprocess.Popen(["ip", "netns", "exec", name, *command], **options)


def call(name, address, port, kind):
    """Returns (pid, port) of the caller, which `ip` became by exec."""
    caller = inside(name, "/usr/bin/python3", "-c", CALL, address, str(port), kind, stdout=subprocess.PIPE, text=True)
    own_port = int(caller.stdout.readline())
    caller.wait()
    return caller.pid, own_port


def is_gone(link, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ip("-n", HOST, "link", "show", link).returncode != 0:
            return True
        time.sleep(0.05)
    return False


def check(what, app, pid, is_elsewhere, problems):
    if app is None or app.get("pid") != pid or app.get("other_network_namespace", False) != is_elsewhere:
        problems.append("%s: expected pid %d%s, got %s" % (what, pid, " elsewhere" if is_elsewhere else "", app))


def command_of(mode, folder):
    """The words that start the report in it, and its helper; none where the file system keeps no capabilities."""
    report, helper = (shutil.copy(file, folder) for file in (REPORT, HELPER))
    os.chmod(folder, 0o755)
    if mode == "user" and subprocess.run(["setcap", RIGHTS, helper]).returncode != 0:
        return None, None
    return modes.as_user(mode, [report]), helper


def run(report, helper):
    servers = {(name, kind): inside(name, "/usr/bin/python3", "-c", SERVE, "8080", kind)
               for name in (HOST, ONE, TWO) for kind in ("tcp", "udp")}
    report = inside(HOST, *report, "-i", "any", "--format", "jsonl", stdout=subprocess.PIPE, text=True,
                    env=dict(os.environ, PORTLIGHT_HELPER=helper, LC_ALL="C.UTF-8"))
    time.sleep(1.5)
    addresses = {HOST: "10.77.0.1", ONE: "10.77.0.2", TWO: "10.77.0.3"}
    calls = [(caller, called, kind, *call(caller, addresses[called], 8080, kind))
             for caller, called in ((HOST, ONE), (ONE, HOST), (ONE, TWO)) for kind in ("tcp", "udp")]
    contained = inside(HOST, "unshare", "--user", "--map-root-user", "sh", "-c", CONTAIN, "sh", "/usr/bin/python3", "-c", CALL,
                       addresses[HOST], "8080", "udp", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = contained.communicate()[0]
    time.sleep(0.3)
    for (name, _), server in servers.items():
        if name == TWO:
            server.kill()
            server.wait()
    ip("netns", "del", TWO)
    problems = [] if is_gone("veth3", 2) else ["a namespace lives on while it is watched"]
    if contained.returncode != 0:
        problems.append("a namespace of processes lives on while it is watched: " + said.replace("\n", "; "))
    report.send_signal(signal.SIGINT)
    *flows, _ = [json.loads(line) for line in report.communicate()[0].splitlines()]
    for caller, called, kind, pid, port in calls:
        ends = [(flow, end) for flow in flows for end in ("local", "remote")
                if flow["proto"] == kind and flow[end].get("port") == port]
        if not ends:
            problems.append("no flow of %s from port %d" % (kind, port))
            continue
        flow, end = ends[0]
        apps = ("app", "remote_app") if end == "local" else ("remote_app", "app")
        what = "%s %s to %s" % (kind, caller[:10], called[:10])
        check(what + ", caller", flow.get(apps[0]), pid, caller != HOST, problems)
        check(what + ", called", flow.get(apps[1]), servers[called, kind].pid, called != HOST, problems)
    for server in servers.values():
        server.kill()
        server.wait()
    return problems


def watch(number, mode):
    """Whether that was as it should be."""
    try:
        if os.geteuid() != 0 or not make():
            print("ok %d - networks, %s # SKIP needs root, for network namespaces and a veth pair" % (number, mode))
            return True
        with tempfile.TemporaryDirectory(prefix="portlight-networks-") as folder:
            report, helper = command_of(mode, folder)
            if report is None:
                print("ok %d - networks, %s # SKIP no file capabilities on this file system" % (number, mode))
                return True
            problems = run(report, helper)
    finally:
        for name in (HOST, ONE, TWO):
            ip("netns", "del", name)
    for problem in problems:
        print("# " + problem)
    print("%sok %d - networks, %s" % ("not " if problems else "", number, mode), flush=True)
    return not problems


print("1..2", flush=True)
sys.exit(not all([watch(1, "root"), watch(2, "user")]))
