"""This computer in the window, live: its sockets without a password, its packets by the real helper."""
import os
import re
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run, screenshot, texts_of_pane


class Conversation:
    """A server and a client on loopback in this process, that exchange a known number of bytes."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.client = self.server = None

    def connect(self):
        self.client = socket.create_connection(('127.0.0.1', self.port))
        self.server = self.listener.accept()[0]
        return self.client.getsockname()[1]

    def say(self, n_bytes):
        reader = threading.Thread(target=lambda: self.server.recv(n_bytes, socket.MSG_WAITALL))
        reader.start()
        self.client.sendall(b'x' * n_bytes)
        reader.join()

    def close(self):
        for end in (self.client, self.server, self.listener):
            if end:
                end.close()


def test_sockets():
    """Without a capture the listener and the connection are there, with the app that has them."""
    talk = Conversation()
    talk.connect()
    portlight = Portlight()
    try:
        portlight.wait_for('push button', name=f':{talk.port}')
        portlight.wait_for('label', text='Sockets of this computer')
        portlight.quit()
    finally:
        portlight.kill()
        talk.close()


def test_long_command():
    """As long as a browser's: eight lines of it, and all in its tooltip. Measured whole it kept the window busy for minutes."""
    listen = "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\ntime.sleep(60)"
    words = [sys.executable, '-c', listen, ','.join(f'203.0.113.{number}' for number in range(100, 356))]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    name = f':{process.stdout.readline().strip()},'
    portlight = Portlight()

    def cpu_s():
        with open(f'/proc/{portlight.process.pid}/stat', encoding='utf-8') as file:
            return sum(int(field) for field in file.read().rsplit(')', 1)[1].split()[11:13]) / os.sysconf('SC_CLK_TCK')

    try:
        portlight.wait_for('push button', name=name)
        before = cpu_s()
        portlight.press_for('Reached by', 'push button', name)
        assert atspi.text_of(portlight.wait_for('label', text=words[3][:40])).endswith(words[3])
        took_s = cpu_s() - before
        print(f'# {took_s:.2f} s of processor time')
        assert took_s < 3, f'{took_s:.1f} s of processor time to show a long command'
        screenshot('window-long-command')
        portlight.quit()
    finally:
        portlight.kill()
        process.kill()


def test_processes():
    """Two processes of one app are one node; it lists them, shows each on demand and folds them again."""
    script = os.path.join(os.environ['HOME'], 'pair.py')
    with open(script, 'w') as file:
        file.write("import socket, time\ns = socket.create_server(('127.0.0.1', 0))\nprint(1, flush=True)\ntime.sleep(60)\n")
    pair = [subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) for _ in range(2)]
    for process in pair:
        process.stdout.readline()
    portlight = Portlight()

    def nodes():
        return [node for node in atspi.find_all(portlight.window, 'push button', 'pair.py, app')]

    try:
        portlight.press_for('2 ports wait for others to call.', 'push button', 'pair.py, app')
        assert len(nodes()) == 1
        assert 'app, listens on 2 ports' in atspi.name_of(nodes()[0]), atspi.name_of(nodes()[0])
        for process in pair:
            portlight.wait_for('label', text=f'pid {process.pid}')
        texts = texts_of_pane(portlight)
        assert any(text.endswith(' ' + script) for text in texts), texts
        assert 'listens on 1 port' in texts and '2 listening' in texts, texts
        assert any('this computer only' in text for text in texts), texts
        atspi.press(portlight.wait_for(name='Show Each Process in the Graph'))
        atspi.wait(lambda: portlight.alive() and len(nodes()) == 2, 'a node for each process')
        subtitles = [node.get(atspi.ACCESSIBLE, 'Description') for node in nodes()]
        assert all(any(f'pid {process.pid}' in text for text in subtitles) for process in pair), subtitles
        screenshot('window-processes')
        portlight.press_for('Reached by', 'push button', 'pair.py, app')
        texts = texts_of_pane(portlight)
        assert 'Parent' in texts and f'{os.path.basename(sys.executable)} (pid {os.getpid()})' in texts, texts
        atspi.press(portlight.wait_for(name='Show Each Process in the Graph'))
        atspi.wait(lambda: portlight.alive() and len(nodes()) == 1, 'one node again')
        portlight.quit()
    finally:
        portlight.kill()
        for process in pair:
            process.kill()
            process.wait()


