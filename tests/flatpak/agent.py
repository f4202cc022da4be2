"""A polkit agent for what org.freedesktop.Flatpak starts on the host: it notes the prompt it should show and closes it."""
from gi.repository import Gio, GLib

AUTHORITY = ('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority', 'org.freedesktop.PolicyKit1.Authority')
INTERFACE = '''<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>
<method name='BeginAuthentication'><arg type='s'/><arg type='s'/><arg type='s'/><arg type='a{ss}'/><arg type='s'/><arg type='a(sa{sv})'/></method>
<method name='CancelAuthentication'><arg type='s'/></method></interface></node>'''


class Agent:
    """Its calls arrive in the default main context: iterate that."""

    def __init__(self):
        self.prompts = []
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        session.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'StartServiceByName',
                          GLib.Variant('(su)', ('org.freedesktop.Flatpak', 0)), None, 0, 5000)
        pid = session.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                                'GetConnectionUnixProcessID', GLib.Variant('(s)', ('org.freedesktop.Flatpak',)), None, 0, 5000)[0]
        with open(f'/proc/{pid}/stat') as file:
            start_time = int(file.read().rsplit(')', 1)[1].split()[19])
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
        self.bus.register_object('/test/agent', node.interfaces[0], self.on_call, None, None)
        subject = ('unix-process', {'pid': GLib.Variant('u', pid), 'start-time': GLib.Variant('t', start_time)})
        self.bus.call_sync(*AUTHORITY, 'RegisterAuthenticationAgent', GLib.Variant('((sa{sv})ss)', (subject, 'C', '/test/agent')),
                           None, 0, 5000)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'BeginAuthentication':
            self.prompts.append(parameters[1])
            invocation.return_dbus_error('org.freedesktop.PolicyKit1.Error.Cancelled', 'closed')
        else:
            invocation.return_value(None)
