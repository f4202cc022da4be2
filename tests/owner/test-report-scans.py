"""Who may look into every process looks through them all once: a helper that tells of senders shows nothing new there. In a
network namespace of its own; root only. Arguments: portlight-report, portlight-helper."""
import sys

sys.dont_write_bytecode = True
REPORT, HELPER = sys.argv[1:3]

import socket

from watched import CLONE_NEWNET, CLONE_NEWNS, TOO_BUSY, finish, has_tracepoints, own_namespaces, settle, start

N_CALLS = 2


def main():
    print("1..1")
    if not own_namespaces(CLONE_NEWNET | CLONE_NEWNS) or not has_tracepoints():
        print("ok 1 - scans # SKIP needs root, for a network namespace of its own, and the kernel's tracepoints")
        return 0
    server = socket.create_server(("127.0.0.1", 0))
    report = start([REPORT], HELPER)
    calls, is_settled = [], True
    for _ in range(N_CALLS):  # each wakes the thread that would look again
        calls += [socket.create_connection(server.getsockname()), server.accept()[0]]
        is_settled &= settle(report)
    flows, summary = finish(report)
    n_scans, exact = summary["owners"]["scans"], [flow.get("app", {}).get("confidence") for flow in flows].count("exact")
    print("# %d scans; %d of %d callers exact" % (n_scans, exact, len(flows)))
    is_ok = report.returncode == 0 and (n_scans == 1 and exact == N_CALLS or not is_settled)
    print("%sok 1 - scans%s" % ("" if is_ok else "not ", "" if is_settled else " # SKIP " + TOO_BUSY))
    return 0 if is_ok else 1


sys.exit(main())
