"""Unfolding and folding under the hand: by pointer on a line and on an arrow, by menu, by keys, by zoom, by assistive
technology; each step taken back; and the keys stay with what they stood at."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from graph_window import LINK, GraphWindow
from harness import in_one_window, run, screenshot

BUNDLE, FIRST, LAST = '13 registered', ':40000,', ':40012,'


def crowd():
    """Thirteen connections of one program to one service, five to another."""
    capture = fixture.Capture()
    for i in range(13):
        capture.talk(fixture.T0 + i / 100, fixture.HERE, 40000 + i, '93.184.216.34', 443, 2)
    for i in range(5):
        capture.talk(fixture.T0 + i / 100, fixture.HERE, 50000 + i, '198.51.100.7', 993, 2)
    return capture.write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'crowd.pcap'))


class Graph(GraphWindow):
    def __init__(self):
        super().__init__(crowd())
        self.wait_for(LINK, name='18 flows')

    def begin(self):
        self.key('Escape', 'Escape', 'Escape', 'ctrl+1')
        self.key(*['ctrl+z'] * 12)
        self.node(BUNDLE)
        self.gone(FIRST)
        subprocess.run(['xdotool', 'mousemove', '2', '2'], check=True)

    def box(self, name):
        """Where a node stands once it stands still."""
        def extents():
            return atspi.box_of(self.node(name))
        def rests():
            before = extents()
            time.sleep(0.3)  # longer than any frame takes on a busy machine
            return before if before[2] > 0 and extents() == before else None
        return atspi.wait(rests, f'{name} at rest')

    def middle(self, name):
        x, y, width, height = self.box(name)
        return x + width // 2, y + height // 2

    def click(self, x, y, button='1'):
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'click', button], check=True)

    def stand_at(self, word, name):
        """By searching, so that the keys stand at a node and no pointer is near."""
        self.key(*word)
        self.wait_for('label', text='1 of 1')
        self.key('Escape')
        self.focus_is_at(name)

    def pans(self):
        """Whether the background follows the hand: at one of some places where a screenshot shows nothing."""
        for x, y in ((600, 500), (640, 440), (560, 100), (700, 300)):
            for way in (-1, 1):  # at the end of the graph there is only the way back
                before = self.box(':50001,')
                step = ['mousemove_relative', '--', str(way * 30), str(way * 20)]
                subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'mousedown', '1', *step, *step, 'mouseup', '1'], check=True)
                if self.box(':50001,')[:2] == (before[0] + way * 60, before[1] + way * 40):
                    return True
        return False


with_graph = in_one_window(Graph)


@with_graph
def test_line_by_pointer(graph):
    x, y, width, height = graph.box(BUNDLE)
    graph.click(x + width + 14, y + height // 2)  # the line, past the chip
    graph.node(LAST)
    graph.gone(BUNDLE)
    graph.node('5 dynamic')  # the other line stays one
    screenshot('fold-line-unfolded')
    graph.key('ctrl+z')
    graph.node(BUNDLE)
    graph.gone(FIRST)


@with_graph
def test_arrow_by_pointer(graph):
    graph.click(*graph.middle(BUNDLE))
    graph.node(LAST)
    x, y, width, height = graph.box(':40004,')
    graph.click(x + width - 14, y + height // 2)
    graph.node(BUNDLE)
    graph.gone(FIRST)
    graph.key('ctrl+z')
    graph.node(LAST)


@with_graph
def test_menu(graph):
    x, y, width, height = graph.box(BUNDLE)
    graph.click(x + width + 14, y + height // 2, '3')
    atspi.press(graph.wait_for('menu item', name='Unfold'))
    graph.node(LAST)
    graph.click(*graph.middle(':40007,'), '3')
    atspi.press(graph.wait_for('menu item', name='Fold'))
    graph.node(BUNDLE)
    graph.gone(FIRST)


@with_graph
def test_keys(graph):
    graph.stand_at('registered', BUNDLE)
    graph.key('Return')
    graph.gone(BUNDLE)
    graph.focus_is_at(':400')
    graph.key('Down')
    graph.focus_is_at(':400')
    graph.key('shift+Return')
    graph.focus_is_at(BUNDLE)
    graph.key('ctrl+Down')
    graph.focus_is_at('Line 1 of 1')
    graph.key('Return')
    graph.focus_is_at(':400')
    graph.key('ctrl+z')
    graph.focus_is_at(BUNDLE)


@with_graph
def test_found_folds_away(graph):
    """What a search stands at is counted by its flows once no node bears its name."""
    graph.stand_at('registered', BUNDLE)
    graph.key('Return')
    graph.node(LAST)
    graph.key('ctrl+f')
    graph.key('ctrl+a', *'40004')
    graph.wait_for('label', text='1 of 1')
    x, y, width, height = graph.box(':40004,')
    graph.click(x + width - 14, y + height // 2)  # the arrow
    graph.node(BUNDLE)
    graph.wait_for('label', text='1 flow')
    assert not graph.shows('label', text='Not found')
    graph.key('Escape')


@with_graph
def test_keys_on_a_node(graph):
    """Each key on a node that has the focus, one after the other, without a pointer near."""
    graph.stand_at('imaps', ':993')
    graph.key('shift+F10')
    graph.wait_for('menu item', name='Copy Port Number')
    graph.key('Escape')
    graph.wait_until_gone('menu item', name='Copy Port Number')
    graph.focus_is_at(':993')
    graph.key('Menu')
    graph.wait_for('menu item', name='Copy Port Number')
    graph.key('Escape')
    graph.wait_until_gone('menu item', name='Copy Port Number')
    graph.key('Return')
    graph.wait_for('panel', name='Details')
    graph.key('Escape', 'Escape')
    graph.wait_until_gone('panel', name='Details')
    graph.focus_is_at(':993')
    graph.key('Delete')
    graph.wait_for(LINK, name='Hidden: :993 imaps')
    graph.gone(':993,')
    graph.focus_is_at(':443')  # the keys go on from its neighbour
    graph.key('ctrl+z')
    graph.node(':993,')
    graph.key('Left', 'Left')
    graph.focus_is_at('Unknown app')
    graph.key('Tab')
    atspi.wait(lambda: [node for node in atspi.find_all(graph.window, LINK) if 'port' in atspi.name_of(node)
                        and node.has(atspi.State.FOCUSED)], 'the focus at a port')


@with_graph
def test_zoom(graph):
    """Looked at closely it unfolds, from afar it folds again; what a hand unfolded stays."""
    graph.click(*graph.middle('5 dynamic'))
    graph.node(':50003,')
    subprocess.run(['xdotool', 'mousemove', *map(str, graph.middle(BUNDLE))], check=True)
    subprocess.run(['xdotool', 'keydown', 'ctrl', 'click', '--repeat', '4', '--delay', '80', '4', 'keyup', 'ctrl'], check=True)
    graph.node(LAST)
    screenshot('fold-zoomed')
    assert graph.pans(), 'a drag on the background pans nothing'
    subprocess.run(['xdotool', 'keydown', 'ctrl', 'click', '--repeat', '4', '--delay', '80', '5', 'keyup', 'ctrl'], check=True)
    graph.node(BUNDLE)
    graph.gone(FIRST)
    graph.node(':50003,')


@with_graph
def test_fit_after_zoom(graph):
    """All of it is fitted in as it is once what only a close look unfolded has folded again, and no gap stays."""
    def stand():
        boxes = [graph.box(name) for name in (BUNDLE, '5 dynamic', ':993,')]
        return boxes if boxes[0][3] > 0 else None
    graph.key('0')
    before = stand()
    subprocess.run(['xdotool', 'mousemove', *map(str, graph.middle(BUNDLE))], check=True)
    subprocess.run(['xdotool', 'keydown', 'ctrl', 'click', '--repeat', '5', '--delay', '80', '4', 'keyup', 'ctrl'], check=True)
    graph.node(LAST)
    graph.key('0')
    graph.gone(LAST)
    after = stand()
    screenshot('fold-fitted')
    assert after == before, f'{before} before, {after} after'


@with_graph
def test_assistive_technology(graph):
    graph.stand_at('registered', BUNDLE)
    bundle = graph.node(BUNDLE)
    assert bundle.has(atspi.State.EXPANDABLE) and not bundle.has(atspi.State.EXPANDED)
    graph.act('chosen.unfold')
    assert graph.node(LAST).has(atspi.State.EXPANDED)
    graph.focus_is_at(':400')
    graph.act('chosen.fold')
    graph.node(BUNDLE)
    graph.act('graph.undo-filter')
    graph.node(LAST)
    graph.act('graph.undo-filter')
    graph.node(BUNDLE)
    graph.gone(FIRST)
    graph.quit()


run(test_line_by_pointer, test_arrow_by_pointer, test_menu, test_keys, test_found_folds_away, test_keys_on_a_node, test_zoom,
    test_fit_after_zoom, test_assistive_technology)
