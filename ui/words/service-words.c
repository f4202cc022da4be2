/* By name, not by number: a service may have several ports, and a port another service for each protocol. */
#include "service-words.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *service; /* as pl_service_title() has it; in order */
  const char *purpose;
} Purpose;

/* Translators: what a port is for, after "usually: " or behind a colon; no full stop */
static const Purpose purposes[] = {
  { "afp", N_ ("files shared with Macs") },
  { "amqp", N_ ("messages between programs") },
  { "amqps", N_ ("messages between programs, encrypted") },
  { "bgp", N_ ("routers telling each other the ways through the Internet") },
  { "collectd", N_ ("figures of how servers are doing") },
  { "couchdb", N_ ("a database") },
  { "daap", N_ ("a shared music library") },
  { "dhcp", N_ ("getting an address when a computer joins a network") },
  { "dhcpv6-client", N_ ("getting an IPv6 address when a computer joins a network") },
  { "dhcpv6-server", N_ ("getting an IPv6 address when a computer joins a network") },
  { "dns", N_ ("finding the address that belongs to a name") },
  { "dns-tls", N_ ("finding the address that belongs to a name, encrypted") },
  { "docker", N_ ("steering containers, not encrypted") },
  { "docker-s", N_ ("steering containers, encrypted") },
  { "dropbox", N_ ("finding other computers with Dropbox on the local network") },
  { "elasticsearch", N_ ("a database for searching text") },
  { "epmap", N_ ("finding the services of a Windows computer") },
  { "ftp", N_ ("files, not encrypted") },
  { "ftp-data", N_ ("files, not encrypted") },
  { "ftps", N_ ("files, encrypted") },
  { "git", N_ ("source code, not encrypted") },
  { "google-push", N_ ("notifications for Android and Chrome") },
  { "http", N_ ("web pages, not encrypted") },
  { "http-alt", N_ ("web pages, often of a program in development or of a device") },
  { "http-proxy", N_ ("reaching the web by way of another computer (a proxy)") },
  { "https", N_ ("web pages and what apps fetch from their servers, encrypted") },
  { "https-alt", N_ ("web pages, often of a program in development or of a device, encrypted") },
  { "ike", N_ ("setting up a VPN (IPsec)") },
  { "imap", N_ ("reading mail") },
  { "imaps", N_ ("reading mail, encrypted") },
  { "influxdb", N_ ("a database of figures over time") },
  { "ipmi", N_ ("steering a server even when it is off") },
  { "ipp", N_ ("printing") },
  { "ipsec", N_ ("a VPN (IPsec)") },
  { "irc", N_ ("chat") },
  { "ircs", N_ ("chat, encrypted") },
  { "iscsi-target", N_ ("disks of another computer") },
  { "kafka", N_ ("messages between programs") },
  { "kerberos", N_ ("proving who one is in a company’s network") },
  { "kubernetes", N_ ("steering containers on many computers") },
  { "l2tp", N_ ("a VPN") },
  { "ldap", N_ ("looking up people and accounts") },
  { "ldaps", N_ ("looking up people and accounts, encrypted") },
  { "llmnr", N_ ("finding a computer of the local network by its name") },
  { "mdns", N_ ("finding printers, players and computers on the local network") },
  { "memcache", N_ ("data that web servers keep at hand") },
  { "mongodb", N_ ("a database") },
  { "mpd", N_ ("steering a music player") },
  { "mqtt", N_ ("messages of devices and sensors") },
  { "mssql", N_ ("a database") },
  { "munin", N_ ("figures of how servers are doing") },
  { "mysql", N_ ("a database") },
  { "nat-pmp", N_ ("asking the router to open a port") },
  { "netbios-dgm", N_ ("Windows computers of the local network, the old way") },
  { "netbios-ns", N_ ("names of Windows computers, the old way") },
  { "netbios-ssn", N_ ("files shared by Windows computers, the old way") },
  { "nfs", N_ ("files of another computer") },
  { "nntp", N_ ("newsgroups") },
  { "nntps", N_ ("newsgroups, encrypted") },
  { "ntp", N_ ("setting the clock") },
  { "ntske", N_ ("setting the clock by a server that proves who it is") },
  { "openvpn", N_ ("a VPN") },
  { "oracle", N_ ("a database") },
  { "pop3", N_ ("fetching mail") },
  { "pop3s", N_ ("fetching mail, encrypted") },
  { "postgresql", N_ ("a database") },
  { "pptp", N_ ("a VPN of an old kind") },
  { "printer", N_ ("printing") },
  { "privoxy", N_ ("reaching the web by way of a filter (a proxy)") },
  { "radius", N_ ("asking who may join a network") },
  { "radius-acct", N_ ("counting who uses a network") },
  { "rdp", N_ ("seeing and steering another computer’s screen") },
  { "redis", N_ ("a database") },
  { "rpcbind", N_ ("finding the services of another computer, mostly for its files") },
  { "rsync", N_ ("copying files") },
  { "rtmp", N_ ("live video") },
  { "rtsp", N_ ("video, often of a camera") },
  { "rtsp-alt", N_ ("video, often of a camera") },
  { "sane-port", N_ ("scanning") },
  { "secure-mqtt", N_ ("messages of devices and sensors, encrypted") },
  { "sip", N_ ("setting up phone calls") },
  { "sips", N_ ("setting up phone calls, encrypted") },
  { "smb", N_ ("files and printers shared on a local network") },
  { "smtp", N_ ("mail on its way from server to server") },
  { "smtps", N_ ("sending mail, encrypted") },
  { "snmp", N_ ("watching over routers, printers and other devices") },
  { "snmptrap", N_ ("devices reporting trouble") },
  { "socks", N_ ("reaching others by way of another computer (a proxy)") },
  { "spotify", N_ ("music and its control by Spotify") },
  { "ssdp", N_ ("finding televisions, players and routers on the local network") },
  { "ssh", N_ ("a command line on another computer, or copying files, encrypted") },
  { "ssh-alt", N_ ("a command line on another computer, or copying files, encrypted") },
  { "stun", N_ ("finding out how one is seen from the Internet, for calls and games") },
  { "stuns", N_ ("finding out how one is seen from the Internet, for calls and games, encrypted") },
  { "submission", N_ ("sending mail") },
  { "svn", N_ ("source code") },
  { "syslog", N_ ("passing log messages on") },
  { "syslog-tls", N_ ("passing log messages on, encrypted") },
  { "teamviewer", N_ ("seeing and steering another computer’s screen") },
  { "telnet", N_ ("a command line on another computer, not encrypted") },
  { "teredo", N_ ("IPv6 through a network that has none") },
  { "tftp", N_ ("files, often while a device starts") },
  { "tor", N_ ("reaching others through the Tor network") },
  { "ups", N_ ("watching over a battery for power cuts") },
  { "vnc", N_ ("seeing and steering another computer’s screen") },
  { "whois", N_ ("asking who owns a name or an address") },
  { "ws-discovery", N_ ("finding printers and scanners on the local network") },
  { "x11", N_ ("windows of programs that run on another computer") },
  { "xmpp-client", N_ ("chat") },
  { "xmpp-server", N_ ("chat on its way from server to server") },
  { "zabbix-agent", N_ ("figures of how servers are doing") },
  { "zabbix-trapper", N_ ("figures of how servers are doing") },
};

static int
compare_service (const void *key, const void *row)
{
  return strcmp (key, ((const Purpose *)row)->service);
}

const char *
pl_words_purpose (const char *service)
{
  const Purpose *found = service != NULL
                             ? bsearch (service, purposes, G_N_ELEMENTS (purposes), sizeof purposes[0], compare_service)
                             : NULL;

  return found != NULL ? _ (found->purpose) : NULL;
}
