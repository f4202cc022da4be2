"""A window with a file's graph, and what is done at its nodes."""
import atspi
from harness import Portlight

LINK = 'push button'


class GraphWindow(Portlight):
    def node(self, name):
        return self.wait_for(LINK, name=name)

    def gone(self, name):
        self.wait_until_gone(LINK, name=name)

    def focus_is_at(self, name):
        return atspi.wait(lambda: [node for node in atspi.find_all(self.window, LINK, name) if node.has(atspi.State.FOCUSED)],
                          f'focus at {name}')

    def act(self, action):
        """An action by its name, as assistive technology invokes it: for what has the focus, where it is one of the graph's."""
        atspi.wait(lambda: atspi.find_action(self.window, action), action).act(action)
