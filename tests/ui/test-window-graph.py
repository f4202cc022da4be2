"""The graph under the hand: pointer, wheel, keys and assistive technology, each with its real events from outside."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from graph_window import LINK, GraphWindow
from harness import double_click, in_one_window, run, screenshot

OFFICE = fixture.office().write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'office.pcap'))


class Graph(GraphWindow):
    """Portlight with the office's capture."""

    def __init__(self):
        super().__init__(OFFICE)
        self.wait_for(LINK, name='8 flows ·')

    def begin(self):
        """As it was at first, whatever the test before did."""
        self.mouse(2, 2)  # what the pointer rests on would stay where it is
        self.key('Escape', 'Escape', 'Escape', 'ctrl+shift+a', 'ctrl+1')
        self.wait_until_gone('panel', name='Details')
        self.node(':993,')

    def place(self, name):
        """Where a node stands once it stands still."""
        def rests():
            before = atspi.center(self.node(name))
            return before if atspi.center(self.node(name)) == before else None
        return atspi.wait(rests, f'{name} at rest')

    def mouse(self, x, y, *more):
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), *more], check=True)

    def click_at(self, name, button='1'):
        self.mouse(*self.place(name), 'click', button)

    def double_click_at(self, name):
        def begin():
            self.mouse(2, 2)
            self.key('Escape', 'Escape', 'ctrl+shift+a')
            self.wait_until_gone('panel', name='Details')
            return self.place(name)
        double_click(begin)

    def has(self, name):
        return self.shows(LINK, name=name)

    def zoom(self):
        return next(int(text.split()[0]) for text in atspi.texts(self.window) if text.endswith('\u00a0%') or text.endswith(' %'))


with_graph = in_one_window(Graph)


@with_graph
def test_double_click_filters(graph):
    graph.double_click_at(':993')
    graph.wait_for('push button', name='Only :993 imaps: take it back')
    graph.gone(':53760')
    graph.wait_for('label', text='7 flows left out')
    names = [atspi.name_of(node) for node in atspi.find_all(graph.window, 'push button', 'Show All')]
    assert 'Show All' in names, f'buttons are called {names}'
    graph.key('ctrl+z')
    graph.node(':53760')
    graph.wait_until_gone('push button', name='Only :993')
    graph.double_click_at('198.51.100.7, endpoint')  # where the details are by the second click
    graph.wait_for('push button', name='Only 198.51.100.7: take it back')


def overlap(one, other):
    return all(one[i] < other[i] + other[i + 2] and other[i] < one[i] + one[i + 2] for i in (0, 1))


@with_graph
def test_tip(graph):
    """Says what the pointer rests on, beside it and beside all of its path, and goes with the pointer."""
    x, y = graph.place(':993')
    graph.mouse(x, y, 'mousemove', str(x + 2), str(y))
    tip = atspi.wait(lambda: atspi.find(graph.window, 'tool tip'), 'a tip')
    assert 'imaps' in atspi.text_of(tip), atspi.text_of(tip)
    path = [graph.node(name) for name in (':993,', ':50112,', '198.51.100.7, endpoint', 'Unknown app, app')]
    box, *boxes = atspi.boxes_of([tip, *path])
    assert not [one for one in boxes if overlap(one, box)], f'the tip at {box} covers one of {boxes}'
    graph.mouse(2, 2)
    atspi.wait(lambda: not atspi.find(graph.window, 'tool tip'), 'the end of the tip')


@with_graph
def test_menu(graph):
    graph.click_at(':993', button='3')
    graph.wait_for('menu item', name='Copy Port Number')
    graph.wait_for('menu item', name='Show Only “:993 imaps”')
    screenshot('graph-menu')
    atspi.press(graph.wait_for('menu item', name='Hide “:993 imaps”'))
    graph.gone(':993,')
    graph.wait_for('push button', name='Hidden: :993 imaps')
    graph.key('ctrl+shift+a')
    graph.node(':993,')


@with_graph
def test_menu_by_key(graph):
    graph.click_at('198.51.100.7, endpoint')
    graph.focus_is_at('198.51.100.7, endpoint')
    graph.key('shift+F10')
    graph.wait_for('menu item', name='Copy Address')
    graph.key('Escape')
    graph.wait_until_gone('menu item', name='Copy Address')


def has_focus(root):
    return any(node.has(atspi.State.FOCUSED) for node in atspi.walk(root))


