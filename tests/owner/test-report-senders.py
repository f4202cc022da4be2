"""Real programs that send in every way there is, and what portlight-report says of who it was: sendfile, splice, sendmmsg,
io_uring with and without the kernel's worker, a socket passed over SCM_RIGHTS, one shared by fork(2), raw protocols, ping, a packet socket,
SCTP where the kernel has it; and who forges the source port of another program's socket. In a network namespace of its own; root
only. Arguments: portlight-report, scenario-client, portlight-helper."""
import sys

sys.dont_write_bytecode = True
REPORT, CLIENT, HELPER = sys.argv[1:4]

import os
import shutil
import signal
import socket
import subprocess
import time

from watched import CLONE_NEWNET, CLONE_NEWNS, TOO_BUSY, finish, has_tracepoints, own_namespaces, settle, start

SURE, LIKELY = ("exact",), ("likely",)
# kind: (protocol as reported, confidences that are right, needs the kernel's tracepoints)
KINDS = {
    "sendfile": ("tcp", SURE, False),
    "splice": ("tcp", SURE, False),
    "sendmmsg": ("udp", SURE, False),
    "io-uring": ("udp", SURE, False),
    "io-worker": ("udp", SURE, False),
    "passed": ("udp", SURE, False),
    "forked": ("udp", SURE, True),
    "raw": ("253", LIKELY, False),
    "ping": ("icmp", LIKELY, False),
    "sctp": ("sctp", SURE, False),
    "packet": ("udp", LIKELY, True),
    "forged": ("udp", LIKELY, True),
    "forged-packet": ("udp", (), True),  # or the port's holder: nobody knows
}
LIFE_S = 0.3
HAND_MADE = {"packet": 4712, "forged": 4714, "forged-packet": 4715}


def flow_of(flows, protocol, port):
    """The flow that began there; a raw protocol's only one."""
    for flow in flows:
        for end, app in (("local", "app"), ("remote", "remote_app")):
            if flow["proto"].lower().endswith(protocol) and flow.get("initiator") == end \
                    and flow[end].get("port", 0) == port:
                return flow, app
    return None, None


def main():
    names = [*KINDS, "ping-program", "port-reuse"]
    print("1..%d" % len(names))
    if not own_namespaces(CLONE_NEWNET | CLONE_NEWNS):
        for i, name in enumerate(names):
            print("ok %d - %s # SKIP needs root, for a network namespace of its own" % (i + 1, name))
        return 0
    has_trace = has_tracepoints()
    # Whose ports are forged: one shares its socket with a child, the other has it alone.
    victims = {}
    for kind in ("forged-packet", "forged"):
        victims[kind] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        victims[kind].bind(("127.0.0.1", HAND_MADE[kind]))
        if kind == "forged-packet":
            sharer = os.fork()
            if sharer == 0:
                signal.pause()
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    report = start([REPORT], HELPER)
    said, problems, lasting, late = {}, {}, [], set()
    for kind, (protocol, _, _) in KINDS.items():
        port = (tcp if protocol == "tcp" else udp).getsockname()[1]
        client = subprocess.Popen([CLIENT, kind, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = client.stdout.readline()
        if line:
            said[kind] = [int(word) for word in line.split()[1:]]
        if kind in ("packet", "forged-packet"):  # they stay while the others go on
            lasting.append(client)
            continue
        if has_trace and KINDS[kind][1] == SURE:
            time.sleep(LIFE_S)
        elif line and not settle(report):
            late.add(kind)
        client.communicate()
    # One port, two processes within a second: two flows.
    again = []
    for _ in range(2):
        client = subprocess.Popen([CLIENT, "again", str(udp.getsockname()[1])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True)
        again.append(int(client.stdout.readline().split()[2]))
        time.sleep(LIFE_S)
        client.communicate()
    ping = shutil.which("ping")
    if ping:
        program = subprocess.Popen([ping, "-i", "0.3", "127.0.0.9"], stdout=subprocess.DEVNULL)
        time.sleep(LIFE_S)
        if not settle(report):
            late.add("ping-program")
        program.terminate()
        program.wait()
    if not settle(report):
        late |= {*HAND_MADE}
    for client in lasting:
        client.communicate()
    os.kill(sharer, signal.SIGKILL)
    os.waitpid(sharer, 0)
    flows, _ = finish(report)
    for kind, (port, pid) in said.items():
        protocol, confidences, _ = KINDS[kind]
        flow, key = flow_of(flows, protocol, port if protocol in ("tcp", "udp", "sctp") else 0)
        if kind in HAND_MADE:
            flow, key = flow_of(flows, protocol, HAND_MADE[kind])
        if kind == "ping":
            flow = next((flow for flow in flows if flow["proto"] == "icmp" and flow.get("echo_id") == 4711), None)
            key = "app"
        app = flow.get(key) if flow else None
        if flow and not app and confidences and kind in late:
            continue
        late.discard(kind)
        if flow and not app and not confidences:
            continue
        if not app or app.get("pid") != pid or app["confidence"] not in confidences:
            problems[kind] = "expected pid %d, %s; got %s of %s" % (pid, confidences, app, flow)
    if ping:
        flow = next((flow for flow in flows if flow["remote"]["addr"] == "127.0.0.9"), None)
        app = flow.get("app") if flow else None
        if app or not flow:
            late.discard("ping-program")
        if "ping-program" not in late and (not app or app.get("pid") != program.pid):
            problems["ping-program"] = "expected pid %d, got %s" % (program.pid, app)
    found = [flow["app"]["pid"] for flow in flows if flow["local"].get("port") == 4713 and flow.get("app")]
    if sorted(found) != sorted(again):
        problems["port-reuse"] = "expected pids %s, got %s" % (again, found)
    for i, name in enumerate(names):
        skip = ""
        if name == "port-reuse":
            skip = "" if has_trace else "this kernel has no tracepoint for route lookups"
        elif name == "ping-program":
            skip = "ping is not installed" if not ping else TOO_BUSY if name in late else ""
        elif name not in said:
            skip = "this kernel has no such socket, or does not allow it"
        elif KINDS[name][2] and not has_trace:
            skip = "this kernel has no tracepoint for route lookups"
        elif name in late:
            skip = TOO_BUSY
        if name in problems and not skip:
            print("# " + problems[name])
        print("%sok %d - %s%s" % ("not " if name in problems and not skip else "", i + 1, name,
                                  " # SKIP " + skip if skip else ""))
        if skip:
            problems.pop(name, None)
    return 1 if problems else 0


sys.exit(main())
