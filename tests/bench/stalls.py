"""stalls.py [PART…]: how long the window answers nobody, while real traffic flows through the real helper in a network namespace of its own.

PARTS: “burst” (10,000 attempts at once), “hands” (5,000 live flows, and what hands do with them), “rest” (the same, and all around the
graph: dialogs, menus, styles, other files), “file” (a capture of 50,000 flows is opened). All where none is named. PL_BENCH_PERF=FOLDER:
perf samples the main thread meanwhile, and each line says when its longest turn was, for “perf script --time”. turns.c tells how long each turn of the main loop took; for the burst a client outside asks the program
something every 50 ms besides. What took a processor's time is printed beside what took long: on a busy machine only the first is ours.
Nothing fails by time. See stalls.sh."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'ui'))
import atspi
import fixture
from gi.repository import Gio, GLib
from graph_window import LINK, GraphWindow
from harness import screenshot

LOAD, TURNS = os.environ['PL_LOAD'], os.environ['PL_TURNS_MODULE']
APP_ID, APP_PATH = 'io.github.portlight.portlight', '/io/github/portlight/portlight'
REST_S = float(os.environ.get('PL_BENCH_REST_S', 2.5))  # what an action leads to is over: eases, rasters, a list written anew
ASK_EVERY_S = 0.05
ONLY = os.environ.get('PL_BENCH_ONLY', '').split()  # of what is done: the names of the functions below; all where none is named
PERF = os.environ.get('PL_BENCH_PERF')
N_APPS = 5


class Watched(GraphWindow):
    """A window that writes down its turns. turns(): those since it was last asked, in ms."""

    def __init__(self, *arguments):
        self.path = os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'turns')
        self.began_s = time.monotonic()
        super().__init__(*arguments, env={'LD_PRELOAD': TURNS, 'PL_TURNS': self.path})
        self.perf = PERF and subprocess.Popen(
            ['perf', 'record', '-q', '-k', 'mono', '-F', '4000', '--call-graph', 'dwarf,16384', '-t', str(self.process.pid),
             '-o', os.path.join(PERF, f'{self.process.pid}.data')])

    def kill(self):
        super().kill()
        if self.perf:
            self.perf.wait()

    def turns(self, since_s):
        with open(self.path, encoding='utf-8') as file:
            lines = [tuple(int(word) / 1e3 for word in line.split()) for line in file if line.count(' ') == 2]
        return [(wall, cpu, begin / 1e3) for begin, wall, cpu in lines if begin / 1e3 >= since_s]

    def say(self, what, since_s, seconds=None):
        """Prints the longest turns since then."""
        turns = self.turns(since_s)
        wall = max((turn[0] for turn in turns), default=0)
        cpu = sorted((turn[1] for turn in turns), reverse=True)
        print(f'  {what:34} {(cpu or [0])[0]:6.1f} ms of processor, {wall:6.1f} ms in all; then '
              + ', '.join(f'{each:.0f}' for each in cpu[1:4]) + f'; {sum(cpu):.0f} ms in {seconds or time.monotonic() - since_s:.1f} s'
              + (f' @ {PERF}/{self.process.pid}.data ' + ' '.join(
                  f'{turn[2]:.4f},{turn[2] + turn[0] / 1e3:.4f}' for turn in sorted(turns, key=lambda turn: -turn[1])[:2]) if PERF else ''),
              flush=True)

    def measure(self, what, act):
        """Does it, lets what it leads to come to its end, and says how long nobody was answered."""
        since_s = time.monotonic()
        act()
        time.sleep(REST_S)
        self.say(what, since_s)

    def mouse(self, x, y, *more):
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), *more], check=True)

    def statistics(self):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        bus.call_sync(APP_ID, APP_PATH, 'org.gtk.Actions', 'Activate',
                      GLib.Variant('(sava{sv})', ('print-statistics', [], {})), None, 0, 30000)


class Asker(threading.Thread):
    """Asks the program for its actions again and again; how long each answer took, in ms."""

    def __init__(self):
        super().__init__(daemon=True)
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.took_ms = []
        self.is_done = threading.Event()
        self.start()

    def run(self):
        while not self.is_done.wait(ASK_EVERY_S):
            began = time.monotonic()
            self.bus.call_sync(APP_ID, APP_PATH, 'org.gtk.Actions', 'DescribeAll', None, None, 0, 60000)
            self.took_ms.append((time.monotonic() - began) * 1e3)

    def say(self):
        self.is_done.set()
        self.join()
        took = sorted(self.took_ms)
        print(f'  {len(took)} questions from outside: answered in {took[len(took) // 2]:.1f} ms (median), {took[len(took) * 99 // 100]:.1f} ms '
              f'(p99), {took[-1]:.1f} ms at most', flush=True)


def start(*arguments, name='load'):
    program = os.path.join(os.environ['HOME'], name)
    if not os.path.exists(program):
        shutil.copy(LOAD, program)
    return subprocess.Popen([program, *map(str, arguments)])


def end(*processes):
    for process in processes:
        process.kill()
        process.wait()


def title(words):
    print(f'{words}; load average {os.getloadavg()[0]:.1f}', flush=True)


def burst():
    title('10,000 attempts at once')
    portlight = Watched('-i', 'any')
    loads = []
    try:
        portlight.wait_for('label', text='All interfaces')
        time.sleep(REST_S)
        asker = Asker()
        since_s = time.monotonic()
        loads.append(start('syn', 10000))
        time.sleep(10)
        portlight.say('the burst and 10 s after it', since_s)
        asker.say()
        portlight.statistics()
        for text in atspi.texts(portlight.window):
            if any(word in text for word in ('flows', 'dropped', 'packets', 'asked', 'Dropped')):
                print(f'  shown: {text}', flush=True)
        screenshot('stalls-burst')
        asker = Asker()
        since_s = time.monotonic()
        end(*loads)
        time.sleep(10)
        portlight.say('they end', since_s)
        asker.say()
        portlight.quit()
    finally:
        portlight.kill()
        end(*loads)


def hands():
    live(lambda portlight: Hands(portlight, 'talker-').all())


def rest():
    live(lambda portlight: Around(portlight, 'talker-').all())


def live(act):
    title('5,000 live flows of 5 apps, 5,000 packets/s')
    loads = [start('udp', 1000, 1000, name=f'talker-{number}') for number in range(N_APPS)]
    portlight = Watched('-i', 'any')
    try:
        portlight.wait_for(LINK, name='talker-4')
        time.sleep(10)
        portlight.mouse(2, 2)
        act(portlight)
        portlight.quit()
    finally:
        portlight.kill()
        end(*loads)


class Hands:
    """What is done with a graph, one thing after the other, by pointer and keys."""

    def __init__(self, portlight, app):
        self.portlight, self.app = portlight, app
        self.measure = portlight.measure

    def place(self, word):
        """The middle of the first node in view whose name has this word; its right end, too."""
        def found():
            nodes = atspi.find_all(self.portlight.window, LINK, name=word)
            boxes = [box for box in atspi.boxes_of(nodes) if box[2] > 0 and 90 < box[1] < 560]
            return boxes and boxes[0]
        x, y, width, height = atspi.wait(found, word)
        return x + width // 2, y + height // 2, x + width

    def do(self, what, word, *then, beyond=0):
        """Points at a node, or so many px past its right end, and then does that."""
        x, y, right = self.place(word)
        self.portlight.mouse(right + beyond if beyond else x, y)
        time.sleep(0.5)
        self.measure(what, lambda: subprocess.run(['xdotool', *then], check=True))

    def key(self, what, *keys):
        atspi.wait(self.portlight.focused, 'the focus')
        self.measure(what, lambda: subprocess.run(['xdotool', 'key', '--delay', '200', *keys], check=True))

    def calm(self):
        self.portlight.mouse(2, 2)
        self.portlight.key('Escape', 'Escape')
        time.sleep(REST_S)

    def select(self):
        for word in ('more hosts', 'registered', self.app):
            self.do(f'a click on “{word}”', word, 'click', '1')
            self.key('Escape: the details close', 'Escape')
            self.calm()
        self.do('a click on an app', self.app, 'click', '1')
        row = atspi.wait(lambda: atspi.find(self.portlight.window, 'list item'), 'a row')
        self.portlight.mouse(*atspi.center(row))
        self.measure('a click on a flow of the list', lambda: subprocess.run(['xdotool', 'click', '1'], check=True))
        self.key('Escape, Escape', 'Escape', 'Escape')
        self.calm()

    def fold(self):
        self.do('a click on a line: it unfolds', 'registered', 'click', '1', beyond=14)
        self.key('Ctrl+Z: it folds', 'ctrl+z')
        self.calm()

    def filter(self):
        self.do('a double click filters', self.app, 'click', '--repeat', '2', '--delay', '60', '1')
        self.key('Ctrl+Z: all comes back', 'ctrl+z')
        self.calm()
        self.do('a double click on a bundle filters', 'more hosts', 'click', '--repeat', '2', '--delay', '60', '1')
        self.key('Ctrl+Z: all comes back', 'ctrl+z')
        self.calm()

    def search(self):
        self.key('Ctrl+F', 'ctrl+f')
        for what, words in (('letters of a node', '443 https'), ('letters of no node', '10.0.1.77')):
            keys = [{'.': 'period', ' ': 'space', ':': 'colon'}.get(letter, letter) for letter in words]
            self.key(what, *keys)
            self.key('all of it is deleted', 'ctrl+a', 'BackSpace')
        self.key('Escape', 'Escape')
        self.calm()

    def look(self):
        wheel = ('keydown', 'ctrl', 'click', '--repeat', '8', '--delay', '80')
        self.do('Ctrl+scroll to 25 %', self.app, *wheel, '5', 'keyup', 'ctrl')
        self.do('and back', self.app, *wheel, '4', 'keyup', 'ctrl')
        self.key('Ctrl+1', 'ctrl+1')
        self.do('Ctrl+scroll to 400 %', 'registered', *wheel, '4', 'keyup', 'ctrl')
        self.measure('and back', lambda: subprocess.run(['xdotool', *wheel, '5', 'keyup', 'ctrl'], check=True))
        self.key('Ctrl+1', 'ctrl+1')
        self.key('0: all of it', '0')
        self.key('Ctrl+1', 'ctrl+1')
        self.key('Ctrl+T: Tidy Up', 'ctrl+t')
        self.do('scrolled', self.app, 'click', '--repeat', '20', '--delay', '50', '5', 'click', '--repeat', '20', '--delay', '50', '4')
        x, y, _ = self.place(self.app)
        steps = [word for step in range(40) for word in ('mousemove', str(x + step * 20), str(y + step % 7 * 30), 'sleep', '0.03')]
        self.measure('the pointer wanders', lambda: subprocess.run(['xdotool', *steps], check=True))
        self.calm()

    def resize(self, what, width):
        window = subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'portlight'], capture_output=True, text=True, check=True)
        self.measure(what, lambda: subprocess.run(['xdotool', 'windowsize', window.stdout.split()[0], str(width), '740'], check=True))

    def width(self):
        self.resize('380 px wide: lanes turn into a list', 380)
        self.resize('1180 px wide', 1180)
        self.do('a click on an app', self.app, 'click', '1')
        self.resize('900 px wide, with details', 900)
        self.resize('1180 px wide, with details', 1180)
        self.calm()

    def menus(self):
        self.do('a right click', self.app, 'click', '3')
        self.key('Escape', 'Escape')
        self.key('Ctrl+Shift+C: copied as image', 'ctrl+shift+c')
        self.key('Ctrl+E: the export', 'ctrl+e')
        self.calm()

    def all(self):
        self.measure('nothing', lambda: None)
        for part in (self.select, self.fold, self.filter, self.search, self.look, self.width, self.menus):
            self.perform(part)
        screenshot('stalls-hands')

    def perform(self, part):
        if not ONLY or part.__name__ in ONLY:
            part()


class Around(Hands):
    """What is not done in the graph itself. Each thing twice: the second time everything is there already."""

    def style(self, style):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.measure(f'the style becomes {style}', lambda: bus.call_sync(
            APP_ID, APP_PATH, 'org.gtk.Actions', 'SetState', GLib.Variant('(sva{sv})', ('style', GLib.Variant('s', style), {})), None, 0, 30000))

    def shown(self, what, *keys):
        for again in ('', ', again'):
            self.key(what + again, *keys)
            self.key('Escape', 'Escape')

    def command(self, what, node, item):
        x, y, _ = self.place(node)
        self.portlight.mouse(x, y, 'click', '3')
        found = atspi.wait(lambda: atspi.find(self.portlight.window, 'menu item', name=item), item)
        self.portlight.mouse(*atspi.center(found))
        time.sleep(1)
        self.measure(what, lambda: subprocess.run(['xdotool', 'click', '1'], check=True))

    def unfold(self):
        self.command('a bundle of ports unfolds', 'registered', 'Unfold')
        self.calm()
        self.key('Ctrl+Z: it folds', 'ctrl+z')
        self.calm()

    def close(self):
        """A second window comes and goes, and then the source is another: a file over the capture."""
        path = large_capture('other.pcap')
        for again in ('', ', again'):
            self.key('Ctrl+N: another window' + again, 'ctrl+n')
            self.key('Ctrl+W: it closes' + again, 'ctrl+w')
        self.open('a file of 50,000 flows is opened over it', path)
        self.open('and once more', path)
        self.measure('“any” over the file', lambda: start_portlight('-i', 'any'))

    def open(self, what, path):
        self.measure(what, lambda: (start_portlight(path), time.sleep(3)))

    def styles(self):
        for style in ('dark', 'light', 'dark', 'system'):
            self.style(style)

    def dialogs(self):
        for what, keys in (('Ctrl+E: the export', ['ctrl+e']), ('F10: the menu', ['76']), ('F1: the shortcuts', ['67']), ('Ctrl+O: a file', ['ctrl+o'])):
            self.shown(what, *keys)

    def all(self):
        for part in (self.styles, self.dialogs, self.unfold, self.close):
            self.perform(part)
        screenshot('stalls-rest')


def start_portlight(*arguments):
    subprocess.run([os.environ['PORTLIGHT'], *arguments], check=True, timeout=60)


def large_capture(name):
    capture = fixture.Capture()
    for number in range(50000):
        host = f'{93 + number % 7}.{number % 50}.{number // 50 % 20}.{1 + number % 11}'
        port, service = 20000 + number % 40000, (443, 53, 8443, 5222, 993, 3478)[number % 6]
        capture.udp(fixture.T0 + number / 1000, fixture.HERE, port, host, service, b'q' * 40)
        capture.udp(fixture.T0 + number / 1000 + 0.02, host, service, fixture.HERE, port, b'a' * 400)
    return capture.write(os.path.join(os.environ['HOME'], name))


def file():
    title('a capture of 50,000 flows')
    path = large_capture('large.pcap')
    portlight = Watched(path)
    try:
        portlight.wait_for('label', text='50000')
        time.sleep(REST_S)
        portlight.say('it is opened', portlight.began_s)
        Hands(portlight, 'Unknown app').all()
        portlight.quit()
    finally:
        portlight.kill()


PARTS = {'burst': burst, 'hands': hands, 'rest': rest, 'file': file}
if __name__ == '__main__':
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
