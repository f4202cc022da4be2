"""Each entry of the graph's menu by pointer: the right button opens it, the left one chooses, and what was said happens."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from graph_window import LINK, GraphWindow
from harness import in_one_window, run

OFFICE = fixture.office().write(os.path.join(os.environ['HOME'], 'office.pcap'))
PORT, HOST, BUNDLE = ':993,', '198.51.100.7, endpoint', '2 dynamic'


class Menu(GraphWindow):
    def __init__(self):
        super().__init__(OFFICE)
        self.wait_for(LINK, name='8 flows ·')

    def begin(self):
        """As it was at first, whatever the test before did."""
        self.point(2, 2)  # what the pointer rests on would stay where it is
        self.key('Escape', 'Escape', 'Escape', 'ctrl+shift+a', 'ctrl+1')
        self.wait_until_gone('panel', name='Details')
        self.node(PORT)

    def point(self, x, y, *more):
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), *more], check=True)

    def items(self):
        return atspi.find_all(self.window, 'menu item')

    def under_pointer(self):
        return [item for item in self.items() if item.has(atspi.State.FOCUSED)]

    def open(self, node_name):
        def rests():
            before = atspi.center(self.node(node_name))
            time.sleep(0.3)  # longer than it takes to its new place
            return before if atspi.center(self.node(node_name)) == before else None
        self.point(*atspi.center(self.node(node_name)))  # what was held under the pointer goes to its place now, and so all else
        x, y = atspi.wait(rests, f'{node_name} at rest')
        self.point(x, y, 'click', '3')
        self.wait_for('menu item', name='Details')
        return x + 40, y + 20  # in its first entry

    def choose(self, node_name, entry):
        """GTK 4.8 tells of entries how far they are from one another, but not from the window."""
        x, y = self.open(node_name)
        self.point(x, y)
        first = atspi.wait(lambda: self.point(x + 1, y) or self.point(x, y) or self.under_pointer(), 'an entry under the pointer')[0]
        item = self.wait_for('menu item', name=entry)
        tops = [box[1] for box in atspi.extents_of([first, item])]
        self.point(x, y + tops[1] - tops[0])
        atspi.wait(lambda: [atspi.name_of(one) for one in self.under_pointer()] == [atspi.name_of(item)], f'“{entry}” under the pointer')
        self.point(x, y + tops[1] - tops[0], 'click', '1')
        self.wait_until_gone('menu item', name='Details')


with_menu = in_one_window(Menu)


def clipboard():
    return subprocess.run(['xclip', '-selection', 'clipboard', '-o'], capture_output=True, text=True, timeout=15, check=False).stdout


@with_menu
def test_details(menu):
    menu.choose(PORT, 'Details')
    menu.wait_for('panel', name='Details')


@with_menu
def test_copies(menu):
    for node_name, entry, text in ((PORT, 'Copy Name', ':993 imaps'), (PORT, 'Copy Port Number', '993'),
                                   (HOST, 'Copy Name', '198.51.100.7'), (HOST, 'Copy Address', '198.51.100.7')):
        subprocess.run(['xclip', '-selection', 'clipboard'], input='nothing', text=True, check=True)
        menu.choose(node_name, entry)
        atspi.wait(lambda text=text: clipboard() == text, f'“{text}” in the clipboard by “{entry}”')


@with_menu
def test_only(menu):
    menu.choose(PORT, 'Show Only “:993 imaps”')
    menu.gone(':53760')
    menu.choose(PORT, 'Undo')
    menu.node(':53760')
    menu.wait_until_gone('push button', name='Only :993')


@with_menu
def test_hide(menu):
    menu.choose(PORT, 'Hide “:993 imaps”')
    menu.gone(PORT)
    menu.wait_for('push button', name='Hidden: :993 imaps')
    menu.choose(BUNDLE, 'Undo')
    menu.node(PORT)
    menu.choose(PORT, 'Hide “:993 imaps”')
    menu.gone(PORT)
    menu.choose(BUNDLE, 'Show All Again')
    menu.node(PORT)


@with_menu
def test_unfold(menu):
    menu.choose(BUNDLE, 'Unfold')
    menu.node(':51514')
    menu.choose(':51514', 'Fold')
    menu.gone(':51514')
    menu.choose(BUNDLE, 'Unfold')
    menu.node(':51514')
    menu.choose(PORT, 'Fold All')
    menu.gone(':51514')


@with_menu
def test_zoom(menu):
    menu.key('plus', 'plus', 'plus')
    menu.wait_for('label', text='173 %')
    menu.choose(PORT, 'Show All of It')
    menu.wait_for('label', text='100 %')
    menu.choose(PORT, 'Tidy Up')
    menu.node(PORT)


run(test_details, test_copies, test_only, test_hide, test_unfold, test_zoom)
