"""The graph under fingers: real touches of a touch screen, and a pinch on a touchpad. On X11, and as a Wayland client where a compositor
is between (run-window-test.sh --wayland)."""
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from graph_window import LINK, GraphWindow
from hands import Touchpad, TouchScreen
from harness import in_one_window, run, screenshot, xdotool

N_HOSTS = 24
REST_S = 0.3
DOUBLE_S = 0.4  # GTK's own: what is slower is no double tap
REACH = 4  # px that a place may be off: extents are whole pixels, twice


def many_hosts():
    capture = fixture.Capture()
    for i in range(N_HOSTS):
        capture.talk(fixture.T0 + i / 100, fixture.HERE, 40000 + i * 700, f'198.51.100.{10 + i}', 443 if i % 2 else 993, 2)
    return capture.write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'hosts.pcap'))


HOSTS = many_hosts()
SCREEN, TOUCHPAD = TouchScreen(), Touchpad()


def host(number):
    return f'198.51.100.{10 + number}, endpoint'


class Graph(GraphWindow):
    def __init__(self):
        super().__init__(HOSTS)
        self.wait_for(LINK, name=f'{N_HOSTS} flows')

    def begin(self):
        SCREEN.up()
        self.key('Escape', 'Escape', 'Escape', 'ctrl+shift+a', 'ctrl+1')
        self.wait_until_gone('panel', name='Details')
        subprocess.run(['xdotool', 'mousemove', '2', '2'], check=True)
        self.zooms_to(100)

    def zoom(self):
        return next((int(text.split()[0]) for text in atspi.texts(self.window) if text.endswith('\u00a0%') or text.endswith(' %')), None)

    def zooms_to(self, percent):
        atspi.wait(lambda: self.zoom() == percent, f'{percent} %')

    def places(self):
        """The corner of each node on the screen, once all stand still. What it says of their size is as without a zoom."""
        edge = self.edge()

        def look():
            nodes = atspi.find_all(self.window, LINK, ' flow')
            there = {name: box for name, box in zip(atspi.names_of(nodes), atspi.boxes_of(nodes)) if 'connect' in name or 'called by' in name}
            return {name: (x + edge, y + edge) for name, (x, y, _, _) in there.items()}

        last = [None]

        def rests():
            time.sleep(REST_S)
            last.append(look())
            return last[-1] if last[-1] == last[-2] else None
        return atspi.wait(rests, 'nodes at rest')

    def edge(self):
        """How broad the window's edge is, from which GTK 4.8 counts: nothing is around it where it fills the screen."""
        if os.environ['GDK_BACKEND'] == 'wayland':
            return 0
        width = int(re.search('WIDTH=([0-9]+)', xdotool('getwindowgeometry', '--shell', xdotool('getwindowfocus').strip()))[1])
        return (width - self.window.extents()[2]) // 2

    def place(self, name):
        """A place within the node."""
        x, y = next(place for its_name, place in self.places().items() if name in its_name)
        return x + 20, y + 15


def follows(graph, before, center, to, scale):
    """Waits until all nodes rest where the plane is that was under the fingers: `center` of it came to `to`, and it grew."""
    off = {}

    def follow():
        after = graph.places()
        off.clear()
        for name, (x, y) in before.items():
            if name in after:
                there = (to[0] + (x - center[0]) * scale, to[1] + (y - center[1]) * scale)
                distance = max(abs(a - b) for a, b in zip(there, after[name]))
                if distance > REACH + abs(scale - 1) * 2:
                    off[name] = (there, after[name])
        return len(after) > N_HOSTS and not off
    try:
        atspi.wait(follow, 'the graph where the fingers are')
    except AssertionError as error:
        raise AssertionError(f'{len(off)} of {len(before)} elsewhere: (should, is) {list(off.items())[:4]}') from error


with_graph = in_one_window(Graph)


def pinch(graph, center, apart, to, apart_then):
    """Two fingers left and right of a place, brought to another place and so far apart."""
    SCREEN.down(1, center[0] - apart, center[1])
    time.sleep(0.03)
    SCREEN.down(2, center[0] + apart, center[1])
    SCREEN.glide({1: (to[0] - apart_then, to[1]), 2: (to[0] + apart_then, to[1])})
    time.sleep(0.1)
    SCREEN.up()


@with_graph
def test_pinch(graph):
    before = graph.places()
    pinch(graph, (620, 400), 50, (620, 400), 75)
    graph.zooms_to(150)
    follows(graph, before, (620, 400), (620, 400), 1.5)
    screenshot('touch-pinch')


