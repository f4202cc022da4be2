/* Every cap in the program, with its unit and its reason. What a cap turns away is counted, and the counter is shown. */
#pragma once

/* ---- wire: what one packet may make us do ---- */
#define PL_LIMIT_VLAN_TAGS 4          /* tags; 802.1ad needs two, more is a loop or an attack */
#define PL_LIMIT_IPV6_EXTENSIONS 16   /* headers walked before a packet is called undecodable */
#define PL_LIMIT_FRAGMENTS 4096       /* datagrams whose first fragment is remembered */
#define PL_LIMIT_FRAGMENT_AGE_US (30 * 1000000ull) /* RFC 8200 4.5 gives up at 60 s; ports are only wanted while flowing */

/* ---- talk: what one message may make us do ---- */
#define PL_LIMIT_DNS_ADDRESSES 16     /* of one answer: larger ones than some 8 are rare */
#define PL_LIMIT_DNS_RECORDS 64       /* answers looked at in one */
#define PL_LIMIT_DNS_WALKS 8          /* over them, where aliases stand behind what they lead to; some lead in a circle */
#define PL_LIMIT_DNS_QUESTIONS 1024   /* that wait for their answer; an older one's is not believed past it */
#define PL_LIMIT_PROXIED 256          /* connections remembered that asked a proxy for another */
#define PL_LIMIT_HELLOS 64            /* beginnings of TLS that go on in their connection's next segment */
#define PL_LIMIT_QUICS 64             /* QUIC connections whose beginnings are put together */
#define PL_LIMIT_QUICS_IN_HZ 1000     /* datagrams that QUIC begins with opened a second of those that came in, at 13 µs a packet */
#define PL_LIMIT_DATAGRAM_PACKETS 4   /* of QUIC's in one datagram: more are there where several are handed over as one */
#define PL_LIMIT_INITIAL_BYTES 2048   /* of a packet that QUIC begins with: they have 1,200 to 1,500 */
#define PL_LIMIT_HELLO_BYTES 4096     /* of such a beginning: with keys against quantum computers it has 1,800 */
#define PL_LIMIT_NAMES_TOLD 16384     /* names that wait for the main loop: of a file with as many connections at once */

/* ---- capture ---- */
#define PL_LIMIT_SNAPLEN_BYTES 2688   /* a greeting fits that the network card cuts: of TLS 2,016 bytes, of QUIC two packets of 1,280, and headers */
#define PL_LIMIT_RING_BYTES (16 << 20) /* kernel ring: in a 200 ms stall 0 lost of 200 k small packets/s, 1 to 7 % of 55 to 85 k full frames/s */
#define PL_LIMIT_FRAME_BYTES (1 << 18) /* longest record a file may hold: libpcap's own MAXIMUM_SNAPLEN */
#define PL_LIMIT_PCAPNG_BLOCK_BYTES (16 << 20) /* longest pcapng block read */
#define PL_LIMIT_PCAPNG_INTERFACES 4096 /* interfaces in one pcapng section */
#define PL_LIMIT_IFACES 4096          /* interface names one capture may hold */
#define PL_LIMIT_FLOWS (1 << 20)      /* flows in the capture thread's table; past it the idlest leave into "others" */
#define PL_LIMIT_BATCH_FLOWS 65536    /* changed flows in one batch; the rest wait for the next */
#define PL_LIMIT_BATCH_GONE 65536     /* ids of departed flows in one batch */
#define PL_BATCH_INTERVAL_US 200000   /* µs between two batches while packets flow: 5 Hz */
#define PL_ENDED_LINGER_US (15 * 1000000ull) /* µs a closed flow stays in a live window before it joins "ended" */
#define PL_IDLE_LINGER_US (120 * 1000000ull) /* µs without a packet after which a flow without a lifecycle ends: RFC 4787 REQ-5 */
#define PL_CLOCK_BACK_US (2 * 1000000ull) /* µs by which a live packet is never older than one before it, nor from ahead, unless the clock was set back */
#define PL_KEPT_OUT_FOR_US (2 * 1000000ull) /* µs for which a host that rejects may say nothing of it: Linux sends one such error a second */
#define PL_KEPT_OUT_LET_IN 3          /* answers after it that met nothing, after which they get through */
#define PL_IDLE_AFTER_US (10 * 1000000ull) /* µs without a packet after which UDP and others read "idle" */
#define PL_LIMIT_LOCAL_CANDIDATES 64  /* addresses weighed when a file does not say which end is local */
#define PL_LIMIT_LOCAL_PREFIXES 256   /* --local arguments, and addresses of this machine */
#define PL_LIMIT_FILTER_CHARS 4096    /* characters of a capture filter */
#define PL_LIMIT_HELPER_SAID_BYTES 4096 /* of what portlight-helper or pkexec writes to descriptor 2 */
#define PL_LIMIT_STOP_US 600000       /* µs a stopped capture takes what its helper still hands over: 16 MiB of ring in 100 ms, on a busy machine */
#define PL_LIMIT_STOP_SILENCE_US 250000 /* µs of them without a byte: a block of the ring's is handed over after 50 ms */
#define PL_LIMIT_STALL_US 10000000      /* µs the main loop may leave a batch before its helper is not listened to either */