@with_graph
def test_details_by_keys(graph):
    """There and back without a walk over all nodes; when they close, one stands where one came from."""
    graph.click_at(':993')
    details = graph.wait_for('panel', name='Details')
    graph.focus_is_at(':993,')
    graph.key('F6')
    atspi.wait(lambda: has_focus(details), 'the focus in the details')
    graph.key('F6')
    graph.focus_is_at(':993,')
    graph.key('F6')
    atspi.wait(lambda: has_focus(details), 'the focus in the details')
    graph.key('Escape')
    graph.wait_until_gone('panel', name='Details')
    graph.focus_is_at(':993,')


@with_graph
def test_details_that_cover(graph):
    """The same where the details leave no room for the graph."""
    def resize(width, is_there):
        subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'portlight', 'windowsize', str(width), '600'], check=True)
        atspi.wait(lambda: is_there(graph.window.extents()[2]), f'a window of {width} px')

    resize(360, lambda width: width <= 360)
    try:
        for choose in (lambda: graph.click_at(':993'), lambda: graph.key('Return')):
            choose()
            details = graph.wait_for('panel', name='Details')
            atspi.wait(lambda: has_focus(details), 'the focus in the details that cover the graph')
            graph.key('Escape')
            graph.wait_until_gone('panel', name='Details')
            graph.focus_is_at(':993,')
    finally:
        resize(1180, lambda width: width > 1000)


@with_graph
def test_zoom(graph):
    assert graph.zoom() == 100
    graph.mouse(*graph.place(':993'))
    subprocess.run(['xdotool', 'keydown', 'ctrl', 'click', '--repeat', '4', '4', 'keyup', 'ctrl'], check=True)
    atspi.wait(lambda: graph.zoom() > 150, 'a larger graph')
    zoomed = graph.zoom()
    graph.key('minus')
    atspi.wait(lambda: graph.zoom() < zoomed, 'a smaller graph')
    # the background can be dragged, and the wheel's button drags from anywhere
    x, y = graph.place(':993')
    graph.mouse(x, y, 'mousedown', '2', 'mousemove_relative', '--', '-30', '-20', 'mousemove_relative', '--', '-60', '-40', 'mouseup', '2')
    atspi.wait(lambda: graph.place(':993')[0] <= x - 80, 'the graph to follow the hand')
    graph.key('0')
    atspi.wait(lambda: graph.zoom() <= 100, 'all of it')
    fitted = graph.zoom()
    atspi.press(graph.wait_for('push button', 'Zoom In'))  # the buttons below the graph do what the keys do
    atspi.wait(lambda: graph.zoom() > fitted, 'a larger graph by the button')
    graph.key('0')
    atspi.wait(lambda: graph.zoom() == fitted, 'all of it again')
    graph.key('plus')
    larger = atspi.wait(lambda: graph.zoom() if graph.zoom() > 100 else None, 'a larger graph')
    graph.quit()
    again = with_graph.running[0] = Graph()
    assert again.zoom() == larger, f'{again.zoom()} % is not remembered as {larger} %'
    again.key('ctrl+1')
    atspi.wait(lambda: again.zoom() == 100, 'its original size')


@with_graph
def test_search(graph):
    graph.key('i', 'm', 'a', 'p')
    graph.wait_for('label', text='1 of 1')
    screenshot('graph-search')
    graph.key('Escape')
    graph.focus_is_at(':993')
    graph.key('ctrl+f')
    graph.key('ctrl+a', 'z', 'z')
    graph.wait_for('label', text='Not found')
    graph.key('Escape')
    graph.focus_is_at(':993')  # where nothing is found the keys go back
    graph.key('ctrl+f')
    graph.key('ctrl+a', '1', '9', '2')
    graph.wait_for('label', text='1 of 3')
    graph.key('Return')
    graph.wait_for('label', text='2 of 3')
    graph.key('Escape')


@with_graph
def test_escape_closes_search(graph):
    """From wherever the keys are: one of its buttons, or a node that was clicked meanwhile."""
    def is_open():
        return graph.wait_for('label', text='ENDPOINTS').extents()[1] > closed_y

    closed_y = graph.wait_for('label', text='ENDPOINTS').extents()[1]
    graph.key('i', 'm', 'a', 'p')
    graph.wait_for('label', text='1 of 1')
    graph.key('Tab', 'Tab')
    graph.focus_is_at('Next Match')
    graph.key('Escape')
    graph.focus_is_at(':993')
    atspi.wait(lambda: not is_open(), 'the end of the search')
    graph.key('ctrl+f')
    atspi.wait(is_open, 'the search')
    graph.click_at(':53760')
    graph.wait_for('panel', name='Details')
    graph.key('Escape')
    graph.wait_until_gone('panel', name='Details')
    graph.key('Escape')
    atspi.wait(lambda: not is_open(), 'the end of the search')
    graph.focus_is_at(':53760')


