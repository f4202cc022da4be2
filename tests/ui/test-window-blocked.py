"""Attempts that fail, each in its own way, over a cable to another machine: what the graph and the story say of each."""
import os
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run, screenshot

HERE, THERE, CLOSED, KEPT_IN = '10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.0.4'
KEPT_IN_PORT = 7006

# Whom it calls, what the graph says of that, and the end of the story.
CASES = [
    (CLOSED, 7001, 'refused', 'It was refused: nothing listens on that port there, or a firewall rejects it.'),
    ('10.9.6.6', 7002, 'no answer', 'a firewall on the way likely drops'),
    ('10.9.8.8', 7003, 'blocked on the way', f'A firewall forbade it: {THERE} answered “prohibited by a firewall”.'),
    ('10.9.7.7', 7004, 'unreachable', f'It could not be reached: {THERE} answered “host unreachable”.'),
    ('10.9.0.99', 7005, 'unreachable', 'It did not leave this computer (“host unreachable”)'),
]
KEPT_IN_CASE = (KEPT_IN, KEPT_IN_PORT, 'blocked on the way', 'This computer’s own firewall forbade it.')


def ip(*words):
    subprocess.run(['ip', *words], check=True)


class OtherMachine:
    """At the other end of the cable, and the way to three networks: it drops, cannot reach, forbids."""

    def __init__(self):
        self.process = subprocess.Popen(['unshare', '--net', 'sh', '-c', 'echo; exec sleep 600'], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        ip('link', 'add', 'pl0', 'type', 'veth', 'peer', 'name', 'pl1', 'netns', str(self.process.pid))
        ip('addr', 'add', f'{HERE}/24', 'dev', 'pl0')
        ip('link', 'set', 'pl0', 'up')
        for address in THERE, CLOSED, KEPT_IN:
            self.run('ip', 'addr', 'add', f'{address}/24', 'dev', 'pl1')
        self.run('ip', 'link', 'set', 'pl1', 'up')
        self.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
        ip('route', 'add', 'default', 'via', THERE)
        for kind, network in ('blackhole', '10.9.6.0/24'), ('unreachable', '10.9.7.0/24'), ('prohibit', '10.9.8.0/24'):
            self.run('ip', 'route', 'add', kind, network)

    def run(self, *words):
        subprocess.run(['nsenter', '-t', str(self.process.pid), '-n', *words], check=True)

    def close(self):
        self.process.kill()
        self.process.wait()


def keep_in():
    """Tells this computer's own firewall to reject what goes out to a port; whether there is one to be told."""
    rules = f'table inet own {{ chain out {{ type filter hook output priority 0; tcp dport {KEPT_IN_PORT} reject; }}; }}'
    try:
        return subprocess.run(['nft', rules], check=False, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def call(host, port):
    with socket.socket() as caller:
        caller.settimeout(300)
        try:
            caller.connect((host, port))
        except OSError:
            pass


def test_failures():
    cases = list(CASES)
    if keep_in():
        cases.append(KEPT_IN_CASE)
    else:
        print('# nftables is not here: nothing is kept in by this computer’s own firewall')
    other = OtherMachine()
    portlight = Portlight('--interface', 'any')

    def says(host, words):
        chip = portlight.alive() and atspi.find(portlight.window, 'push button', f'{host}, endpoint')
        return chip and chip.get(atspi.ACCESSIBLE, 'Description').endswith(words)

    try:
        portlight.wait_for('push button', name='Capturing')
        for host, port, words, story in cases:
            threading.Thread(target=call, args=(host, port), daemon=True).start()
            atspi.wait(lambda: says(host, words), f'“{words}” at {host}')
            portlight.press_for(story, 'push button', f':{port}, remote port, registered range, TCP, 1 flow, {words}')
        screenshot('window-blocked-story')
        portlight.quit()
    finally:
        portlight.kill()
        other.close()


run(test_failures)
