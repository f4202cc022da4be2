"""Programs that send and end and whose number is another one's at once, as portlight-report names them where tracepoints tell who sent:
whoever has the number by the time that anybody looks is not who sent. Root only. Arguments: portlight-report, number-client,
portlight-helper."""
import sys

sys.dont_write_bytecode = True

import os
import shutil
import subprocess

from modes import Scenes, app_of
from watched import TOO_BUSY, settle

PROTOCOLS = {"tcp": "a call", "udp": "a datagram"}
TRIES = 12
PATIENCE = 60  # on a busy machine most take longer than they may


def child_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as children:
        return int(children.read().split()[0])


def play(mode, client, ports, watching):
    """{protocol: [(port of the first, of the second, number of both)]}, the second's name, and whether all must have been found."""
    second = shutil.copy(client, client + "-second")
    teller = child_of(child_of(watching.pid))
    truth = {protocol: [] for protocol in ports}
    running = []
    for protocol, said in truth.items():
        for _ in range(PATIENCE):
            running.append(subprocess.Popen([client, protocol, str(ports[protocol]), second, str(teller)], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True))
            line = running[-1].stdout.readline()
            if line != "late\n":
                said.append(tuple(map(int, line.split())))
            if len(said) == TRIES:
                break
    settle(watching)
    for program in running:
        program.communicate()
    return truth, os.path.basename(second)


def judge(flows, protocol, truth, ports):
    problems, (sent, second) = [], truth
    for first_port, second_port, pid in sent[protocol]:
        app = app_of(flows, protocol, first_port, ports[protocol])
        if app is None or app.get("name", "").endswith(second):
            problems.append("%s sent by the first with number %d, reported as %s" % (protocol, pid, app))
        app = app_of(flows, protocol, second_port, ports[protocol])
        if app is None or app.get("pid") not in (None, pid) or not app.get("name", second).endswith(second):
            problems.append("%s sent by the second with number %d, reported as %s" % (protocol, pid, app))
    return problems or ([] if len(sent[protocol]) == TRIES else [TOO_BUSY])


sys.exit(Scenes(PROTOCOLS, play, judge).run(sys.argv[1:4], ["full"]))
