"""Attempts that fail, each in its own way, over a cable to another machine: what the graph and the story say of each."""
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run, screenshot

HERE, THERE, CLOSED, RESOLVER = '10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.6.53'
KEPT_IN, KEPT_IN_DATAGRAM, KEPT_OUT, TURNED_AWAY = '10.9.0.4', '10.9.0.5', '10.9.0.6', '10.9.9.9'
KEPT_OUT_DATAGRAM = '10.9.0.7'
DATAGRAMS = RESOLVER, KEPT_IN_DATAGRAM, KEPT_OUT_DATAGRAM

# Whom it calls, what the graph says of that, and the end of the story.
CASES = [
    (CLOSED, 7001, 'refused', 'It was refused: nothing listens on that port there, or a firewall rejects it.'),
    ('10.9.6.6', 7002, 'no answer', 'a firewall on the way likely drops'),
    (RESOLVER, 53, 'no answer', 'No answer came: a firewall on the way likely drops it, or no machine is there.'),
    ('10.9.8.8', 7003, 'blocked', f'A firewall forbade it: {THERE} answered “prohibited by a firewall”.'),
    ('10.9.7.7', 7004, 'unreachable', f'It could not be reached: {THERE} answered “host unreachable”.'),
    ('10.9.0.99', 7005, 'unreachable', 'It did not leave this computer (“host unreachable”): most likely no machine'),
]
# The firewalls’: of this computer, and of the one on the way.
FIREWALL_CASES = [
    (KEPT_IN, 7006, 'blocked', 'This computer’s own firewall forbade it.'),
    (KEPT_IN_DATAGRAM, 7007, 'blocked', 'This computer’s own firewall forbade it.'),
    (KEPT_OUT, 7008, 'no answer', 'this computer’s own firewall likely drops the answer.'),
    (KEPT_OUT_DATAGRAM, 7010, 'blocked', 'its own firewall likely rejects it.'),
    (TURNED_AWAY, 7009, 'blocked', f'A firewall likely forbade it: {THERE} answered “port unreachable”.'),
]
OWN_RULES = """table inet own {
  chain out { type filter hook output priority 0; tcp dport 7006 reject; udp dport 7007 reject; }
  chain in { type filter hook input priority 0; tcp sport 7008 drop; udp sport 7010 reject; }
}"""
RULES_THERE = 'table inet way { chain forward { type filter hook forward priority 0; tcp dport 7009 reject; }; }'
LISTEN = f'''
import socket
listener = socket.create_server(("", 7008))
answerer = socket.socket(type=socket.SOCK_DGRAM)
answerer.bind(("{KEPT_OUT_DATAGRAM}", 7010))
print(flush=True)
while True:
    answerer.sendto(*answerer.recvfrom(100))
'''


def ip(*words):
    subprocess.run(['ip', *words], check=True)


class OtherMachine:
    """At the other end of the cable, and the way to three networks: it drops, cannot reach, forbids."""

    def __init__(self):
        self.process = subprocess.Popen(['unshare', '--net', 'sh', '-c', 'echo; exec sleep 600'], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        with open('/proc/sys/net/ipv4/ip_forward', 'w', encoding='ascii') as forwards:
            forwards.write('0')  # which namespaces take over: as a router this computer would say more than as a laptop
        ip('link', 'add', 'pl0', 'type', 'veth', 'peer', 'name', 'pl1', 'netns', str(self.process.pid))
        ip('addr', 'add', f'{HERE}/24', 'dev', 'pl0')
        ip('link', 'set', 'pl0', 'up')
        for address in THERE, CLOSED, KEPT_IN, KEPT_IN_DATAGRAM, KEPT_OUT, KEPT_OUT_DATAGRAM:
            self.run('ip', 'addr', 'add', f'{address}/24', 'dev', 'pl1')
        self.run('ip', 'link', 'set', 'pl1', 'up')
        self.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
        ip('route', 'add', 'default', 'via', THERE)
        for kind, network in ('blackhole', '10.9.6.0/24'), ('unreachable', '10.9.7.0/24'), ('prohibit', '10.9.8.0/24'):
            self.run('ip', 'route', 'add', kind, network)
        self.run('ip', 'link', 'add', 'pl2', 'type', 'veth', 'peer', 'name', 'pl3')
        self.run('ip', 'addr', 'add', '10.9.9.1/24', 'dev', 'pl2')
        self.run('ip', 'link', 'set', 'pl2', 'up')
        self.listener = subprocess.Popen([*self.enter, sys.executable, '-c', LISTEN], stdout=subprocess.PIPE)
        self.listener.stdout.readline()

    @property
    def enter(self):
        return ['nsenter', '-t', str(self.process.pid), '-n']

    def run(self, *words):
        subprocess.run([*self.enter, *words], check=True)

    def close(self):
        for process in self.listener, self.process:
            process.kill()
            process.wait()


def set_firewalls(other):
    """Sets this computer's firewall and the one on the way; whether there are any to be set."""
    try:
        return subprocess.run(['nft', OWN_RULES], check=False, stderr=subprocess.DEVNULL).returncode == 0 \
            and subprocess.run([*other.enter, 'nft', RULES_THERE], check=False).returncode == 0
    except OSError:
        return False


def ask_on(host, port):
    with socket.socket(type=socket.SOCK_DGRAM) as caller:
        while True:
            caller.sendto(b'hello', (host, port))
            time.sleep(1)


def call(host, port):
    kind = socket.SOCK_DGRAM if host in DATAGRAMS else socket.SOCK_STREAM
    with socket.socket(type=kind) as caller:
        caller.settimeout(300)
        try:
            caller.connect((host, port))
            caller.send(b'hello')
            caller.recv(1)
        except OSError:
            pass


def test_failures():
    cases = list(CASES)
    other = OtherMachine()
    if set_firewalls(other):
        cases += FIREWALL_CASES
    else:
        print('# nftables is not here: no firewall keeps anything in or out')
    portlight = Portlight('--interface', 'any')

    def says(host, words):
        chip = portlight.alive() and atspi.find(portlight.window, 'push button', f'{host}, endpoint')
        return chip and chip.get(atspi.ACCESSIBLE, 'Description').endswith(words)

    try:
        portlight.wait_for('push button', name='Capturing')
        for host, port, words, story in cases:
            caller = ask_on if host == KEPT_OUT_DATAGRAM else call
            threading.Thread(target=caller, args=(host, port), daemon=True).start()
            if host not in (KEPT_OUT, KEPT_OUT_DATAGRAM):  # found in its network: its endpoint bears the app's name
                atspi.wait(lambda: says(host, words), f'“{words}” at {host}')
            proto = 'UDP' if host in DATAGRAMS else 'TCP'
            port_range = 'well-known' if port < 1024 else 'registered'
            portlight.press_for(story, 'push button', f':{port}, remote port, {port_range} range, {proto}, 1 flow, {words}')
        screenshot('window-blocked-story')
        portlight.quit()
    finally:
        portlight.kill()
        other.close()


run(test_failures)