def open_ports(portlight):
    """How many ports the ruler says are open, over all ranges."""
    strip = atspi.find(portlight.window, 'slider', name='Ports of this computer')
    return sum(int(n) for n in re.findall(r'(\d+) open', atspi.name_of(strip))) if strip else -1


def test_ruler():
    """The network is the test's own: a listener and its client are two ports, and they go out with them."""
    talk = Conversation()
    talk.connect()
    portlight = Portlight()
    try:
        atspi.wait(lambda: open_ports(portlight) == 2, 'two open ports')
        talk.close()
        atspi.wait(lambda: open_ports(portlight) == 0, 'no open port')
        portlight.quit()
    finally:
        portlight.kill()


def test_capture():
    talk = Conversation()
    portlight = Portlight('--interface', 'lo')
    try:
        portlight.wait_for('push button', name='Capturing')
        temporary = talk.connect()
        talk.say(5000)
        portlight.wait_for('push button', name='packets')
        portlight.press_for(f'opened temporary port {temporary} to reach', 'push button', f':{temporary}')
        portlight.wait_for('label', text='Certain: the socket was found in this process.')
        texts = texts_of_pane(portlight)
        assert f'pid {os.getpid()}' in texts, texts
        assert f'127.0.0.1 :{temporary}' in texts and f'127.0.0.1 :{talk.port}' in texts, texts
        portlight.wait_for('label', text='5.0\u00a0kB of payload')
        screenshot('window-live')
        portlight.key('F5')
        portlight.wait_for('push button', name='Capture')
        portlight.wait_for('label', text='Sockets of this computer')
        portlight.quit()
    finally:
        portlight.kill()
        talk.close()


def test_tip():
    """What the tip says of a rate goes on while the pointer rests: as the card says it, and it is gone when nothing flows."""
    talk = Conversation()
    talk.connect()
    portlight = Portlight('--interface', 'lo')
    me = os.path.basename(__file__) + ', app'

    def tip():
        shown = atspi.find(portlight.window, 'tool tip')
        return atspi.text_of(shown) if shown else ''

    def hover():
        x, y = atspi.center(portlight.wait_for('push button', name=me))
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'mousemove', str(x + 2), str(y)], check=True)
        return atspi.wait(lambda: 'flow' in tip(), 'a tip', 3)

    def says(check):
        """Of a tip; hovered anew where there is none, for another card came with the app's name."""
        try:
            return check(tip() or hover() and tip())
        except AssertionError:
            return False

    def speeds(text):
        talk.say(50_000)
        return '/s' in text

    try:
        portlight.wait_for('push button', name='Capturing')
        atspi.wait(lambda: portlight.alive() and says(speeds), 'a rate in the tip', 60)
        atspi.wait(lambda: says(lambda text: text and '/s' not in text), 'a tip without a rate', 60)
        portlight.quit()
    finally:
        portlight.kill()
        talk.close()


def test_capture_twice():
    """Off and on again is a new capture, and the window stays alive."""
    portlight = Portlight('--interface', 'lo')
    try:
        for _ in range(2):
            portlight.wait_for('push button', name='Capturing')
            portlight.key('F5')
            portlight.wait_until_gone('push button', name='Capturing')
            portlight.key('F5')
        portlight.wait_for('push button', name='Capturing')
        portlight.quit()
    finally:
        portlight.kill()


def ip(*words):
    subprocess.run(['ip', *words], check=True)


def add_device():
    ip('link', 'add', 'pl0', 'type', 'veth', 'peer', 'name', 'pl1')
    ip('link', 'set', 'pl1', 'up')
    ip('link', 'set', 'pl0', 'up')


def test_device_gone():
    """The window says that the interface is gone, and takes it back when the interface is."""
    add_device()
    portlight = Portlight('--interface', 'pl0')
    try:
        portlight.wait_for('push button', name='Capturing')
        portlight.wait_for('label', text='pl0 · since ')
        ip('link', 'del', 'pl0')
        portlight.wait_for('label', text='Interface pl0 Is Gone')
        portlight.wait_for('label', text='pl0 is gone, waiting for it')
        portlight.wait_for('push button', name='Capturing')
        screenshot('window-device-gone')
        add_device()
        portlight.wait_until_gone('label', text='Interface pl0 Is Gone')
        portlight.wait_for('label', text='pl0 · since ')
        portlight.quit()
    finally:
        portlight.kill()
        subprocess.run(['ip', 'link', 'del', 'pl0'], check=False)


run(test_sockets, test_ruler, test_long_command, test_processes, test_capture, test_tip, test_capture_twice, test_device_gone)