/* ---- owner ---- */
#define PL_LIMIT_OWNER_QUESTIONS 16384 /* new flows waiting for the owner thread; a 10 k SYN burst fits */
#define PL_LIMIT_SENDERS 65536        /* senders remembered that tracepoints told of: a burst's, for its questions (3 MB) */
#define PL_LIMIT_SENDER_PROCESSES 16384 /* of their processes, as they were */
#define PL_LIMIT_REFUSAL_WAIT_S 10 /* s polkit may take to say why it refused: it says so in 30 ms */
#define PL_LIMIT_HELPER_WAIT_US 20000 /* µs portlight-helper's answer is waited for: a hundred times what it takes */
#define PL_LIMIT_HELPER_PARTS 16 /* answers of 8 KB that one list of a network namespace may take */
#define PL_LIMIT_HELPER_HELD_US 500000 /* µs what it said a process holds is believed: half the time between two dumps */
#define PL_LIMIT_OWNER_PATIENCE_US (30 * 1000000ll) /* µs after its packet a question waits for a helper that others have, or that is slow */
#define PL_SENDER_AGE_US 1200000      /* µs for which a sender is told once only: so old may it be for a packet */
#define PL_SENDER_WAIT_US 1000        /* µs a question waits for its sender to be told; ten times what it takes */
#define PL_SENDER_LATE_US 20000       /* µs an unnamed one waits on a busy machine */
#define PL_LIMIT_NETWORKS 256         /* other network namespaces looked at */
#define PL_LIMIT_NETWORK_ADDRESSES 4096 /* addresses of theirs */
#define PL_LIMIT_NETWORK_LINES 16384  /* lines read of one list of addresses */
#define PL_LIMIT_PORT_REUSES 64       /* ports of UDP that changed hands, until their next packet is counted; past it flows stay one */
#define PL_LIMIT_PORT_MEMORY 16384    /* ends of UDP flows whose sockets are remembered; of older ones no change of hands is noticed */
#define PL_LIMIT_PORT_GRAVES 1024     /* sockets of UDP remembered that closed: 0.3 s of 3,400 closings a second */
#define PL_RESUMED_SPAN_US 250000     /* µs in which */
#define PL_LIMIT_RESUMED 64           /* UDP flows that resumed are asked about; the others are at their next datagram: 2,000 a second cost 3.5 % of a core */
#define PL_DATAGRAM_PAUSE_MS 2       /* ms of silence after which a UDP flow may be another process's */
#define PL_LIMIT_PAUSES 256          /* pauses of UDP flows whose counts are remembered, should a change of hands be told late: 50 ms at 5,000 a second */
#define PL_PORT_REUSE_AGE_US (3 * 1000000ull) /* µs that is waited for */
#define PL_LIMIT_OWNER_ANSWERS 65536  /* answers waiting for the main loop */
#define PL_LIMIT_NEWEST_PIDS 32       /* newest processes searched before the full scan */
#define PL_LIMIT_NEWEST_KEPT 256      /* newest processes remembered between two questions */
#define PL_LIMIT_PROCESSES 32768      /* processes remembered */
#define PL_LIMIT_PROC_EVENTS_BYTES (1 << 20) /* of the kernel for news of processes: some 1,000; it grants less to ordinary users */
#define PL_LIMIT_EXECED 512           /* programs read as they were started, in case they end before they are asked about */
#define PL_LIMIT_FIRST_LOOKS_HZ 500 /* sockets looked up by the capture thread itself a second, at 60 µs each: the owner thread does the rest */
#define PL_LIMIT_HELD_FDS 64 /* descriptor directories of the programs started last, each one descriptor of ours */
#define PL_LIMIT_EXECED_HZ 500        /* of them a second, at 60 to 90 µs each: more are left to be read when asked about */
#define PL_LIMIT_INODES 65536         /* socket inodes remembered */
#define PL_LIMIT_SOCKETS 65536        /* sockets of one sock_diag dump */
#define PL_LIMIT_CLOSED_SOCKETS 16384 /* closings remembered between two dumps */
#define PL_LIMIT_DESTROY_BUFFER_BYTES (4 << 20) /* of the kernel for news of closings; it grants less to ordinary users */
#define PL_LIMIT_CMDLINE_BYTES 4096   /* of a command line kept */
#define PL_LIMIT_NETLINK_WAIT_MS 200  /* ms the kernel's answer is waited for: it comes at once or never */
#define PL_LIMIT_PROCESS_FDS 65536    /* descriptors of one process looked at by a full scan (3 µs each) */
#define PL_LIMIT_NEWEST_FDS 256       /* … by the newest-pids search, which answers while others wait */
#define PL_LIMIT_RECENT_FDS 1024       /* … of a process that answered lately, when nobody else waits */
#define PL_LIMIT_SECOND_LOOKS 1024    /* accepted connections waiting for the same look at their holder */
#define PL_SECOND_LOOK_US 30000       /* µs from a connection's first packet until it was surely accepted, if it is */
#define PL_HANDED_LOOK_US 300000      /* … until a server has started a program for it, and closed it itself */
#define PL_LAST_LOOK_US 1500000       /* … until a slow one has */
#define PL_LOOK_ROUND_US 50000        /* µs between two rounds of such looks: one wake-up for all that are due */
#define PL_KIN_LASTS_US 2000000       /* µs for which it is known which processes are the same program: 15 µs for each of them to learn */
#define PL_LIMIT_KEEPERS 1024         /* listeners of which it is known whether their process keeps what it accepts */
#define PL_KEEPER_SAMPLE_US 10000     /* µs between two looks at connections of one that always did, as a mean: 20 µs most often */
#define PL_KEEPER_CREDIT 50           /* of them at once */
#define PL_LIMIT_OWNER_PENDING 4096   /* questions waiting for a full scan; past it they are answered without one */
#define PL_LIMIT_DESKTOP_FILES 4096    /* desktop files indexed */
#define PL_LIMIT_DESKTOP_FILE_BYTES (1 << 20) /* bytes of one: with all its translations, 50 KB is large */
#define PL_LIMIT_CGROUPS 16384         /* cgroups whose path is remembered */
#define PL_CGROUP_WALK_INTERVAL_US (1 * 1000000ll) /* µs between two walks over the cgroups: one takes milliseconds */
#define PL_LIMIT_CONTAINER_FILE_BYTES (4 << 20) /* bytes of an engine's file read for a container's name */
#define PL_LIMIT_ELUSIVE_US 200000     /* µs a holder that the quick search missed is left to scans */
#define PL_LIMIT_NOBODY_US (5 * 1000000ll) /* µs a socket without a visible holder is not searched again */

