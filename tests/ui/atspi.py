"""Finds, reads and presses what a window shows, from outside, through AT-SPI. An action takes effect some time later and a
tree may change while it is walked: wait for what you expect, never sleep a fixed time."""
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib

Atspi.init()
PATIENCE_S = 15.0  # a loaded machine is slow; a passing test never waits that long


def wait(check, what, seconds=PATIENCE_S):
    """The first true answer of check(), or an AssertionError that says what was awaited."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = check()
        except GLib.Error:  # the widget went away while it was asked
            answer = None
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f'{what} did not come within {seconds:.0f} s')
        time.sleep(0.03)


def children(node):
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child:
            yield child


def walk(node):
    """All that is showing below node: what is on a hidden page counts as absent."""
    yield node
    for child in children(node):
        if child.get_state_set().contains(Atspi.StateType.VISIBLE):
            yield from walk(child)


def app_of(pid):
    """The accessible application of a process, or None."""
    for app in children(Atspi.get_desktop(0)):
        if app.get_process_id() == pid:
            # What libatspi remembers grows old while no main loop of ours takes in the changes.
            app.set_cache_mask(Atspi.Cache.NONE)
            return app
    return None


def role_of(node):
    """The name of a role, as GTK 4.8 and at-spi2-core 2.46 say it; newer ones have other names for some."""
    name = node.get_role_name()
    return {'button': 'push button', 'toggle button': 'push button', 'grouping': 'panel'}.get(name, name)


def name_of(node):
    """Its name or, as for menu items of newer GTK, what labels it says: a screen reader does the same."""
    name = node.get_name() or ''
    if not name:
        for relation in node.get_relation_set():
            if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
                labels = [relation.get_target(i) for i in range(relation.get_n_targets())]
                return ' '.join(label.get_name() or text_of(label) for label in labels)
    return name


def text_of(node):
    """What a label says; its name where it is no text."""
    text = node.get_text_iface()
    if text:
        return Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))
    return node.get_name() or ''


def find_all(root, role=None, name=None, text=None):
    """All with this role name whose name or text contains what is asked."""
    found = []
    for node in walk(root):
        if role is not None and role_of(node) != role:
            continue
        if name is not None and name not in name_of(node):
            continue
        if text is not None and text not in text_of(node):
            continue
        found.append(node)
    return found


def find(root, role=None, name=None, text=None):
    found = find_all(root, role, name, text)
    return found[0] if found else None


def texts(root):
    """All labels' texts, in order."""
    return [text_of(node) for node in walk(root) if role_of(node) == 'label']


def dump(root, depth=0):
    """The tree as lines, for a failing test to show."""
    lines = [f'{"  " * depth}{role_of(root)} “{name_of(root)}” {text_of(root)[:60]!r}']
    for child in children(root):
        lines += dump(child, depth + 1)
    return lines


def press(node):
    """Runs the first action of a widget, or of the first part of it that has one (a menu button's button)."""
    for part in walk(node):
        action = part.get_action_iface()
        if action and action.get_n_actions() > 0:
            assert action.do_action(0), f'pressing “{name_of(part)}” failed'
            return
    raise AssertionError(f'“{name_of(node)}” cannot be pressed')


def box_of(node):
    """(x, y, width, height) of a widget on the screen, whose corner the window is in. Newer GTK counts from inside its frame."""
    box, window = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW), node
    while window and role_of(window) != 'frame':
        window = window.get_parent()
    corner = window and window.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
    return box.x - (corner.x if corner else 0), box.y - (corner.y if corner else 0), box.width, box.height


def center(node):
    """The middle of a widget on the screen."""
    x, y, width, height = box_of(node)
    return x + width // 2, y + height // 2