@with_graph
def test_keys(graph):
    graph.key('i', 'm', 'a', 'p')
    graph.wait_for('label', text='1 of 1')
    graph.key('Escape')
    graph.focus_is_at(':993')
    graph.key('Left')
    graph.focus_is_at(':50112')
    graph.key('Left')
    graph.focus_is_at('Unknown app')
    graph.key('ctrl+Down')
    graph.focus_is_at('Line 1 of')
    graph.key('Return')
    graph.wait_for('panel', name='Details')
    graph.key('Escape')
    graph.focus_is_at('Unknown app, app')
    graph.key('Escape')
    graph.wait_until_gone('panel', name='Details')
    graph.key('Right', 'Home')
    graph.focus_is_at('local')
    graph.key('Up', 'Left')  # where a lane ends one stays, and is not led out of the graph
    graph.focus_is_at('Unknown app, app')
    graph.key('Left', 'ctrl+Down')
    graph.focus_is_at('Line 1 of')
    graph.key('Escape')
    graph.focus_is_at('Unknown app, app')


@with_graph
def test_reading_order(graph):
    """As a screen reader comes by them: lane by lane, from top to bottom of each."""
    lanes = (', app,', ', local ', ', remote ', ', endpoint,')
    nodes = atspi.children(graph.node(':993,').parent())
    places = [([lane in name for lane in lanes].index(True), node.extents()[1]) for name, node in zip(atspi.names_of(nodes), nodes)]
    assert {lane for lane, top in places} == {0, 1, 2, 3}, places
    assert places == sorted(places), places


def chosen(graph):
    """The nodes that are selected."""
    return [node for node in atspi.find_all(graph.window, LINK, ', ') if node.has(atspi.State.PRESSED)]


@with_graph
def test_line_is_left(graph):
    """Who stood at a line and goes to another node by other keys, or presses that one from outside, acts on the node."""
    def stand_at_line():
        graph.key('i', 'm', 'a', 'p')
        graph.wait_for('label', text='1 of 1')
        graph.key('Escape')
        graph.focus_is_at(':993')
        graph.key('ctrl+Down')
        graph.focus_is_at('Line 1 of 1')

    stand_at_line()
    graph.key('Tab')
    atspi.wait(lambda: not graph.shows(LINK, name='Line 1 of 1'), 'the end of the line')
    graph.key('Return')
    graph.wait_for('panel', name='Details')
    atspi.wait(lambda: chosen(graph), 'a node that is chosen')
    graph.key('Escape', 'Escape')
    graph.wait_until_gone('panel', name='Details')
    stand_at_line()
    there = graph.node('192.168.1.9, endpoint')
    atspi.press(there)
    atspi.wait(lambda: chosen(graph) == [there], 'the node that was pressed')


def has_names(root):
    """Whatever can be focused is called something, not by its kind as GTK does with what has no name."""
    there = [node for node, role, _ in atspi.seen(root) if role in ('push button', 'list item', 'slider', 'check box', 'text')]
    names = atspi.names_of(there)
    assert names and not [name for name in names if not name or name.startswith('Gtk')], names


@with_graph
def test_assistive_technology(graph):
    """From the app to its endpoint by what is said, and what can be done there."""
    node = graph.node('Unknown app, app, 8 flows')
    assert ', connects to ' in atspi.name_of(node), atspi.name_of(node)
    assert atspi.name_of(node).endswith(', called by 192.168.1.31'), atspi.name_of(node)
    has_names(graph.window)
    atspi.press(graph.node('192.168.1.31, endpoint'))
    row = graph.wait_for('list item', name='192.168.1.20 → 192.168.1.31, :56002 → :5432 postgresql · TCP · refused, 36\u00a0B/s')
    graph.wait_for('list', name='Flows')
    has_names(graph.window)
    atspi.press(row)
    graph.wait_for('label', text='It was refused: nothing listens on that port there')
    endpoint = graph.node('198.51.100.7, endpoint')
    assert endpoint.actions() == ['node.press'], endpoint.actions()
    atspi.press(endpoint)
    graph.wait_for('panel', name='Details')
    graph.act('chosen.filter')
    graph.gone(':53760')
    graph.act('chosen.hide')
    graph.gone('198.51.100.7, endpoint')
    graph.wait_for('label', text='Nothing Passes the Filter')
    graph.key('ctrl+z')
    graph.node('198.51.100.7, endpoint')
    graph.quit()


run(test_double_click_filters, test_tip, test_menu, test_menu_by_key, test_details_by_keys, test_details_that_cover, test_zoom, test_search,
    test_escape_closes_search, test_keys, test_reading_order, test_line_is_left, test_assistive_technology)
