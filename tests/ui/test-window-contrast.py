"""All words of the window and its dialog, as they are on the screen: 4.5:1 to what is behind them, light, dark and in high contrast."""
import collections
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from graph_window import LINK, GraphWindow
from harness import run, screenshot

OFFICE = fixture.office().write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'office.pcap'))
LEAST = 4.5  # WCAG 2.1, 1.4.3
LEAST_PX = 8  # each way: less of a word is not told from what is around it


def luminance(colour):
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


class Picture:
    """The screen, as it is now."""

    def __init__(self):
        said = subprocess.run('import -window root miff:- | convert - -depth 8 ppm:-', shell=True, check=True, capture_output=True).stdout
        _, size, _, self.pixels = said.split(b'\n', 3)
        self.width, self.height = map(int, size.split())

    def contrast_in(self, box):
        """Between what most of a box is and what differs most from it: the words' strokes where they are full."""
        left, top, width, height = box
        colours = collections.Counter()
        for y in range(max(0, top), min(self.height, top + height)):
            row = self.pixels[3 * (y * self.width + max(0, left)):3 * (y * self.width + min(self.width, left + width))]
            colours.update(zip(row[::3], row[1::3], row[2::3]))
        behind = colours.most_common(1)[0][0]
        return max(contrast(colour, behind) for colour in colours)


def inside(box, around):
    return all(box[i] >= around[i] and box[i] + box[i + 2] <= around[i] + around[i + 2] for i in (0, 1))


def words_of(root):
    """Labels of which all can be seen and that can be used, on no button: those of a button are of its colour."""
    path, labels = [], []
    for node, role, depth in atspi.seen(root):
        del path[depth:]
        path.append((node, role))
        if role == 'label' and not any(its_role == 'push button' for _, its_role in path) and node.has(atspi.State.SENSITIVE):
            labels.append((node, [pane for pane, its_role in path if its_role == 'scroll pane']))
    return labels


def faint(root):
    """What can't be read well: (text, its contrast)."""
    labels = words_of(root)
    boxes = atspi.boxes_of([node for node, _ in labels])
    picture, found, n_read = Picture(), [], 0
    for (node, panes), text, box in zip(labels, atspi.texts_of([node for node, _ in labels]), boxes):
        if not text.strip() or min(box[2:]) < LEAST_PX or not all(inside(box, pane) for pane in atspi.boxes_of(panes)):
            continue
        n_read += 1
        ratio = picture.contrast_in(box)
        if ratio < LEAST:
            found.append((text[:40], round(ratio, 2)))
    assert n_read > 4, f'only {n_read} labels are seen'
    return found


def expect_clear(root, what):
    last = []

    def is_clear():
        last[:] = faint(root)
        return not last
    try:
        atspi.wait(is_clear, f'clear words in {what}', 10)
    except AssertionError as error:
        raise AssertionError(f'{error}: {last}') from error


def look(name, **env):
    portlight = GraphWindow(OFFICE, env=env)
    try:
        portlight.wait_for(LINK, name='8 flows ·')
        expect_clear(portlight.window, 'the window')
        atspi.press(portlight.node('Unknown app, app'))
        portlight.wait_for('list item', name=':5432')
        expect_clear(portlight.window, 'the details of an app')
        portlight.key('Escape')
        portlight.wait_until_gone('panel', name='Details')
        atspi.press(portlight.node(':993,'))
        portlight.wait_for('panel', name='Details')
        expect_clear(portlight.window, 'the details of a flow')
        screenshot(f'contrast-{name}')
        portlight.key('ctrl+e')
        dialog = atspi.wait(lambda: atspi.find(portlight.app, name='Export Picture'), 'the dialog')
        atspi.wait(lambda: atspi.find(dialog, 'label', text='pixels'), 'the size')
        expect_clear(dialog, 'the dialog')
        screenshot(f'contrast-{name}-export')
        portlight.key('Escape')
        portlight.quit()
    finally:
        portlight.kill()


def test_light():
    look('light', ADW_DEBUG_COLOR_SCHEME='prefer-light')


def test_dark():
    look('dark', ADW_DEBUG_COLOR_SCHEME='prefer-dark')


def test_high_contrast():
    look('high', ADW_DEBUG_COLOR_SCHEME='prefer-light', ADW_DEBUG_HIGH_CONTRAST='1')


run(test_light, test_dark, test_high_contrast)
