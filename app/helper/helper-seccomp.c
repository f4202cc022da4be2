/* The last stage: after it only the system calls of the capture loop are left, with the descriptors and options it uses.
 * A packet socket can then be read but not written to, so that a captured helper can't put a frame on the wire.
 *
 * What libpcap or libc may harmlessly try is refused with EPERM; everything else kills the process. Known for x86_64 and
 * aarch64; elsewhere the helper runs without this stage and says so. Also without it: builds with a sanitizer, whose
 * runtime needs more. */
#include "helper.h"
#include "protocol.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#undef ARCHITECTURE
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#undef ARCHITECTURE
#endif
#endif

#ifdef ARCHITECTURE

enum test
{
  NONE = 0,
  IS,
  LACKS
}; /* an argument's low 32 bits: equal to the value; none of its bits */

struct rule /* a call that satisfies both conditions gets its action; else the next rule is tried */
{
  int call;
  struct
  {
    enum test test;
    uint32_t argument, value;
  } when[2];
  bool refuse; /* EPERM instead of allowed */
};

/* clang-format off */
static const struct rule rules[] = {
  { SYS_ppoll }, { SYS_recvfrom }, { SYS_recvmsg }, { SYS_getsockopt },
  { SYS_read, { { IS, 0, STDIN_FILENO } } },
  { SYS_write, { { IS, 0, STDOUT_FILENO } } },
  { SYS_write, { { IS, 0, STDERR_FILENO } } },
  { SYS_sendto, { { IS, 0, STDIN_FILENO }, { IS, 4, 0 } } }, /* to nobody but the other end */
  { SYS_clock_gettime }, { SYS_gettimeofday }, { SYS_restart_syscall }, { SYS_rt_sigreturn }, { SYS_rt_sigprocmask },
  { SYS_exit }, { SYS_exit_group }, { SYS_brk }, { SYS_munmap }, { SYS_mremap }, { SYS_madvise }, { SYS_futex },
  { SYS_mmap, { { LACKS, 2, PROT_EXEC } } }, { SYS_getrandom },
#ifdef __x86_64__ /* calls that newer architectures never had */
  { SYS_poll },
#endif
  { SYS_ioctl, .refuse = true }, { SYS_fcntl, .refuse = true }, { SYS_openat, .refuse = true },
  { SYS_newfstatat, .refuse = true }, { SYS_fstat, .refuse = true }, { SYS_prctl, .refuse = true },
};
/* clang-format on */

#define N_RULES (sizeof rules / sizeof *rules)
#define LOAD(field) (struct sock_filter) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, field))

/* Seven instructions at most a rule. Returns how many it took. */
static int
compile_rule (struct sock_filter *code, const struct rule *rule)
{
  int n = 0, n_tests = (rule->when[0].test != NONE) + (rule->when[1].test != NONE);

  code[n++] = (struct sock_filter)BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, rule->call, 0, n_tests * 2 + 1 + (n_tests > 0));
  for (int i = 0; i < n_tests; i++)
    {
      int left = (n_tests - i - 1) * 2 + 1; /* instructions to the end of what a match runs through */

      code[n++] = LOAD (args[0]);
      code[n - 1].k += rule->when[i].argument * sizeof (uint64_t) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
      code[n++] = rule->when[i].test == IS
                      ? (struct sock_filter)BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, rule->when[i].value, 0, left)
                      : (struct sock_filter)BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, rule->when[i].value, left, 0);
    }
  code[n++] =
      (struct sock_filter)BPF_STMT (BPF_RET | BPF_K, rule->refuse ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
  if (n_tests > 0)
    code[n++] = LOAD (nr); /* back for the next rule */
  return n;
}

void
pl_seccomp_capture (void)
{
  struct sock_filter code[4 + N_RULES * 7 + 1];
  int n = 0;

  code[n++] = LOAD (arch);
  code[n++] = (struct sock_filter)BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  code[n++] = (struct sock_filter)BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  code[n++] = LOAD (nr); /* x32 calls have bit 30 set: no rule matches them */
  for (size_t i = 0; i < N_RULES; i++)
    n += compile_rule (code + n, &rules[i]);
  code[n++] = (struct sock_filter)BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  struct sock_fprog program = { .len = n, .filter = code };
  if (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot bar system calls (seccomp: %s), so it does not start", strerror (errno));
}

#else

void
pl_seccomp_capture (void)
{
  static const char note[] = "portlight-helper: runs without seccomp here (processor or build it is not made for)\n";

  if (write (STDERR_FILENO, note, sizeof note - 1) < 0)
    return;
}

#endif
