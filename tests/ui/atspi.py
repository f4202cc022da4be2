"""Finds, reads and presses what a window shows, from outside, over the accessibility bus. An action takes effect some time later and a
tree may change while it is walked: wait for what you expect, never sleep a fixed time. Asked of the program itself and not by libatspi:
that asks some five questions about each widget and waits for each answer, here all about one level of the tree are on their way at once,
which takes a tenth of the time."""
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib

ACCESSIBLE, ACTION, COMPONENT, EDITABLE, TEXT = ('org.a11y.atspi.' + name for name in (
    'Accessible', 'Action', 'Component', 'EditableText', 'Text'))
PROPERTIES = 'org.freedesktop.DBus.Properties'
ROOT = '/org/a11y/atspi/accessible/root'
State = Atspi.StateType
PATIENCE_S = 45.0  # a loaded machine is slow; a passing test never waits that long
ANSWER_MS = 20000


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


class Bus:
    """The accessibility bus. Waits in a main context of its own, so that nothing else of the test happens meanwhile."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None, None, 0, ANSWER_MS).unpack()[0]
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags)
        self.context = GLib.MainContext.new()

    def ask(self, questions):
        """Answers to (bus name, path, interface, method, arguments), in order; a GLib.Error for what has none."""
        answers = [None] * len(questions)
        left = [len(questions)]

        def on_answer(connection, result, index):
            try:
                answers[index] = connection.call_finish(result).unpack()
            except GLib.Error as error:
                answers[index] = error
            left[0] -= 1

        self.context.push_thread_default()
        try:
            for index, (*where, arguments) in enumerate(questions):
                self.connection.call(*where, arguments, None, 0, ANSWER_MS, None, on_answer, index)
            while left[0]:
                self.context.iteration(True)
        finally:
            self.context.pop_thread_default()
        return answers


BUSES = []  # one, made when first needed


def ask(questions):
    if not BUSES:
        BUSES.append(Bus())
    return BUSES[0].ask(questions)


class Node:
    """A widget, or another program's: what it is called on the bus. What is asked about it is asked anew each time."""

    def __init__(self, bus_name, path):
        self.bus_name, self.path = bus_name, path

    def __eq__(self, other):
        return isinstance(other, Node) and (self.bus_name, self.path) == (other.bus_name, other.path)

    def __hash__(self):
        return hash((self.bus_name, self.path))

    def question(self, interface, method, signature=None, *arguments):
        return self.bus_name, self.path, interface, method, GLib.Variant(signature, arguments) if signature else None

    def ask(self, *question):
        answer = ask([self.question(*question)])[0]
        if isinstance(answer, GLib.Error):
            raise answer
        return answer[0] if answer else None

    def get(self, interface, name):
        return self.ask(PROPERTIES, 'Get', '(ss)', interface, name)

    def has(self, state):
        """Whether it is in this state, a State."""
        return has_state(self.ask(ACCESSIBLE, 'GetState'), state)

    def actions(self):
        """Their names, in order. A widget whose actions all take arguments counts them and then names none."""
        names = []
        try:
            for index in range(self.get(ACTION, 'NActions')):
                names.append(self.ask(ACTION, 'GetName', '(i)', index))
        except GLib.Error:
            pass
        return names

    def act(self, name):
        assert self.ask(ACTION, 'DoAction', '(i)', self.actions().index(name)), f'{name} was not done'

    def extents(self):
        """(x, y, width, height) within its window."""
        return self.ask(COMPONENT, 'GetExtents', '(u)', int(Atspi.CoordType.WINDOW))

    def enter(self, text):
        """Puts a text into an entry. TRUE when it took it."""
        return self.ask(EDITABLE, 'SetTextContents', '(s)', text)

    def parent(self):
        return Node(*self.get(ACCESSIBLE, 'Parent'))


