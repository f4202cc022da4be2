"""The desktop’s part of a notification: org.freedesktop.Notifications on the test’s session bus."""
import subprocess

from gi.repository import Gio, GLib

import atspi

NOTIFICATIONS = '''<node><interface name='org.freedesktop.Notifications'>
<method name='Notify'><arg type='s'/><arg type='u'/><arg type='s'/><arg type='s'/><arg type='s'/><arg type='as'/>
<arg type='a{sv}'/><arg type='i'/><arg type='u' direction='out'/></method>
<method name='CloseNotification'><arg type='u'/></method>
<method name='GetCapabilities'><arg type='as' direction='out'/></method>
<method name='GetServerInformation'><arg type='s' direction='out'/><arg type='s' direction='out'/><arg type='s' direction='out'/>
<arg type='s' direction='out'/></method></interface></node>'''


def look_away():
    """The focus goes with the pointer, which is beside the window then."""
    subprocess.run(['xdotool', 'mousemove', '1270', '790', 'windowfocus', '1'], check=False)


def iterate():
    while GLib.MainContext.default().iteration(False):
        pass


class NotificationServer:
    """Keeps what it was asked to show. Its calls arrive in the default main context."""

    def __init__(self):
        self.shown = []
        self.closed = []  # their numbers
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        node = Gio.DBusNodeInfo.new_for_xml(NOTIFICATIONS)
        self.object = self.bus.register_object('/org/freedesktop/Notifications', node.interfaces[0], self.on_call, None, None)
        self.name = Gio.bus_own_name_on_connection(self.bus, 'org.freedesktop.Notifications', 0, None, None)

    def leave(self):
        Gio.bus_unown_name(self.name)
        self.bus.unregister_object(self.object)

    def wait(self, patience_s=atspi.PATIENCE_S):
        """Title and body of the first one that came since the last time."""
        def told():
            iterate()
            return self.shown
        title, body = atspi.wait(told, 'a notification', patience_s)[0]
        self.shown.clear()
        return title, body

    def wait_until_closed(self, patience_s=atspi.PATIENCE_S):
        """The last one."""
        def closed():
            iterate()
            return self.closed
        atspi.wait(closed, 'the end of the notification', patience_s)
        self.closed.clear()

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'Notify':
            self.shown.append((parameters[3], parameters[4]))
            invocation.return_value(GLib.Variant('(u)', (len(self.shown),)))
        elif method == 'CloseNotification':
            self.closed.append(parameters[0])
            invocation.return_value(None)
        elif method == 'GetCapabilities':
            invocation.return_value(GLib.Variant('(as)', (['body', 'actions'],)))
        elif method == 'GetServerInformation':
            invocation.return_value(GLib.Variant('(ssss)', ('test', 'test', '1', '1.2')))
        else:
            invocation.return_value(None)
