"""What is clicked stays under the pointer while the details open, close and are dragged beside the graph, whatever the window's
width and whichever way text runs; and what they cover comes into view again."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from graph_window import LINK, GraphWindow
from harness import double_click, run, screenshot, xdotool

APP, LOCAL, REMOTE, ENDPOINT = 'Unknown app,', ':40001,', ':443', '93.184.216.34,'
LANES = (APP, LOCAL, REMOTE, ENDPOINT)
HEIGHT = 700
REST_S = 0.2  # longer than any frame takes on a busy machine
SETTLED_S = 0.6  # what comes under the pointer sooner after another width is only on its way, and the lanes go on (graph-width.c)


def capture():
    """One program, three ports, three services, three hosts."""
    packets = fixture.Capture()
    for i, (host, port) in enumerate((('93.184.216.34', 443), ('198.51.100.7', 993), ('203.0.113.9', 5432))):
        packets.talk(fixture.T0 + i / 10, fixture.HERE, 40001 + i, host, port, 2)
    return packets.write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'three.pcap'))


def crowd():
    """Higher than a window: thirty hosts of five services."""
    packets = fixture.Capture()
    for i in range(30):
        packets.talk(fixture.T0 + i / 100, fixture.HERE, 40001 + i * 500, f'93.184.216.{34 + i}', (443, 993, 22, 5432, 8080)[i % 5], 2)
    return packets.write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'crowd.pcap'))


class Graph(GraphWindow):
    def __init__(self, is_mirrored=False, file=None):
        self.is_mirrored = is_mirrored
        super().__init__(file or capture(), env={'LD_PRELOAD': os.environ['PL_MIRROR']} if is_mirrored else None)
        def named(name):
            return [node for node in atspi.find_all(self.window, LINK, name) if atspi.name_of(node).startswith(name)]
        self.nodes = [atspi.wait(lambda name=name: named(name), name)[0] for name in LANES]

        box, inner = atspi.box_of(self.nodes[0]), self.nodes[0].extents()
        self.id = xdotool('search', '--onlyvisible', '--class', 'portlight').split()[0]
        geometry = dict(line.split('=') for line in xdotool('getwindowgeometry', '--shell', self.id).split())
        border = (int(geometry['WIDTH']) - self.window.extents()[2]) // 2
        self.corner = box[0] - inner[0] + border, box[1] - inner[1] + border
        self.details = None  # the pane and all that it is in, once it was there: it stays the same
        self.wide = {}  # by width: where all stand without details

    def at(self, *nodes):
        """Where they stand on the screen: (left, top, width, height) of each."""
        return [(left + self.corner[0], top + self.corner[1], width, height) for left, top, width, height in atspi.extents_of(nodes)]

    def still(self, what, *nodes):
        """Where they stand once they stand still."""
        last = [None]

        def rests():
            last.append(self.at(*nodes))
            if last[-1] == last[-2]:
                return last[-1]
            time.sleep(REST_S)
            return None
        return atspi.wait(rests, what)

    def rest(self):
        """Where one of each lane stands once they stand still, by name."""
        return dict(zip(LANES, self.still('a graph at rest', *self.nodes)))

    def resize(self, width):
        xdotool('windowsize', '--sync', self.id, str(width), str(HEIGHT))
        xdotool('windowmove', self.id, '0', '0')  # later GTKs hold it at its right where text runs to the left
        atspi.wait(lambda: 0 <= width - self.window.extents()[2] < 16, f'a window {width} px wide')

    def point(self, x, y, *then):
        subprocess.run(['xdotool', 'mousemove', str(round(x)), str(round(y)), *then], check=True)

    def leave(self):
        self.point(2, 2)

    def begin(self, width):
        """No details, no pointer in the graph, laid out for that width."""
        self.leave()
        self.key('Escape', 'Escape')
        self.resize(width)
        if width not in self.wide:
            self.wide[width] = self.rest()
        before = self.wide[width]
        atspi.wait(lambda: self.at(*self.nodes) == list(before.values()), f'{before}')
        time.sleep(SETTLED_S)
        return before

    def shift_of(self, name, before):
        """How far it stands now from where it stood before: sideways, up and down."""
        box = self.still(f'{name} at rest', self.nodes[LANES.index(name)])[0]
        return abs(box[0] - before[0]), abs(box[1] - before[1])

    def with_details(self, *nodes):
        """Where the details stand, and these nodes, once all of them do."""
        self.details = self.details or atspi.chain_of(self.wait_for('panel', name='Details'))
        atspi.wait(lambda: self.alive() and atspi.is_shown(self.details), 'the details')
        return self.still('the details and the graph at rest', self.details[0], *nodes)

    def pane(self):
        """The same of them alone."""
        return self.with_details()[0]

    def opened(self):
        """The same, and beside it one of each lane by name."""
        pane, *boxes = self.with_details(*self.nodes)
        return pane, dict(zip(LANES, boxes))

    def is_beside(self, box, pane):
        return box[0] >= pane[0] + pane[2] - 1 if self.is_mirrored else box[0] + box[2] <= pane[0] + 1

    def all_beside(self, pane, boxes):
        return all(self.is_beside(box, pane) for box in boxes.values())


def middle(box):
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def moved(before, after):
    return max(abs(before[0] - after[0]), abs(before[1] - after[1]))


def click_each(graph, width):
    """Returns how far each node that stays in view moved."""
    far = {}
    for name in LANES:
        boxes = graph.begin(width)
        graph.point(*middle(boxes[name]), 'click', '1')
        pane, after = graph.opened()
        if graph.is_beside(boxes[name], pane):
            far[name] = moved(boxes[name], after[name])
            assert far[name] <= 1, f'{name} of {width} px moved from {boxes[name]} to {after[name]}'
        else:
            assert graph.all_beside(pane, after), f'{name} of {width} px: {after} at {pane}'
            print(f'# {width} px: {name} would be covered: it moves {moved(boxes[name], after[name])} px')
    graph.begin(width)
    graph.point(*middle(boxes[APP]), 'click', '1')
    graph.opened()
    graph.leave()
    pane, after = graph.opened()
    assert graph.all_beside(pane, after), f'{width} px, once the pointer has left: {after}'
    print(f'# {width} px{", mirrored" if graph.is_mirrored else ""}: moved {far}')
    return far


def click_line(graph, width):
    """On a line past its local port: that one stays, and the line under the pointer."""
    boxes = graph.begin(width)
    left, top, chip, height = boxes[LOCAL]
    at = (left - 8 if graph.is_mirrored else left + chip + 8), top + height / 2
    graph.point(*at, 'click', '1')
    after = graph.opened()[1]
    assert moved(boxes[LOCAL], after[LOCAL]) <= 1, f'a line of {width} px: {boxes[LOCAL]} became {after[LOCAL]}'
    graph.point(*at, 'click', '1')  # still upon it: else a click on bare ground closes the details
    time.sleep(REST_S)
    assert atspi.is_shown(graph.details), f'the line of {width} px is not under the pointer any longer'


def click_all(is_mirrored):
    graph = Graph(is_mirrored)
    try:
        for width in (1200, 900, 1920):
            assert click_each(graph, width), f'nothing stays beside the details at {width} px'
            click_line(graph, width)
        screenshot('details-held-mirrored' if is_mirrored else 'details-held')
        graph.quit()
    finally:
        graph.kill()


def test_clicks():
    click_all(False)


def test_clicks_mirrored():
    click_all(True)


def test_uncovered():
    """What the details cover comes into view: where the pointer rests on bare ground, and where the keys go there."""
    graph = Graph()
    try:
        boxes = graph.begin(1200)
        x, y = middle(boxes[LOCAL])
        graph.point(x, y, 'click', '1')
        pane, held = graph.opened()
        assert not graph.all_beside(pane, held), f'nothing is covered: {held}'
        screenshot('details-cover')
        graph.point(x, boxes[ENDPOINT][1] + 350)
        atspi.wait(lambda: graph.all_beside(*graph.opened()), 'four lanes beside the details, the pointer on bare ground')

        boxes = graph.begin(1200)
        graph.point(*middle(boxes[LOCAL]), 'click', '1')
        graph.opened()
        graph.key('Right', 'Right')
        graph.focus_is_at(ENDPOINT)
        atspi.wait(lambda: graph.all_beside(*graph.opened()), 'four lanes beside the details, the keys at the fourth')
        graph.quit()
    finally:
        graph.kill()


def test_closing():
    """Escape while the pointer rests on something; the handle; the keys alone; another size of the window."""
    graph = Graph()
    try:
        wide = graph.begin(1200)
        graph.point(*middle(wide[LOCAL]), 'click', '1')
        graph.opened()
        graph.leave()
        narrow = graph.rest()
        graph.point(*middle(narrow[REMOTE]))
        graph.key('Escape')
        graph.wait_until_gone('panel', name='Details')
        after = graph.rest()
        assert moved(narrow[REMOTE], after[REMOTE]) <= 1, f'{narrow[REMOTE]} became {after[REMOTE]} when the details closed'
        graph.leave()
        after = graph.rest()
        assert after == wide, f'{after} once the pointer has left, not {wide}'

        graph.key('Return')  # the keys are where the click was, no pointer is in the graph
        pane, after = graph.opened()
        assert graph.all_beside(pane, after), f'opened by keys: {after}'
        graph.point(pane[0], 400)
        for then in (['mousedown', '1'], *[['mousemove_relative', '--', '-40', '0']] * 3, ['mouseup', '1']):
            subprocess.run(['xdotool', *then], check=True)
        wider, after = graph.opened()
        assert wider[0] < pane[0] - 60 and graph.all_beside(wider, after), f'dragged wider: {after} at {wider}'

        graph.begin(1200)
        graph.point(*middle(wide[LOCAL]))
        graph.resize(1000)
        after = graph.rest()
        assert after[ENDPOINT][0] + after[ENDPOINT][2] < 1000, f'a window of 1000 px: {after}'
        graph.quit()
    finally:
        graph.kill()


def test_list_and_back():
    """Beside the details the lanes may turn into a list: whoever looks at one after the other is not led astray."""
    graph = Graph(file=crowd())
    try:
        wide = graph.begin(900)
        for _ in range(2):
            graph.point(*middle(wide[REMOTE]), 'click', '1')
            listed = graph.opened()[1]
            assert listed[LOCAL][0] == listed[REMOTE][0] or listed[REMOTE][0] < wide[REMOTE][0] - 100, f'no list: {listed}'
            assert listed[REMOTE][1] == wide[REMOTE][1], f'{wide[REMOTE]} became {listed[REMOTE]}'
            graph.key('Escape')
            graph.wait_until_gone('panel', name='Details')
            graph.leave()  # where frames are late the lanes may have been held halfway
            atspi.wait(lambda: graph.rest() == wide, f'{wide} once the details are closed')
        graph.quit()
    finally:
        graph.kill()


def test_search_above():
    """A search opens above what the pointer rests on, and closes."""
    graph = Graph(file=crowd())
    try:
        wide = graph.begin(900)
        graph.point(*middle(wide[REMOTE]))
        graph.rest()
        graph.key('ctrl+f')
        atspi.wait(lambda: graph.wait_for(name='Search the Graph').has(atspi.State.FOCUSED), 'the keys at the search')
        opened = graph.rest()
        assert moved(wide[REMOTE], opened[REMOTE]) <= 1, f'{wide[REMOTE]} became {opened[REMOTE]} below a search'
        graph.key('Escape')
        atspi.wait(lambda: graph.rest() == wide, f'{wide} once the search is closed')
        graph.quit()
    finally:
        graph.kill()


def filter_to(graph, name):
    """By a double click. Returns where it stood, and how far it moved in what was left of the graph: sideways, up and down."""
    boxes = {}

    def begin():
        graph.key('ctrl+shift+a')
        graph.wide.clear()  # what was looked at stays unfolded: not all is as before
        boxes.update(graph.begin(1200))
        return middle(boxes[name])

    double_click(begin)
    chip = graph.wait_for('push button', name=f'Only {name.strip(",")}')
    graph.pane()
    return boxes[name], graph.shift_of(name, boxes[name]), chip


def test_filter_holds():
    """What is clicked twice stays under the pointer while the filter leaves little of the graph, and while all comes back."""
    for file, where in ((crowd(), 'crowd'), (capture(), 'three')):
        graph = Graph(file=file)
        try:
            for name in LANES:
                before, (aside, up), _ = filter_to(graph, name)
                stays = graph.is_beside(before, graph.pane())  # else it had to move aside at the first click
                assert up <= 1 and (aside <= 1 or not stays), f'{where}, only {name}: moved by {aside}, {up} from {before}'
                if name == REMOTE:
                    screenshot(f'filter-held-{where}')
                graph.key('ctrl+z')
                graph.wait_until_gone('push button', name=f'Only {name.strip(",")}')
                aside, up = graph.shift_of(name, before)
                assert up <= 1 and (aside <= 1 or not stays), f'{where}, back from {name}: moved by {aside}, {up} from {before}'
                assert stays or name in (REMOTE, ENDPOINT)
            graph.quit()
        finally:
            graph.kill()


def test_filter_mirrored():
    """From right to left the details push all that stands beside them on, between the two clicks of a double click."""
    graph = Graph(True, file=crowd())
    try:
        for name in (APP, LOCAL):
            before, shift, _ = filter_to(graph, name)
            assert max(shift) <= 1, f'mirrored, only {name}: moved by {shift} from {before}'
        graph.quit()
    finally:
        graph.kill()


def test_filter_taken_back():
    """What is selected stays as high as it is while the pointer goes to the filter's chip and takes it back there."""
    graph = Graph(file=crowd())
    try:
        for name in (LOCAL, ENDPOINT):
            before, _, chip = filter_to(graph, name)
            graph.point(*atspi.center(chip))
            assert graph.shift_of(name, before)[1] <= 1, f'{name} moved from {before} when the pointer left'
            graph.point(*atspi.center(chip), 'click', '1')
            graph.wait_until_gone('push button', name=f'Only {name.strip(",")}')
            assert graph.shift_of(name, before)[1] <= 1, f'{name} moved from {before} when all came back'

        before, *_ = filter_to(graph, ENDPOINT)
        graph.key('Escape')
        graph.wait_until_gone('panel', name='Details')
        graph.leave()
        atspi.wait(lambda: graph.shift_of(ENDPOINT, before)[1] > 20, 'the end of the air once nothing is selected')
        graph.quit()
    finally:
        graph.kill()


def test_search_above_little():
    """The same where all fits into the window: there is nothing to scroll to."""
    graph = Graph()
    try:
        wide = graph.begin(1200)
        for name in LANES:
            graph.point(*middle(wide[name]))
            graph.rest()
            graph.key('ctrl+f')
            atspi.wait(lambda: graph.wait_for(name='Search the Graph').has(atspi.State.FOCUSED), 'the keys at the search')
            opened = graph.rest()
            assert moved(wide[name], opened[name]) <= 1, f'{wide[name]} became {opened[name]} below a search'
            graph.key('Escape')
            atspi.wait(lambda: graph.rest() == wide, f'{wide} once the search is closed')
        graph.key('ctrl+f')
        graph.rest()
        graph.leave()
        after = graph.rest()
        assert after[APP][1] > wide[APP][1] + 20, f'the graph stays in the air: {after}'
        graph.quit()
    finally:
        graph.kill()


run(test_clicks, test_clicks_mirrored, test_uncovered, test_closing, test_list_and_back, test_search_above, test_search_above_little, test_filter_holds,
    test_filter_mirrored, test_filter_taken_back)