@with_graph
def test_pinch_that_moves(graph):
    before = graph.places()
    pinch(graph, (620, 400), 50, (560, 330), 75)
    graph.zooms_to(150)
    follows(graph, before, (620, 400), (560, 330), 1.5)
    between = graph.places()
    pinch(graph, (560, 330), 60, (520, 360), 60)  # no nearer, no farther
    follows(graph, between, (560, 330), (520, 360), 1)
    pinch(graph, (560, 330), 75, (560, 330), 60)
    graph.zooms_to(120)


@with_graph
def test_pinch_that_unfolds(graph):
    """What one looks at closely unfolds, and what is beside the fingers stays there."""
    x, y = graph.place(':40000')
    pinch(graph, (x, y), 50, (x, y), 90)
    graph.gone('10 dynamic')
    graph.zooms_to(180)
    screenshot('touch-unfold')
    corner = next(place for name, place in graph.places().items() if name.startswith(':40000'))
    assert abs(corner[0] + 36 - x) <= REACH and abs(corner[1] + 27 - y) <= REACH, (corner, x, y)


@with_graph
def test_line(graph):
    """A finger is broader than a line: beside it is on it."""
    corner = next(place for name, place in graph.places().items() if name.startswith(':40000'))
    SCREEN.tap(corner[0] + 150, corner[1] + 13 + 9)
    graph.wait_for('label', text='192.168.1.20 used port 40000')


@with_graph
def test_second_finger_later(graph):
    """It pans with one finger, then another comes to it."""
    pinch(graph, (620, 400), 50, (620, 400), 60)
    graph.zooms_to(120)
    before = graph.places()
    SCREEN.down(1, 620, 400)
    SCREEN.glide({1: (600, 430)})
    time.sleep(0.1)
    follows(graph, before, (620, 400), (600, 430), 1)
    SCREEN.down(2, 700, 430)
    SCREEN.glide({1: (590, 430), 2: (710, 430)})  # 100 → 120 apart
    time.sleep(0.1)
    graph.zooms_to(144)
    follows(graph, before, (620 + 50, 400), (650, 430), 1.2)
    SCREEN.up()


@with_graph
def test_one_finger(graph):
    pinch(graph, (620, 400), 50, (620, 400), 75)
    graph.zooms_to(150)
    for name in (None, ':40000'):
        start = graph.place(name) if name else (620, 400)
        before = graph.places()
        SCREEN.down(1, *start)
        to = (start[0] - 50, start[1] - 40)
        SCREEN.glide({1: to})
        time.sleep(0.2)  # no flick
        SCREEN.up()
        follows(graph, before, start, to, 1)
    assert not graph.shows('panel', name='Details')


@with_graph
def test_tap(graph):
    x, y = graph.place(host(5))
    SCREEN.tap(x, y, 3)
    graph.wait_for('panel', name='Details')
    screenshot('touch-tap')
    graph.key('Escape', 'Escape')
    graph.wait_until_gone('panel', name='Details')
    graph.places()
    screenshot('touch-tap-escape')


@with_graph
def test_double_tap(graph):
    def is_held():
        return 'held' if graph.shows('menu item', name='Copy Address') else None

    for _ in range(10):
        x, y = graph.place(host(5))
        start = time.monotonic()
        SCREEN.tap(x - 5, y)
        time.sleep(0.08)
        SCREEN.down(1, x + 5, y + 4)
        took = time.monotonic() - start
        time.sleep(0.04)
        SCREEN.up(1)
        if took < DOUBLE_S and atspi.wait(lambda: graph.shows('push button', name='Only 198.51.100.15') or is_held(), 'a filter') != 'held':
            break
        graph.begin()  # where this test or the window did not run in time those were two taps, or a long press
    graph.wait_for('push button', name='Only 198.51.100.15: take it back')


@with_graph
def test_long_press(graph):
    x, y = graph.place(host(5))
    SCREEN.down(1, x, y)
    graph.wait_for('menu item', name='Copy Address')
    screenshot('touch-menu')
    SCREEN.up()
    time.sleep(0.3)
    atspi.press(graph.wait_for('menu item', name='Hide “198.51.100.15”'))
    graph.gone(host(5))


@with_graph
def test_touchpad(graph):
    subprocess.run(['xdotool', 'mousemove', '620', '400'], check=True)
    before = graph.places()
    TOUCHPAD.pinch(1.5)
    graph.zooms_to(150)
    follows(graph, before, (620, 400), (620, 400), 1.5)


TESTS = [test_pinch, test_pinch_that_moves, test_pinch_that_unfolds, test_second_finger_later, test_one_finger, test_tap, test_line,
         test_double_tap, test_long_press]
if os.environ['GDK_BACKEND'] == 'x11':  # sway as a window hands on fingers, but nothing of a touchpad
    TESTS.append(test_touchpad)
run(*TESTS)
