"""Calls and datagrams from sockets that relatives of the sender have as well, for less time than a second look takes to come, as
portlight-report names them. A wrong process fails; where no relative has the socket, a doubt too. Root only. Arguments:
portlight-report, kin-client, portlight-helper, and names of modes if not all should run.

full        root, with the kernel's tracepoints
sockets     root without them; in the first network namespace, where the kernel tells of new processes
untold      root without them, and without that news
user        an ordinary user, whose helper captures and, started with --no-owners, tells no more; with the news
user-untold the same without"""
import sys

sys.dont_write_bytecode = True
REPORT, CLIENT, HELPER = sys.argv[1:4]

import os
import shutil
import socket
import subprocess
import tempfile

from watched import CLONE_NEWNET, CLONE_NEWNS, TOO_BUSY, finish, has_tracepoints, own_namespaces, settle, start

UID = 65533
RIGHTS = "cap_net_raw"
# what is said: who else has it
KINDS = {
    "grandparent": "a grandchild has it, too, and who is in between closed it",
    "grandchild": "a grandparent has it, too, and who is in between closed it",
    "forebear": "a grandchild has it, too, and who was in between has ended",
    "uncle": "a nephew has it, too",
    "cousin": "a cousin has it, too",
    "parent-of-mover": "a child moved it to another descriptor",
    "starter": "a program has it, too, and who started that has ended",
    "child-of-connector": "another one connected it, and has it still",
    "heir-of-connector": "another one connected it, and all have closed it",
    "forked-child": "nobody has it, too",
}
ALONE = ("forked-child",)
DATAGRAMS_ALONE = ("child-of-connector", "heir-of-connector")
MODES = ("full", "sockets", "untold", "user", "user-untold")
IN_FIRST = ("sockets", "user")
TRIES = 2


def as_user(mode, command):
    if not mode.startswith("user"):
        return command
    return ["setpriv", "--reuid=%d" % UID, "--regid=%d" % UID, "--clear-groups", "--inh-caps=-all", *command]


def place_helper(mode, folder):
    """What captures or tells in that mode; None where the file system keeps no capabilities."""
    helper = shutil.copy(HELPER, folder)
    if not mode.startswith("user"):
        return helper if mode == "full" else "/nonexistent/portlight-helper"
    wrapper = os.path.join(folder, "no-owners")
    with open(wrapper, "w") as script:
        script.write('#!/bin/sh\nexec %s "$@" --no-owners\n' % helper)
    os.chmod(wrapper, 0o755)
    is_set = all(subprocess.run(["setcap", RIGHTS + "=ep", path]).returncode == 0 for path in (helper, wrapper))
    return wrapper if is_set else None


def play(mode, client, ports, watching):
    """[(kind, protocol, port, pid of who sent)], all at once, and whether who stays was there until it must have been found."""
    running = [(kind, protocol, subprocess.Popen(as_user(mode, [client, kind, protocol, str(ports[protocol])]),
                                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
               for kind in KINDS for protocol in ports for _ in range(TRIES)
               if protocol == "udp" or kind not in DATAGRAMS_ALONE]
    truth = [(kind, protocol, *map(int, program.stdout.readline().split())) for kind, protocol, program in running]
    is_seen = settle(watching)
    for kind, _, program in running:
        program.communicate()
        assert program.returncode == 0, (kind, program.returncode)
    return truth, is_seen


def app_of(flows, protocol, port, sink):
    for flow in flows:
        for here, there, app in (("local", "remote", "app"), ("remote", "local", "remote_app")):
            if flow["proto"] == protocol and (flow[here].get("port"), flow[there].get("port")) == (port, sink):
                return flow.get(app) or {}
    return None


def judge(flows, kind, truth, is_seen, ports):
    problems = []
    for _, protocol, port, pid in [one for one in truth if one[0] == kind]:
        app = app_of(flows, protocol, port, ports[protocol])
        if app is None:
            problems.append("no %s flow of port %d" % (protocol, port))
        elif app.get("pid") not in (None, pid):
            problems.append("%s sent by %d, reported as %s" % (protocol, pid, app))
        elif kind in ALONE and app.get("confidence") != "exact":
            problems.append("%s sent by %d, reported as %s" % (protocol, pid, app) if is_seen else TOO_BUSY)
    return problems


def run_mode(mode, first):
    """In a process of its own, for its namespaces: 0 or 1. Its tests are numbered from @first on."""
    skip = truth = flows = None
    if not own_namespaces(CLONE_NEWNS if mode in IN_FIRST else CLONE_NEWNET | CLONE_NEWNS):
        skip = "needs root, for namespaces of its own"
    elif mode == "full" and not has_tracepoints():
        skip = "this kernel has no tracepoint for route lookups"
    else:
        servers = {"tcp": socket.create_server(("127.0.0.1", 0), backlog=256),
                   "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM)}
        servers["udp"].bind(("127.0.0.1", 0))
        ports = {protocol: server.getsockname()[1] for protocol, server in servers.items()}
        with tempfile.TemporaryDirectory(prefix="portlight-kin-") as folder:
            os.chmod(folder, 0o755)
            report, client, helper = shutil.copy(REPORT, folder), shutil.copy(CLIENT, folder), place_helper(mode, folder)
            if helper is None:
                skip = "no file capabilities on this file system"
            else:
                watching = start(as_user(mode, [report]), helper)
                truth = play(mode, client, ports, watching)
                flows, _ = finish(watching)
    failed = 0
    for i, (kind, text) in enumerate(KINDS.items()):
        problems = judge(flows, kind, *truth, ports) if skip is None else []
        for problem in problems:
            print("# " + problem)
        is_busy = bool(problems) and all(problem == TOO_BUSY for problem in problems)
        is_wrong = bool(problems) and not is_busy
        failed |= is_wrong
        reason = TOO_BUSY if is_busy else skip
        print("%sok %d - %s, %s: %s%s" % ("not " if is_wrong else "", first + i, mode, kind, text,
                                          " # SKIP " + reason if reason else ""), flush=True)
    return failed


def main():
    modes = sys.argv[4:] or MODES
    print("1..%d" % (len(modes) * len(KINDS)), flush=True)
    failed = 0
    for i, mode in enumerate(modes):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = run_mode(mode, 1 + i * len(KINDS))
            finally:
                sys.stdout.flush()
                os._exit(status)
        failed += os.waitpid(pid, 0)[1] != 0
    return 1 if failed else 0


sys.exit(main())
