"""The part of portlight-helper that tells of owners is killed while the other goes on capturing: portlight-report says how many
apps it looked up without it, and names them all the same. In a network namespace of its own; root only. Arguments:
portlight-report, workload-client, portlight-helper."""
import sys

sys.dont_write_bytecode = True
REPORT, CLIENT, HELPER = sys.argv[1:4]

import os
import signal
import socket
import subprocess
import time

from watched import CLONE_NEWNET, CLONE_NEWNS, TOO_BUSY, finish, own_namespaces, settle, start

N_CLIENTS = 20
LIFETIME_MS = 300
GONE_S = 1.2  # what is asked in the first second after it may be of a helper that ends whole


def children(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as text:
            found += [int(child) for child in text.read().split()]
    return found


def main():
    print("1..1")
    if not own_namespaces(CLONE_NEWNET | CLONE_NEWNS):
        print("ok 1 - unaided # SKIP needs root, for a network namespace of its own")
        return 0
    server = socket.create_server(("127.0.0.1", 0), backlog=N_CLIENTS)
    report = start([REPORT], HELPER)
    owners = [child for helper in children(report.pid) for child in children(helper)]
    if len(owners) != 1:
        print("not ok 1 - unaided: %s are the helper's children" % owners)
        finish(report)
        return 1
    os.kill(owners[0], signal.SIGKILL)
    time.sleep(GONE_S)
    truth_read, truth_write = os.pipe()
    clients = []
    for _ in range(N_CLIENTS):
        clients.append(subprocess.Popen([CLIENT, "tcp4", str(LIFETIME_MS), str(server.getsockname()[1]), str(truth_write)],
                                        pass_fds=(truth_write,), stdin=subprocess.DEVNULL))
        time.sleep(0.02)
    is_settled = settle(report)
    for client in clients:
        client.wait()
    os.close(truth_write)
    with os.fdopen(truth_read) as truth:
        pids = {int(words[2]): int(words[3]) for words in map(str.split, truth)}
    flows, summary = finish(report)
    named = {flow["local"]["port"]: flow["app"]["pid"] for flow in flows if flow.get("app", {}).get("pid")}
    wrong = [port for port in pids if port in named and named[port] != pids[port]]
    missed = [port for port in pids if port not in named]
    unaided = summary["owners"]["unaided"]
    print("# %d looked up unaided; of %d clients %d missed, %d wrong" % (unaided, len(pids), len(missed), len(wrong)))
    is_busy = missed and not is_settled
    is_ok = report.returncode == 0 and not wrong and unaided >= N_CLIENTS and (not missed or is_busy)
    print("%sok 1 - unaided%s" % ("" if is_ok else "not ", " # SKIP " + TOO_BUSY if is_ok and is_busy else ""))
    return 0 if is_ok else 1


sys.exit(main())