/* ---- model and scene ---- */
#define PL_LIMIT_NAMED_ADDRESSES 16384 /* addresses whose names are remembered; past it the one told longest ago is forgotten */
#define PL_LIMIT_NAMES_OF_ADDRESS 4   /* that an address had last: which of them a flow meant is told by when it began */
#define PL_LIMIT_EARLY_NAMES 4096     /* names of flows whose first batch is still on its way */
/* flows the main loop keeps, fading ones besides: the capture's, and what a batch and the sockets add before the capture's
 * leavers are told */
#define PL_LIMIT_MODEL_FLOWS (PL_LIMIT_FLOWS + PL_LIMIT_BATCH_FLOWS + PL_LIMIT_SOCKETS)
#define PL_LIMIT_SLICE_FLOWS 2048     /* flows of a batch that one turn of the main loop takes over: 2 ms where all are new */
#define PL_LIMIT_EARLY_ANSWERS 65536  /* flows with an owner whose first batch is still on its way */
#define PL_EARLY_ANSWER_AGE_US (10 * 1000000ll) /* µs such an answer waits; a batch is late by seconds at worst */
#define PL_GONE_LINGER_US (3 * 1000000ll) /* µs a departed flow fades before it is dropped */
#define PL_RATE_TIME_CONSTANT_US (2 * 1000000ll) /* µs over which a rate forgets */
#define PL_RATE_SILENCE_US (8 * 1000000ll) /* µs without a byte after which a rate reads 0: by then it decayed to 2 % */
#define PL_NO_ANSWER_AFTER_US (3 * 1000000ull) /* µs a SYN may wait: the second retry is due then (RFC 6298 5.5, 5.7) */
#define PL_NO_ANSWER_RETRIES 2        /* SYNs repeated without an answer */
#define PL_COMMIT_INTERVAL_US 100000  /* µs at least between two updates of the views: 10 Hz */
#define PL_SOCKETS_INTERVAL_US 1000000 /* µs between two dumps of the sockets */
#define PL_DECAY_INTERVAL_US 250000   /* µs between two updates while nothing arrives but rates still fall: 4 Hz */
#define PL_LIMIT_SCENE_EDGES 300      /* edges drawn; past it apps, port classes and endpoints bundle: more is a hairball */
#define PL_LIMIT_PROCESS_ROWS 100     /* processes of one app listed in the details; how many more there are is said */
#define PL_LIMIT_PICTURE_PIXELS (64 << 20) /* of an exported PNG: 256 MB while it is drawn; SVG has no such limit */
#define PL_SCENE_UNFOLD_STEP 32       /* apps, ports, hosts or flows that one unfolding shows more of */
#define PL_LIMIT_SCENE_UNFOLDED 128   /* the most that unfolding shows of one bundle or line */
#define PL_LIMIT_SCENE_UNFOLDED_ALL 1024 /* and of all of them: half of what is laid out */
#define PL_LIMIT_ICON_BYTES (256 << 10) /* bytes of an icon's file that a picture takes along: most have 5 to 60 KB */
#define PL_LIMIT_ICON_SIDE_PX 1024    /* of such a PNG: 256 KB can unpack to gigabytes */
#define PL_LIMIT_ICON_FILES 1024      /* files of icons read for one picture */
#define PL_LIMIT_ICON_TOTAL_BYTES (8 << 20) /* bytes of icons in one picture; past them apps have letters */
#define PL_LIMIT_ICON_THEMES 16       /* themes that one inherits */
#define PL_LIMIT_ICON_FOLDERS 4096    /* directories of themes: hicolor lists 650 a base, and few are there */
#define PL_LIMIT_ICON_INDEX_BYTES (1 << 20) /* bytes of an index.theme: hicolor's has 60 KB */
#define PL_LIMIT_REDACTED 65536       /* apps, processes and addresses each, whose tokens one window remembers; past it the same one gets another */
#define PL_LIMIT_SCENE_APPS 4096      /* apps remembered by key; past it those without a flow are forgotten */
#define PL_LIMIT_FILTER_TERMS 256     /* things filtered to and hidden at once: each flow is asked about each of them */