def has_state(words, state):
    return bool(words[int(state) // 32] >> int(state) % 32 & 1)


def is_shown(chain):
    """Whether none of a widget and those around it is hidden."""
    answers = ask([node.question(ACCESSIBLE, 'GetState') for node in chain])
    return not any(isinstance(answer, GLib.Error) for answer in answers) and all(has_state(answer[0], State.VISIBLE) for answer in answers)


def chain_of(node):
    """It and all that it is in, up to its window."""
    chain = [node]
    while role_of(chain[-1]) != 'frame':
        chain.append(chain[-1].parent())
    return chain


def role_called(number):
    """The name of a role, as GTK 4.8 and at-spi2-core 2.46 say it; newer ones have other names for some."""
    name = Atspi.role_get_name(Atspi.Role(number))
    return {'button': 'push button', 'toggle button': 'push button', 'grouping': 'panel', 'switch': 'check box'}.get(name, name)


def children(node):
    return [Node(*child) for child in node.ask(ACCESSIBLE, 'GetChildren')]


def apps():
    """All that are on the bus. One that was killed stays among them for a while."""
    return children(Node('org.a11y.atspi.Registry', ROOT))


def app_of(pid):
    """The accessible application of a process, or None."""
    driver = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'GetConnectionUnixProcessID')
    there = apps()
    pids = ask([(*driver, GLib.Variant('(s)', (app.bus_name,))) for app in there])
    return next((app for app, answer in zip(there, pids) if answer == (pid,)), None)


def levels(root):
    """(node, its role, its children) of all that is showing below @root, each level from left to right: what is on a hidden
    page counts as absent."""
    level = [root]
    while level:
        answers = ask([node.question(ACCESSIBLE, method) for node in level for method in ('GetState', 'GetRole', 'GetChildren')])
        following = []
        for node, answer in zip(level, zip(*[iter(answers)] * 3)):
            errors = [part for part in answer if isinstance(part, GLib.Error)]
            if errors and node is root:
                raise errors[0]
            if errors or node is not root and not has_state(answer[0][0], State.VISIBLE):
                continue
            below = [Node(*child) for child in answer[2][0] if child[0] == root.bus_name]
            following += below
            yield node, role_called(answer[1][0]), below
        level = following


def seen(root):
    """(node, its role, how deep it is) of all that is showing below @root, in the order of a screen reader."""
    facts = {node.path: (role, below) for node, role, below in levels(root)}

    def visit(node, depth):
        if node.path in facts:
            role, below = facts[node.path]
            yield node, role, depth
            for child in below:
                yield from visit(child, depth + 1)

    return list(visit(root, 0))


def walk(root):
    return [node for node, _, _ in seen(root)]


def role_of(node):
    return role_called(node.ask(ACCESSIBLE, 'GetRole'))


def own_names(nodes):
    answers = ask([node.question(PROPERTIES, 'Get', '(ss)', ACCESSIBLE, 'Name') for node in nodes])
    return ['' if isinstance(answer, GLib.Error) else answer[0] for answer in answers]


def own_texts(nodes):
    """None for what is no text. GTK 4.8 takes no -1 for the end."""
    lengths = ask([node.question(PROPERTIES, 'Get', '(ss)', TEXT, 'CharacterCount') for node in nodes])
    known = [(at, answer[0]) for at, answer in enumerate(lengths) if not isinstance(answer, GLib.Error)]
    answers = ask([nodes[at].question(TEXT, 'GetText', '(ii)', 0, length) for at, length in known])
    texts_at = {at: answer[0] for (at, _), answer in zip(known, answers) if not isinstance(answer, GLib.Error)}
    return [texts_at.get(at) for at in range(len(nodes))]


def names_of(nodes):
    """Their names or, as for menu items of newer GTK, what labels them says: a screen reader does the same."""
    names = own_names(nodes)
    nameless = [at for at, name in enumerate(names) if not name]
    relations = ask([nodes[at].question(ACCESSIBLE, 'GetRelationSet') for at in nameless])
    for at, answer in zip(nameless, relations):
        labels = [] if isinstance(answer, GLib.Error) else [
            Node(*target) for kind, targets in answer[0] if kind == int(Atspi.RelationType.LABELLED_BY) for target in targets]
        if labels:
            names[at] = ' '.join(name or text or '' for name, text in zip(own_names(labels), own_texts(labels)))
    return names


def texts_of(nodes):
    """What labels say; the names of what is no text."""
    found = own_texts(nodes)
    silent = [at for at, text in enumerate(found) if text is None]
    for at, name in zip(silent, own_names([nodes[at] for at in silent])):
        found[at] = name
    return found


def name_of(node):
    return names_of([node])[0]


def text_of(node):
    return texts_of([node])[0]


def find_all(root, role=None, name=None, text=None):
    """All with this role name whose name or text contains what is asked."""
    nodes = [node for node, its_role, _ in seen(root) if role in (None, its_role)]
    for part, read in ((name, names_of), (text, texts_of)):
        if part is not None:
            nodes = [node for node, word in zip(nodes, read(nodes)) if part in word]
    return nodes


def find(root, role=None, name=None, text=None):
    found = find_all(root, role, name, text)
    return found[0] if found else None


def find_action(root, name):
    """The first widget that has an action of this name, or None."""
    nodes = walk(root)
    counts = ask([node.question(PROPERTIES, 'Get', '(ss)', ACTION, 'NActions') for node in nodes])
    known = [(node, i) for node, count in zip(nodes, counts) if not isinstance(count, GLib.Error) for i in range(count[0])]
    names = ask([node.question(ACTION, 'GetName', '(i)', i) for node, i in known])
    return next((node for (node, _), answer in zip(known, names) if answer == (name,)), None)


def texts(root):
    """All labels' texts, in order."""
    return texts_of([node for node, role, _ in seen(root) if role == 'label'])


def dump(root):
    """The tree as lines, for a failing test to show."""
    everything = seen(root)
    nodes = [node for node, _, _ in everything]
    return [f'{"  " * depth}{role} “{name}” {text[:60]!r}'
            for (_, role, depth), name, text in zip(everything, names_of(nodes), texts_of(nodes))]


def press(node):
    """Runs the first action of a widget, or of the first part of it that has one (a menu button's button)."""
    for part in walk(node):
        try:
            n_actions = part.get(ACTION, 'NActions')
        except GLib.Error:  # it has none
            continue
        if n_actions > 0:
            assert part.ask(ACTION, 'DoAction', '(i)', 0), f'pressing “{name_of(part)}” failed'
            return
    raise AssertionError(f'“{name_of(node)}” cannot be pressed')


def corner_of(node):
    """Where on the screen, whose corner the window is in, that place is from which all widgets of a node's window count. Newer GTK counts
    from inside its frame, and GTK 4.24 takes the frame's width away twice from all but the frame."""
    inside, window = node, node
    while role_of(window) != 'frame':
        inside, window = window, window.parent()
    frame = window.extents()
    if inside == window:
        return -frame[0], -frame[1]
    content = inside.extents()
    return (frame[2] - content[2]) // 2 - content[0], (frame[3] - content[3]) // 2 - content[1]


def extents_of(nodes):
    """(x, y, width, height) of several within their window, asked at once."""
    answers = ask([node.question(COMPONENT, 'GetExtents', '(u)', int(Atspi.CoordType.WINDOW)) for node in nodes])
    for answer in answers:
        if isinstance(answer, GLib.Error):
            raise answer
    return [answer[0] for answer in answers]


def boxes_of(nodes):
    """The same on the screen, of several of one window."""
    left, top = corner_of(nodes[0]) if nodes else (0, 0)
    return [(x + left, y + top, width, height) for x, y, width, height in extents_of(nodes)]


def box_of(node):
    """The same of one."""
    return boxes_of([node])[0]


def center(node):
    """The middle of a widget on the screen."""
    x, y, width, height = box_of(node)
    return x + width // 2, y + height // 2
